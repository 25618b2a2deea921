// Who gives the lesson instead: the teachers of its own school first.

import { useState } from 'preact/hooks';
import { t } from '../lib/i18n';
import type { PlanLesson, PlanTeacher } from '../lib/protocol';
import { focus } from '../lib/ui/focus';

/** A longer list gets a field that shortens it. */
const LONG = 12;

interface Props {
  teachers: PlanTeacher[];
  lesson: PlanLesson;
  value: string;
  set: (id: string) => void;
}

export function TeacherChoice({ teachers, lesson, value, set }: Props) {
  const [part, setPart] = useState('');
  const others = teachers.filter((one) => one.id !== lesson.teacher.id);
  const shown = others.filter((one) => one.id === value || `${one.name} ${one.school}`.toLowerCase().includes(part.trim().toLowerCase()));
  const schools = [...new Set(shown.map((one) => one.school))].sort((a, b) => Number(b === lesson.school) - Number(a === lesson.school));
  const long = others.length > LONG;
  return (
    <>
      {long && (
        <label>
          <span>{t('plan.teacher.find')}</span>
          <input class="plan-input plan-find" type="search" name="find" autocomplete="off" ref={focus} value={part} onInput={(event) => setPart(event.currentTarget.value)} />
        </label>
      )}
      <label>
        <span>{t('plan.teacher')}</span>
        <select class="plan-input" name="teacher" required ref={long ? null : focus} value={value} onChange={(event) => set(event.currentTarget.value)}>
          <option value="">{t('plan.teacher.choose')}</option>
          {schools.map((school) => (
            <optgroup key={school} label={school}>
              {shown.filter((one) => one.school === school).map((one) => (
                <option key={one.id} value={one.id}>{one.name}</option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
    </>
  );
}
