// What is asked before a lesson is cancelled, moved or given to somebody else.

import { useState } from 'preact/hooks';
import { isDay } from '../lib/days';
import { t } from '../lib/i18n';
import type { LessonChange, PlanLesson, PlanTeacher } from '../lib/protocol';
import { focus } from '../lib/ui/focus';
import { TeacherChoice } from './teacher-choice';

export type Act = 'cancel' | 'substitute' | 'move';

interface Props {
  act: Act;
  lesson: PlanLesson;
  day: string;
  teachers: PlanTeacher[];
  send: (change: LessonChange) => void;
  leave: () => void;
}

export function ChangeForm({ act, lesson, day, teachers, send, leave }: Props) {
  const [reason, setReason] = useState('');
  const [teacher, setTeacher] = useState('');
  const [to, setTo] = useState(day);
  const [period, setPeriod] = useState('');
  const change = wanted(act, { reason: reason.trim(), teacher, day: to, period: Number(period) });
  const submit = (event: Event): void => {
    event.preventDefault();
    if (change) send(change);
  };
  return (
    <form class="plan-change" onSubmit={submit} onKeyDown={(event) => event.key === 'Escape' && leave()}>
      {act === 'substitute' && <TeacherChoice teachers={teachers} lesson={lesson} value={teacher} set={setTeacher} />}
      {act === 'move' && (
        <>
          <label>
            <span>{t('plan.move.day')}</span>
            <input class="plan-input" type="date" name="to" required ref={focus} value={to} onInput={(event) => setTo(event.currentTarget.value)} />
          </label>
          <label>
            <span>{t('plan.move.period')}</span>
            <input
              class="plan-input plan-period figures" type="number" name="period" min="1" max="20" required value={period}
              onInput={(event) => setPeriod(event.currentTarget.value)}
            />
          </label>
        </>
      )}
      <label class="plan-reason">
        <span>{t('plan.reason')}</span>
        <input
          class="plan-input" name="reason" required maxLength={100} autocomplete="off" ref={act === 'cancel' ? focus : null} value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <button class="button small main" type="submit" disabled={!change}>{t(`plan.sure.${act}`)}</button>
      <button class="button small" type="button" onClick={leave}>{t('plan.cancel')}</button>
    </form>
  );
}


/** The change as it stands in the form; `null` while something is missing. */
function wanted(act: Act, form: { reason: string; teacher: string; day: string; period: number }): LessonChange | null {
  const { reason, teacher, day, period } = form;
  if (!reason) return null;
  if (act === 'cancel') return { what: 'cancel', reason };
  if (act === 'substitute') return teacher ? { what: 'substitute', teacher, reason } : null;
  return isDay(day) && Number.isInteger(period) && period > 0 ? { what: 'move', day, period, reason } : null;
}
