// One slot's picture. The last frame stays in place until a frame of the next connection is there.

import { useEffect, useRef } from 'preact/hooks';

interface Props {
  slot: string;
  track: MediaStreamTrack | undefined;
  onShown: () => void;
}

export function Picture({ slot, track, onShown }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!video.current || !still.current || !track) return undefined;
    return change(video.current, still.current, track, onShown);
  }, [track]);
  return (
    <>
      <video ref={video} data-slot={slot} data-testid={`picture-${slot}`} autoplay playsinline muted />
      <canvas ref={still} class="still" hidden aria-hidden="true" />
    </>
  );
}

/** Puts the new track in, behind a copy of the last frame; returns what forgets the waiting. */
function change(video: HTMLVideoElement, still: HTMLCanvasElement, track: MediaStreamTrack, shown: () => void): () => void {
  keep(video, still);
  video.srcObject = new MediaStream([track]);
  void video.play().catch(() => {});
  const first = (): void => {
    still.hidden = true;
    shown();
  };
  return onFirstFrame(video, first);
}

function keep(video: HTMLVideoElement, still: HTMLCanvasElement): void {
  if (video.videoWidth === 0) return;
  still.width = video.videoWidth;
  still.height = video.videoHeight;
  still.getContext('2d')?.drawImage(video, 0, 0);
  still.hidden = false;
}

/** `requestVideoFrameCallback` came with Chromium 83; before it, loaded data is the nearest word. */
function onFirstFrame(video: HTMLVideoElement, act: () => void): () => void {
  if ('requestVideoFrameCallback' in video) {
    const handle = video.requestVideoFrameCallback(act);
    return () => video.cancelVideoFrameCallback(handle);
  }
  const old = video as HTMLVideoElement;
  old.addEventListener('loadeddata', act, { once: true });
  return () => old.removeEventListener('loadeddata', act);
}
