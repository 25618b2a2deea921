// In the lesson: slides and teacher in the chosen layout, and beside them what the room needs to know.

import { useEffect, useRef } from 'preact/hooks';
import { t } from '../lib/i18n';
import { arrangement, worth, type Arrangement } from '../lib/layouts';
import { Sound } from '../lib/ui/sound';
import type { Attending } from './attending';
import { Banner } from './banner';
import { Bar } from './bar';
import { Hand } from './hand';
import { Picture } from './picture';
import { StagePictures, StageVoices } from './on-stage';
import type { RoomState } from './state';
import { TimeLeft } from './time-left';
import { TroubleBox } from './trouble-box';
import { Waiting } from './waiting';

export function LessonView({ attending, state }: { attending: Attending; state: RoomState }) {
  const drawn = arrangement(state.layout, state.sources.screen);
  const camera = useRef<HTMLDivElement>(null);
  useWishes(attending, camera, drawn, state.socket);
  const shown = (): void => attending.pictureShown();
  return (
    <main class={`lesson on-board layout-${drawn}${state.stage.length > 0 ? ' staged' : ''}`} data-testid="lesson" data-layout={drawn}>
      <div class="frame screen">
        <Picture slot="screen" track={state.tracks['screen']} onShown={shown} />
      </div>
      <div class="frame camera" ref={camera}>
        <Picture slot="camera" track={state.tracks['camera']} onShown={shown} />
        <CameraNote state={state} drawn={drawn} />
      </div>
      <Hand attending={attending} state={state} />
      <TimeLeft attending={attending} state={state} />
      <Bar attending={attending} state={state} drawn={drawn} />
      <StagePictures state={state} />
      <Sound slot="voice" track={state.tracks['voice']} onState={(on) => attending.soundIs(on)} />
      <StageVoices state={state} onState={(on) => attending.soundIs(on)} />
      <Waiting attending={attending} state={state} />
      <Banner attending={attending} state={state} />
      <TroubleBox attending={attending} state={state} />
    </main>
  );
}

/** A camera that is off keeps its last picture; a word says so. */
function CameraNote({ state, drawn }: { state: RoomState; drawn: Arrangement }) {
  if (state.lesson?.state !== 'live' || state.sources.camera || !state.sources.voice || drawn === 'only') return null;
  return <p class="camera-note">{t('room.audio.do')}</p>;
}

/** Tells the lesson how large the teacher is drawn, whenever that changes; slides are always wanted whole. */
function useWishes(attending: Attending, camera: { current: HTMLElement | null }, drawn: Arrangement, socket: string): void {
  useEffect(() => {
    const tell = (): void => {
      const width = camera.current?.getBoundingClientRect().width ?? 0;
      attending.wish('camera', worth(Math.round(width * devicePixelRatio)));
      attending.wish('screen', 'f');
    };
    tell();
    window.addEventListener('resize', tell);
    return () => window.removeEventListener('resize', tell);
  }, [drawn, socket]);
}
