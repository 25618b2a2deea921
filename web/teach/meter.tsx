// The microphone’s level, drawn straight to the bar so that the page itself need not be drawn thirty times a second.

import { useEffect, useRef } from 'preact/hooks';
import { t } from '../lib/i18n';

const FLOOR_DB = -60;

export function Meter({ track }: { track: MediaStreamTrack | null }) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => (track ? follow(track, (share) => show(bar.current, share)) : undefined), [track]);
  return (
    <div class="meter" role="img" aria-label={t('teach.level')}>
      <div class="meter-bar" ref={bar} />
    </div>
  );
}

function show(bar: HTMLElement | null, share: number): void {
  if (bar) bar.style.transform = `scaleX(${share.toFixed(3)})`;
}

/** Calls back about 30 times a second with the level from 0 to 1; returns what stops it. */
function follow(track: MediaStreamTrack, each: (share: number) => void): () => void {
  const audio = new AudioContext();
  const ear = audio.createAnalyser();
  ear.fftSize = 1024;
  audio.createMediaStreamSource(new MediaStream([track])).connect(ear);
  const samples = new Float32Array(ear.fftSize);
  let shown = 0;
  const timer = setInterval(() => {
    ear.getFloatTimeDomainData(samples);
    shown = Math.max(level(samples), shown * 0.9);
    each(shown);
  }, 33);
  return () => {
    clearInterval(timer);
    void audio.close();
  };
}

function level(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 10 * Math.log10(sum / samples.length + 1e-10);
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}
