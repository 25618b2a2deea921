// One voice. A browser that will not play it unasked is asked again at any key.

import { useEffect, useRef } from 'preact/hooks';

interface Props {
  slot: string;
  track: MediaStreamTrack | undefined;
  onState: (on: boolean) => void;
}

export function Sound({ slot, track, onState }: Props) {
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = audio.current;
    if (!element || !track) return undefined;
    element.srcObject = new MediaStream([track]);
    return playOrAsk(element, onState);
  }, [track]);
  return <audio ref={audio} autoplay data-testid={slot} />;
}

function playOrAsk(audio: HTMLAudioElement, onState: (on: boolean) => void): () => void {
  const forget = (): void => {
    document.removeEventListener('keydown', play);
    document.removeEventListener('pointerdown', play);
  };
  const refused = (error: unknown): void => {
    if (error instanceof DOMException && error.name === 'NotAllowedError') onState(false);
  };
  const play = (): void => void audio.play().then(() => (forget(), onState(true)), refused);
  document.addEventListener('keydown', play);
  document.addEventListener('pointerdown', play);
  play();
  return forget;
}
