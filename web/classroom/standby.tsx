// Standby: the next lesson and its countdown, today's list, the clock and the network.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import { sentence } from '../lib/problem';
import type { Lesson, Problem } from '../lib/protocol';
import { clock, countdown } from '../lib/time';
import type { Attending } from './attending';
import { Net } from './net';
import { nextLesson, type RoomState } from './state';
import { Today } from './today';

const FAR_MS = 100 * 60_000;

export function Standby({ attending, state }: { attending: Attending; state: RoomState }) {
  useTick();
  const now = attending.serverNow();
  const next = nextLesson(state.today, now);
  return (
    <main class="standby on-board" data-testid="standby">
      <header>
        <p class="where">{state.room ? `${state.school} · ${state.room}` : t('app.name')}</p>
        <p class="clock figures">{clock(now)}</p>
      </header>
      <section class={state.phase === 'standby' ? 'next' : 'next wide'}>
        {next ? <Next lesson={next} now={now} /> : <Nothing state={state} />}
      </section>
      {state.phase === 'standby' && <Today lessons={state.today} now={now} />}
      <footer>
        <Net state={state} />
        {state.problem && state.phase === 'standby' && <span class="why">{sentence(state.problem)}</span>}
      </footer>
    </main>
  );
}

function Next({ lesson, now }: { lesson: Lesson; now: number }) {
  const left = lesson.starts_ms - now;
  return (
    <>
      <p class="label">{t('room.next')}</p>
      <h1>{lesson.title}</h1>
      <p class="who">{[lesson.subject, lesson.teacher, lesson.school].filter(Boolean).join(' · ')}</p>
      <div class="count">
        <span>{left > FAR_MS ? t('teach.starts', { clock: clock(lesson.starts_ms) }) : t('room.in')}</span>
        {left <= FAR_MS && <strong class="figures" data-testid="countdown">{countdown(left)}</strong>}
      </div>
      <p class="auto">{t('room.auto')}</p>
    </>
  );
}

/** No network, or a server that says why not. */
function Unreached({ problem }: { problem: Problem | null }) {
  const said = problem !== null && problem.status > 0;
  return (
    <>
      <h1>{said ? sentence(problem) : t('net.cut')}</h1>
      <p class="who">{t(said ? 'page.refused.do' : 'room.cut.long')}</p>
    </>
  );
}

function Nothing({ state }: { state: RoomState }) {
  if (state.phase === 'entering' && !state.problem) return <h1>{t('app.loading')}</h1>;
  if (state.phase === 'entering') return <Unreached problem={state.problem} />;
  return (
    <>
      <h1>{t('room.next.none.head')}</h1>
      <p class="who">{t('room.next.none.do')}</p>
    </>
  );
}
