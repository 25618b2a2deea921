// What must be put right in a file, each fault with its place.

import { lang, t } from '../lib/i18n';
import type { SheetsFaulty } from '../lib/protocol';
import { Mark } from '../lib/ui/mark';

export function Faults({ faulty }: { faulty: SheetsFaulty }) {
  return (
    <>
      <p class="plan-said plan-problem" role="alert"><Mark meaning="bad" /> {t('plan.faults', { n: faulty.faults.length + faulty.more })}</p>
      <div class="plan-faults" tabIndex={0} role="region" aria-label={t('plan.fault.what')}>
        <table class="plan-table" data-testid="faults">
          <thead>
            <tr>
              <th scope="col">{t('plan.fault.place')}</th>
              <th scope="col">{t('plan.fault.row')}</th>
              <th scope="col">{t('plan.fault.column')}</th>
              <th scope="col">{t('plan.fault.what')}</th>
            </tr>
          </thead>
          <tbody>
            {faulty.faults.map((fault, place) => (
              <tr key={place}>
                <td>{fault.place}</td>
                <td class="figures">{fault.row ?? '—'}</td>
                <td>{fault.column?.[lang()] ?? '—'}</td>
                <td>{fault[lang()]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {faulty.more > 0 && <p class="plan-soft">{t('plan.faults.more', { n: faulty.more })}</p>}
    </>
  );
}
