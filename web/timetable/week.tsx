// One school's week: where it is in the year, the table, and what is different from the plan.

import { useEffect } from 'preact/hooks';
import { dayName, fullDayName, monday, plusDays } from '../lib/days';
import { t } from '../lib/i18n';
import { sentence } from '../lib/problem';
import type { Week } from '../lib/protocol';
import { LangButton } from '../lib/ui/lang-button';
import { Notice } from '../lib/ui/notice';
import { useAnswer } from './answer';
import { Changes } from './changes';
import { Link } from './link';
import { address } from './place';
import { WeekTable } from './table';

export function SchoolWeek({ school, from, today }: { school: string; from: string; today: string }) {
  const { value: week, problem } = useAnswer<Week>(`/api/timetable/${encodeURIComponent(school)}?from=${from}`);
  const name = week?.school.name ?? '';
  useEffect(() => {
    document.title = [t('app.name'), t('timetable.title'), name].filter(Boolean).join(' · ');
  });
  if (problem) {
    return (
      <Notice head={sentence(problem)} advice="">
        <Link class="button main" to={address(null)}>{t('timetable.back')}</Link>
      </Notice>
    );
  }
  return (
    <>
      <header class="top timetable-top">
        <div class="top-lesson">
          <h1>{name || t('app.loading')}</h1>
          <p class="figures">{t('timetable.title')} · {t('timetable.week', { from: fullDayName(from), to: dayName(plusDays(from, 6)) })}</p>
        </div>
        <nav aria-label={t('timetable.title')}>
          <Link class="button" to={address(school, plusDays(from, -7))}><span aria-hidden="true">◀</span>{t('timetable.week.before')}</Link>
          {from !== monday(today) && <Link class="button" to={address(school)}>{t('timetable.week.this')}</Link>}
          <Link class="button" to={address(school, plusDays(from, 7))}>{t('timetable.week.after')}<span aria-hidden="true">▶</span></Link>
          <button class="button" type="button" onClick={() => print()}>{t('timetable.print')}</button>
          <Link class="button" to={address(null)}>{t('timetable.back')}</Link>
        </nav>
        <LangButton />
      </header>
      <main class="timetable" data-testid="week" aria-busy={week === null}>
        {week && <WeekTable week={week} today={today} />}
        {week && <Changes changes={week.changes} />}
      </main>
    </>
  );
}
