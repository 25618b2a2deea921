// What is different from the plan in this week, and why.

import { dayName, weekdayName } from '../lib/days';
import { t } from '../lib/i18n';
import type { ChangeKind, WeekChange } from '../lib/protocol';
import { Mark, type Meaning } from '../lib/ui/mark';

const MEANING: Record<ChangeKind, Meaning> = { moved: 'weak', substitute: 'busy', cancelled: 'bad' };

export function Changes({ changes }: { changes: WeekChange[] }) {
  return (
    <section class="sheet timetable-changes">
      <h2>{t('timetable.changes')}</h2>
      {changes.length === 0 && <p class="empty">{t('timetable.changes.none')}</p>}
      <ul>
        {changes.map((change, place) => (
          <li key={place}>
            <span class="figures">{weekdayName(change.day)} {dayName(change.day)}</span>
            <strong><Mark meaning={MEANING[change.kind] ?? 'none'} /> {t(`change.${change.kind}`)}</strong>
            <span>{change.title}</span>
            <span>{change.reason}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
