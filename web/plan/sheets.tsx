// A timetable from a file: tried first, imported only when nothing is wrong with it.

import { t } from '../lib/i18n';
import { Mark } from '../lib/ui/mark';
import { Faults } from './faults';
import { useImporting } from './importing';
import { Rows } from './rows';

export function Sheets({ imported }: { imported: () => void }) {
  const { file, step, busy, choose, hand } = useImporting(imported);
  const pick = (event: Event & { currentTarget: HTMLInputElement }): void => {
    const next = event.currentTarget.files?.[0];
    if (next) void choose(next);
  };
  const name = file?.name ?? '';
  return (
    <section class="sheet plan-part" data-testid="import">
      <h2>{t('plan.import')}</h2>
      <p class="plan-soft">{t('plan.import.how')}</p>
      <div class="plan-line">
        <label class="button plan-file">
          {/* Emptied at each press, so that the same file, put right meanwhile, can be chosen again. */}
          <input class="visually-hidden" type="file" name="sheets" accept=".xlsx,.csv" disabled={busy} onClick={(event) => (event.currentTarget.value = '')} onChange={pick} />
          {t('plan.file')}
        </label>
        <span class="plan-file-name">{name || t('plan.file.none')}</span>
        <button class={step.at === 'clean' ? 'button' : 'button main'} type="button" disabled={!file} onClick={() => void hand(true)}>{t('plan.try')}</button>
        <button class="button main" type="button" disabled={step.at !== 'clean'} onClick={() => void hand(false)}>{t('plan.keep')}</button>
      </div>
      <div role="status">
        {step.at === 'trying' && <Waiting words={t('plan.try.busy', { file: name })} />}
        {step.at === 'keeping' && <Waiting words={t('plan.keep.busy', { file: name })} />}
        {step.at === 'clean' && <p class="plan-said"><Mark meaning="good" /> {t('plan.try.clean')}</p>}
        {step.at === 'kept' && <p class="plan-said"><Mark meaning="good" /> {t('plan.keep.done', { file: name })}</p>}
      </div>
      {step.at === 'failed' && <p class="plan-said plan-problem" role="alert"><Mark meaning="bad" /> {step.problem}</p>}
      {(step.at === 'clean' || step.at === 'kept') && <Rows result={step.result} />}
      {step.at === 'faulty' && <Faults faulty={step.faulty} />}
    </section>
  );
}

function Waiting({ words }: { words: string }) {
  return (
    <p class="plan-said">
      <progress aria-label={words} /> {words}
    </p>
  );
}
