// The forwarding threads, side by side, so that an uneven one shows.

import { count } from '../lib/figures';
import { t } from '../lib/i18n';
import type { OpsThread } from '../lib/protocol';

export function Threads({ threads }: { threads: OpsThread[] }) {
  const most = Math.max(1, ...threads.map((one) => one.packets_out_per_s + one.packets_in_per_s));
  return (
    <section class="sheet threads">
      <h2>{t('ops.threads')}</h2>
      <ul>
        {threads.map((one) => (
          <li key={one.index}>
            <strong>{t('ops.thread', { n: one.index + 1 })}</strong>
            <span class="quiet">{t('ops.port', { port: one.port })}</span>
            <span class="load"><i style={{ width: `${((one.packets_out_per_s + one.packets_in_per_s) / most) * 100}%` }} /></span>
            <span class="figures">{t('ops.packets', { n: count(one.packets_in_per_s + one.packets_out_per_s) })}</span>
            <span class="figures quiet">{t('ops.peers', { n: one.peers })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
