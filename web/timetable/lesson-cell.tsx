// One lesson in the table: when, what, who, from where, and who listens.

import { t } from '../lib/i18n';
import type { WeekLesson } from '../lib/protocol';

export function LessonCell({ lesson, school }: { lesson: WeekLesson; school: string }) {
  return (
    <article class="timetable-lesson">
      <p class="timetable-time figures">{lesson.starts}–{lesson.ends}</p>
      <h3><span>{lesson.subject}</span> {lesson.title}</h3>
      <p>{lesson.teacher}</p>
      {lesson.lead !== school && <p>{t('timetable.lead', { school: lesson.lead })}</p>}
      {lesson.rooms.length > 0 && <p>{t('timetable.rooms')}{listeners(lesson, school)}</p>}
    </article>
  );
}

/** Rooms by school; this school's own come first and without its name. */
function listeners(lesson: WeekLesson, school: string): string {
  const schools = new Map<string, string[]>();
  for (const room of lesson.rooms) schools.set(room.school, [...(schools.get(room.school) ?? []), room.name]);
  return [...schools]
    .sort(([a], [b]) => Number(b === school) - Number(a === school))
    .map(([of, names]) => {
      const rooms = names.join(t('list.comma'));
      return of === school ? rooms : t('timetable.rooms.of', { school: of, rooms });
    })
    .join(t('list.semicolon'));
}
