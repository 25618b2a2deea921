// The week as a table: a column for each day, a row for each time that lessons start.

import { dayName, plusDays, weekday, weekdayName } from '../lib/days';
import { t } from '../lib/i18n';
import type { Week, WeekLesson } from '../lib/protocol';
import { LessonCell } from './lesson-cell';

export function WeekTable({ week, today }: { week: Week; today: string }) {
  if (week.lessons.length === 0) return <p class="sheet timetable-empty">{t('timetable.week.none')}</p>;
  const days = daysOf(week);
  const starts = [...new Set(week.lessons.map((lesson) => lesson.starts))].sort();
  const at = (day: string, start: string): WeekLesson[] => week.lessons.filter((lesson) => lesson.day === day && lesson.starts === start);
  return (
    <table class="sheet timetable-week">
      <caption class="visually-hidden">{t('timetable.of', { school: week.school.name })}</caption>
      <thead>
        <tr>
          <th scope="col" class="timetable-start">{t('timetable.starts')}</th>
          {days.map((day) => (
            <th key={day} scope="col" class={day === today ? 'timetable-today' : ''} aria-current={day === today ? 'date' : undefined}>
              <strong>{weekdayName(day)}</strong> <span class="figures">{dayName(day)}</span>
              {day === today && <em>{t('timetable.today')}</em>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {starts.map((start) => (
          <tr key={start}>
            <th scope="row" class="timetable-start figures">{start}</th>
            {days.map((day) => (
              <td key={day} class={day === today ? 'timetable-today' : ''}>
                {at(day, start).map((lesson) => (
                  <LessonCell key={lesson.id} lesson={lesson} school={week.school.name} />
                ))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Monday to Friday, and a day of the weekend only when something is taught on it. */
function daysOf(week: Week): string[] {
  const busy = new Set(week.lessons.map((lesson) => lesson.day));
  return [0, 1, 2, 3, 4, 5, 6].map((n) => plusDays(week.from, n)).filter((day) => weekday(day) <= 5 || busy.has(day));
}
