// Joined, but no picture yet: the class has not begun, or its first picture is on the way.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import type { Lesson } from '../lib/protocol';
import { clock, countdown } from '../lib/time';
import type { Attending } from './attending';
import type { RoomState } from './state';

export function Waiting({ attending, state }: { attending: Attending; state: RoomState }) {
  useTick();
  const lesson = state.lesson;
  if (!lesson) return null;
  if (lesson.state === 'planned') return <Soon lesson={lesson} now={attending.serverNow()} />;
  if (state.pictured) return null;
  const voiceOnly = state.sources.voice && !state.sources.camera && !state.sources.screen;
  return (
    <section class="waiting">
      <h1>{t(voiceOnly ? 'room.audio.head' : 'room.wait.head')}</h1>
      <p>{t(voiceOnly ? 'room.audio.do' : 'room.wait.do')}</p>
    </section>
  );
}

function Soon({ lesson, now }: { lesson: Lesson; now: number }) {
  const left = lesson.starts_ms - now;
  return (
    <section class="waiting" data-testid="soon">
      <p class="label">{[lesson.subject, lesson.teacher, lesson.school].filter(Boolean).join(' · ')}</p>
      <h1>{lesson.title}</h1>
      {left > 0 ? (
        <strong class="figures">{countdown(left)}</strong>
      ) : (
        <p class="label">{t('teach.starts', { clock: clock(lesson.starts_ms) })}</p>
      )}
      <p>
        {t('room.soon.head')} · {t('room.soon.do')}
      </p>
    </section>
  );
}
