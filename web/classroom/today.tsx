// Today's lessons of this room; when they are many, those around now.

import { t } from '../lib/i18n';
import type { Lesson } from '../lib/protocol';
import { clock } from '../lib/time';
import { Mark, type Meaning } from '../lib/ui/mark';

const MOST = 6;
const MEANING: Record<Lesson['state'], Meaning> = { ended: 'none', live: 'good', planned: 'busy' };

export function Today({ lessons, now }: { lessons: Lesson[]; now: number }) {
  return (
    <aside class="today">
      <h2>{t('room.today')}</h2>
      {lessons.length === 0 && <p class="none">{t('room.today.none')}</p>}
      <ol>
        {aroundNow(lessons, now).map((lesson) => (
          <li key={lesson.id} class={lesson.state}>
            <span class="figures">{clock(lesson.starts_ms)}</span>
            <strong>{lesson.title}</strong>
            <small>
              <Mark meaning={MEANING[lesson.state]} />
              {t(`room.state.${lesson.state}`)}
            </small>
          </li>
        ))}
      </ol>
    </aside>
  );
}

/** At most six: one that is over, then what is to come. */
function aroundNow(lessons: Lesson[], now: number): Lesson[] {
  const sorted = [...lessons].sort((a, b) => a.starts_ms - b.starts_ms);
  const current = sorted.findIndex((lesson) => lesson.ends_ms > now);
  const from = Math.max(0, Math.min((current < 0 ? sorted.length : current) - 1, sorted.length - MOST));
  return sorted.slice(from, from + MOST);
}
