// One lesson of the day and what may be done with it.

import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../lib/ask';
import { t } from '../lib/i18n';
import type { LessonChange, PlanLesson, PlanTeacher } from '../lib/protocol';
import { Mark } from '../lib/ui/mark';
import { ChangeForm, type Act } from './change-form';
import { said } from './said';

interface Props {
  lesson: PlanLesson;
  day: string;
  teachers: PlanTeacher[];
  changed: (what: LessonChange['what'], title: string) => void;
}

const ACTS: Act[] = ['cancel', 'substitute', 'move'];

export function Row({ lesson, day, teachers, changed }: Props) {
  const [open, setOpen] = useState<Act | null>(null);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const acts = useRef<HTMLParagraphElement>(null);
  const was = useRef(open);
  // The keyboard comes back to the button it left from.
  useEffect(() => {
    if (was.current && !open) acts.current?.querySelector<HTMLElement>(`[data-act=${was.current}]`)?.focus();
    was.current = open;
  }, [open]);
  const act = async (change: LessonChange): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      await ask('POST', `/api/lessons/${encodeURIComponent(lesson.id)}/change`, change);
      setOpen(null);
      setProblem('');
      changed(change.what, lesson.title);
    } catch (error) {
      setProblem(said(error));
    }
    setBusy(false);
  };
  const start = (next: Act | null): void => {
    setOpen(next);
    setProblem('');
  };
  return (
    <li data-lesson={lesson.id}>
      <p class="plan-time figures">{lesson.starts}–{lesson.ends}</p>
      <div class="plan-what">
        <p><strong>{lesson.title}</strong> · {lesson.subject}</p>
        <p class="plan-soft">{lesson.teacher.name} · {lesson.school}</p>
      </div>
      <div class="plan-state">
        <p><Mark meaning={lesson.state === 'live' ? 'good' : 'none'} /> {t(`room.state.${lesson.state}`)}</p>
        {lesson.change && <p><Mark meaning={lesson.change === 'moved' ? 'weak' : 'busy'} /> {t(`change.${lesson.change}`)}</p>}
        {lesson.reason && <p class="plan-soft">{t('plan.reason.was', { reason: lesson.reason })}</p>}
      </div>
      {lesson.state !== 'ended' && (
        <p class="plan-acts" ref={acts}>
          {ACTS.map((one) => (
            <button
              key={one} class="button small" type="button" data-act={one} aria-expanded={open === one} aria-label={`${t(`plan.do.${one}`)} ${lesson.title}`}
              onClick={() => start(open === one ? null : one)}
            >
              {t(`plan.do.${one}`)}
            </button>
          ))}
          {lesson.change && (
            <button class="button small" type="button" aria-label={`${t('plan.do.restore')} ${lesson.title}`} onClick={() => void act({ what: 'restore' })}>
              {t('plan.do.restore')}
            </button>
          )}
        </p>
      )}
      {open && <ChangeForm key={open} act={open} lesson={lesson} day={day} teachers={teachers} send={(change) => void act(change)} leave={() => start(null)} />}
      {problem && <p class="plan-problem plan-row-problem" role="alert"><Mark meaning="bad" /> {problem}</p>}
    </li>
  );
}
