// The whole board: totals, threads, and every lesson with its rooms.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import { sentence } from '../lib/problem';
import type { OpsFigures } from '../lib/protocol';
import { LangButton } from '../lib/ui/lang-button';
import { Mark } from '../lib/ui/mark';
import { uptime } from './words';
import { LessonTable } from './lesson-table';
import { Threads } from './threads';
import { Totals } from './totals';
import type { OpsState } from './watching';

const STALE_MS = 3000;

export function Board({ state, figures }: { state: OpsState; figures: OpsFigures }) {
  return (
    <div class="ops" data-testid="ops">
      <header class="top">
        <div class="top-lesson">
          <h1>{t('ops.title')}</h1>
          <p>{t('ops.version', { version: figures.version, uptime: uptime(figures.uptime_s) })}</p>
        </div>
        <Freshness state={state} />
        <LangButton />
      </header>
      <main>
        <Totals figures={figures} history={state.history} />
        <Threads threads={figures.threads} />
        {figures.lessons.length === 0 && (
          <p class="sheet nothing">
            <strong>{t('ops.none.head')}</strong>
            {t('ops.none.do')}
          </p>
        )}
        {figures.lessons.map((lesson) => <LessonTable key={lesson.id} lesson={lesson} history={state.history} />)}
      </main>
    </div>
  );
}

function Freshness({ state }: { state: OpsState }) {
  const age = useTick() - state.heardMs;
  if (age < STALE_MS) return <p class="fresh"><Mark meaning="good" /> {t('ops.fresh')}</p>;
  return (
    <p class="fresh stale" role="alert">
      <Mark meaning="bad" /> {t('ops.stale', { n: Math.floor(age / 1000) })}
      {state.problem && ` · ${sentence(state.problem)}`}
    </p>
  );
}
