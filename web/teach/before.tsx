// Before class: devices, preview, level, who is here already, and one big button.

import { clock, countdown } from '../lib/time';
import { t } from '../lib/i18n';
import { useTick } from '../lib/hooks';
import { LangButton } from '../lib/ui/lang-button';
import { DeviceChoice } from './device-choice';
import { DeviceTrouble } from './device-trouble';
import { Meter } from './meter';
import { Rooms } from './rooms';
import type { TeachState } from './state';
import type { Teaching } from './teaching';
import { Video } from '../lib/ui/video';

interface Props {
  teaching: Teaching;
  state: TeachState;
}

export function Before({ teaching, state }: Props) {
  const lesson = state.lesson;
  return (
    <div class="before" data-testid="before">
      <header class="top">
        <div class="top-lesson">
          <h1>{lesson?.title}</h1>
          <p>{[lesson?.subject, state.person, state.school].filter(Boolean).join(' · ')}</p>
        </div>
        {lesson && <Until teaching={teaching} startsMs={lesson.starts_ms} />}
        <LangButton />
      </header>
      <main class="before-main">
        <section class="preview">
          <Preview state={state} />
          {state.deviceProblem && <DeviceTrouble problem={state.deviceProblem} onAgain={() => void teaching.useDevices({})} />}
        </section>
        <section class="sheet checks">
          <DeviceChoice teaching={teaching} state={state} />
          <div class="field">
            <span class="field-name">{t('teach.level')}</span>
            <Meter track={state.stream?.getAudioTracks()[0] ?? null} />
            <span class="field-hint">{t('teach.level.hint')}</span>
          </div>
          <Rooms roster={state.roster} compact />
        </section>
      </main>
      <footer class="before-foot">
        <button class="button start" data-testid="start" disabled={!state.stream} onClick={() => void teaching.startClass()}>
          {t('teach.start')}
          <small>{t('teach.start.key')}</small>
        </button>
      </footer>
    </div>
  );
}

function Preview({ state }: { state: TeachState }) {
  const track = state.stream?.getVideoTracks()[0] ?? null;
  if (!track) return <div class="preview-empty">{t('teach.preview')}</div>;
  return <Video track={track} mirror label={t('teach.preview')} />;
}

function Until({ teaching, startsMs }: { teaching: Teaching; startsMs: number }) {
  useTick();
  const left = startsMs - teaching.serverNow();
  return (
    <div class="period figures">
      <span>{left > 0 ? t('teach.until') : t('teach.starts', { clock: clock(startsMs) })}</span>
      <strong>{left > 0 ? countdown(left) : t('teach.late')}</strong>
    </div>
  );
}
