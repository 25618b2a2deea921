// The lessons of one day, and what was cancelled on it.

import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../lib/ask';
import { isDay, localDay, plusDays, weekdayName } from '../lib/days';
import { t } from '../lib/i18n';
import type { LessonChange, PlanDay, PlanLesson } from '../lib/protocol';
import { Cancelled } from './cancelled';
import { Row } from './row';
import { said } from './said';

/** Others plan too, and lessons start. */
const LOOK_EVERY_MS = 30_000;
/** Rows drawn before somebody asks for all: a county's day has thousands. */
const SHOWN_MAX = 200;

/** What was done last, and with which lesson. */
export interface Done {
  what: LessonChange['what'];
  title: string;
}

export function Day({ imports }: { imports: number }) {
  const [day, setDay] = useState(localDay(Date.now()));
  const [plan, setPlan] = useState<PlanDay | null>(null);
  const [problem, setProblem] = useState('');
  const [done, setDone] = useState<Done | null>(null);
  const [wanted, setWanted] = useState('');
  const [all, setAll] = useState(false);
  const asked = useRef(0);
  const says = useRef<HTMLParagraphElement>(null);
  const fresh = useRef(false);
  const look = async (): Promise<void> => {
    const turn = ++asked.current;
    try {
      const answer = await ask<PlanDay>('GET', `/api/plan/lessons?day=${day}`);
      if (turn !== asked.current) return;
      setPlan(answer);
      setProblem('');
    } catch (error) {
      if (turn === asked.current) setProblem(said(error));
    }
  };
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [day, imports]);
  const show = (next: string): void => {
    if (!isDay(next)) return; // A date that is still being typed.
    setDay(next);
    setDone(null);
    setAll(false);
  };
  const changed = (what: Done['what'], title: string): void => {
    setDone({ what, title });
    fresh.current = true;
    void look();
  };
  // A row that is gone took the keyboard with it: it goes to the line that says what was done.
  useEffect(() => {
    if (fresh.current && document.activeElement === document.body) says.current?.focus({ preventScroll: true });
    fresh.current = false;
  }, [plan]);
  const now = plan?.day === day ? plan : null;
  const found = (now?.lessons ?? []).filter((lesson) => text(lesson).includes(wanted.trim().toLowerCase())).sort((a, b) => a.starts.localeCompare(b.starts));
  const shown = all ? found : found.slice(0, SHOWN_MAX);
  return (
    <section class="sheet plan-part" data-testid="day" aria-busy={now === null}>
      <div class="plan-line">
        <h2>{t('plan.day')}</h2>
        <button class="button" type="button" aria-label={t('plan.day.before')} title={t('plan.day.before')} onClick={() => show(plusDays(day, -1))}>◀</button>
        <input class="plan-input" type="date" name="day" aria-label={t('plan.day.pick')} value={day} onInput={(event) => show(event.currentTarget.value)} />
        <span>{weekdayName(day)}</span>
        <button class="button" type="button" aria-label={t('plan.day.after')} title={t('plan.day.after')} onClick={() => show(plusDays(day, 1))}>▶</button>
        <button class="button" type="button" disabled={day === localDay(Date.now())} onClick={() => show(localDay(Date.now()))}>{t('plan.day.today')}</button>
        <input
          class="plan-input plan-search" type="search" aria-label={t('plan.search')} placeholder={t('plan.search')} value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      </div>
      <p class="plan-soft" role="status" tabIndex={-1} ref={says}>{now && status(now.lessons.length, done)}</p>
      {problem && <p class="plan-problem" role="alert">{problem}</p>}
      {!now && !problem && <p class="empty">{t('app.loading')}</p>}
      {now && now.lessons.length > 0 && found.length === 0 && <p class="empty">{t('plan.none.found')}</p>}
      <ul class="plan-lessons">
        {shown.map((lesson) => (
          <Row key={lesson.id} lesson={lesson} day={day} teachers={now?.teachers ?? []} changed={changed} />
        ))}
      </ul>
      {shown.length < found.length && <button class="button" type="button" onClick={() => setAll(true)}>{t('plan.all', { n: found.length })}</button>}
      {now && now.cancelled.length > 0 && <Cancelled lessons={now.cancelled} changed={changed} />}
    </section>
  );
}

function status(count: number, done: Done | null): string {
  if (done) return t(`plan.done.${done.what}`, { title: done.title });
  return count ? t('plan.day.count', { n: count }) : t('plan.day.none');
}

const text = (lesson: PlanLesson): string => `${lesson.title} ${lesson.subject} ${lesson.teacher.name} ${lesson.school} ${lesson.starts}`.toLowerCase();
