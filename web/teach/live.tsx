// In class: what pupils see, the uplink in words, the clock, hands and rooms.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import { clock, countdown, elapsed } from '../lib/time';
import { LangButton } from '../lib/ui/lang-button';
import { Hands } from './hands';
import { HoldButton } from './hold-button';
import { OnStage } from './on-stage';
import { Rooms } from './rooms';
import type { TeachState } from './state';
import type { Teaching } from './teaching';
import { UplinkLine } from './uplink-line';
import { Video } from '../lib/ui/video';

interface Props {
  teaching: Teaching;
  state: TeachState;
}

export function Live({ teaching, state }: Props) {
  return (
    <div class="live" data-testid="live">
      <header class="top">
        <div class="top-lesson">
          <h1>{state.lesson?.title}</h1>
          <p>{[state.lesson?.subject, state.person].filter(Boolean).join(' · ')}</p>
        </div>
        <Period teaching={teaching} state={state} />
        <LangButton />
      </header>
      <main class="live-main">
        <div class="shown">
          <Stage state={state} />
          <OnStage teaching={teaching} state={state} />
        </div>
        <aside class="side">
          <Hands teaching={teaching} state={state} />
          <Rooms roster={state.roster} call={(room) => teaching.call(room)} />
        </aside>
      </main>
      <Controls teaching={teaching} state={state} />
      {state.mediaProblem?.code === 'already_publishing' && <TakeOver teaching={teaching} />}
      {state.said && <p class="said" role="status">{state.said}</p>}
    </div>
  );
}

function Stage({ state }: { state: TeachState }) {
  const camera = state.stream?.getVideoTracks()[0] ?? null;
  const own = camera ? (
    <Video track={camera} mirror label={t('teach.you')} />
  ) : (
    <div class="preview-empty">{t('device.nocamera.head')}</div>
  );
  return (
    <section class={state.screen ? 'stage sharing' : 'stage'}>
      {state.screen && (
        <figure class="stage-screen">
          <Video track={state.screen} label={t('teach.sharing')} />
          <figcaption>{t('teach.sharing')}</figcaption>
        </figure>
      )}
      <figure class="stage-own">
        {own}
        {state.muted && <figcaption class="muted-note">{t('teach.muted')}</figcaption>}
      </figure>
    </section>
  );
}

function Controls({ teaching, state }: Props) {
  return (
    <footer class="controls">
      <UplinkLine state={state} />
      <button class="button" aria-pressed={state.muted} onClick={() => teaching.toggleMute()}>
        {state.muted ? t('teach.unmute') : t('teach.mute')}
        <kbd>M</kbd>
      </button>
      <button class="button" aria-pressed={!!state.screen} onClick={() => void teaching.toggleShare()}>
        {state.screen ? t('teach.unshare') : t('teach.share')}
        <kbd>S</kbd>
      </button>
      <HoldButton label={t('teach.end.hold')} onHeld={() => teaching.endClass()} />
    </footer>
  );
}

function Period({ teaching, state }: Props) {
  useTick();
  const lesson = state.lesson;
  if (!lesson) return null;
  const left = lesson.ends_ms - teaching.serverNow();
  return (
    <div class={left < 0 ? 'period over figures' : 'period figures'}>
      <span>
        {t('teach.live')} · {t('teach.period', { from: clock(lesson.starts_ms), to: clock(lesson.ends_ms) })}
      </span>
      <span class="period-left">
        {left < 0 ? t('teach.over') : t('teach.left')} <strong>{left < 0 ? elapsed(-left) : countdown(left)}</strong>
      </span>
    </div>
  );
}

function TakeOver({ teaching }: { teaching: Teaching }) {
  return (
    <div class="veil" role="alertdialog" aria-label={t('teach.takeover.head')}>
      <div class="notice-sheet">
        <h1>{t('teach.takeover.head')}</h1>
        <p>{t('teach.takeover.do')}</p>
        <button class="button main" autofocus onClick={() => void teaching.takeOver()}>{t('page.here')}</button>
      </div>
    </div>
  );
}
