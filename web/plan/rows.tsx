// What a file holds, sheet by sheet, and which of its lessons may run over.

import { lang, t } from '../lib/i18n';
import type { Imported } from '../lib/protocol';

export function Rows({ result }: { result: Imported }) {
  return (
    <div class="plan-found">
      <table class="plan-table plan-rows">
        <thead>
          <tr>
            <th scope="col">{t('plan.rows.sheet')}</th>
            <th scope="col">{t('plan.rows.rows')}</th>
          </tr>
        </thead>
        <tbody>
          {result.rows.map((sheet) => (
            <tr key={sheet.en}>
              <td>{sheet[lang()]}</td>
              <td class="figures">{sheet.rows}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div>
        <p><strong>{t('plan.try.lessons', { n: result.lessons })}</strong></p>
        {result.overruns.length > 0 && <p class="plan-soft">{t('plan.overruns')}</p>}
        <ul class="plan-overruns">
          {result.overruns.map((overrun, place) => (
            <li key={place}>{overrun[lang()]}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}
