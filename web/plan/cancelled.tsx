// Lessons that are cancelled on this day; each can be brought back.

import { useState } from 'preact/hooks';
import { ask } from '../lib/ask';
import { t } from '../lib/i18n';
import type { CancelledLesson } from '../lib/protocol';
import { Mark } from '../lib/ui/mark';
import { said } from './said';

export function Cancelled({ lessons, changed }: { lessons: CancelledLesson[]; changed: (what: 'restore', title: string) => void }) {
  const [problem, setProblem] = useState('');
  const restore = async (lesson: CancelledLesson): Promise<void> => {
    try {
      await ask('POST', `/api/lessons/${encodeURIComponent(lesson.id)}/change`, { what: 'restore' });
      setProblem('');
      changed('restore', lesson.title);
    } catch (error) {
      setProblem(said(error));
    }
  };
  return (
    <>
      <h3>{t('plan.cancelled')}</h3>
      {problem && <p class="plan-problem" role="alert"><Mark meaning="bad" /> {problem}</p>}
      <ul class="plan-cancelled">
        {lessons.map((lesson) => (
          <li key={lesson.id}>
            <p><Mark meaning="bad" /> {t('change.cancelled')}</p>
            <p><strong>{lesson.title}</strong></p>
            <p class="plan-soft">{t('plan.reason.was', { reason: lesson.reason })}</p>
            <button class="button small" type="button" aria-label={`${t('plan.do.restore')} ${lesson.title}`} onClick={() => void restore(lesson)}>{t('plan.do.restore')}</button>
          </li>
        ))}
      </ul>
    </>
  );
}
