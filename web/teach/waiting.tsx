// A teacher who has logged in, and whose next lesson is not near yet.

import { t } from '../lib/i18n';
import { clock } from '../lib/time';
import { Notice } from '../lib/ui/notice';
import type { TeachState } from './state';

export function Waiting({ state }: { state: TeachState }) {
  const left = state.today.filter((lesson) => lesson.state !== 'ended');
  return (
    <Notice head={t('teach.none.head')} advice={t('teach.none.do')}>
      <ul class="teach-today" data-testid="teach-today">
        {left.map((lesson) => (
          <li key={lesson.id}>
            <span class="figures">{clock(lesson.starts_ms)}</span> {lesson.title}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
