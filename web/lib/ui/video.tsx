// A muted picture of one track.

import { useEffect, useRef } from 'preact/hooks';

interface Props {
  track: MediaStreamTrack | null;
  label: string;
  mirror?: boolean;
}

export function Video({ track, label, mirror = false }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = track ? new MediaStream([track]) : null;
  }, [track]);
  return <video ref={video} class={mirror ? 'mirror' : ''} autoplay playsinline muted aria-label={label} />;
}
