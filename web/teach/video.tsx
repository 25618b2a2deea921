// A muted picture of one local track.

import { useEffect, useRef } from 'preact/hooks';

export function LocalVideo({ track, mirror, label }: { track: MediaStreamTrack | null; mirror: boolean; label: string }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null;
  }, [track]);
  return <video ref={video} class={mirror ? 'mirror' : ''} autoplay playsinline muted aria-label={label} />;
}
