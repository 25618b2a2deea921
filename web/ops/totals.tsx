// The figures at the top.

import { count, rate } from '../lib/figures';
import { t } from '../lib/i18n';
import type { OpsFigures } from '../lib/protocol';
import { Mark } from '../lib/ui/mark';
import { Sparkline } from './sparkline';
import type { History } from './watching';
import { redCount } from './words';

export function Totals({ figures, history }: { figures: OpsFigures; history: History }) {
  const { totals } = figures;
  const red = redCount(figures);
  return (
    <section class="totals">
      <Figure name={t('ops.lessons')} value={String(totals.lessons_live)} />
      <Figure name={t('ops.rooms')} value={String(totals.rooms_online)} />
      <div class={red > 0 ? 'figure sheet red' : 'figure sheet'}>
        <span>{t('ops.red')}</span>
        <strong class="figures">
          <Mark meaning={red > 0 ? 'bad' : 'good'} /> {red}
        </strong>
      </div>
      <Figure
        name={t('ops.out')}
        value={rate(totals.bps_out)}
        note={t('ops.packets', { n: count(totals.packets_out_per_s) })}
        series={history.out}
      />
      <Figure
        name={t('ops.in')}
        value={rate(totals.bps_in)}
        note={t('ops.packets', { n: count(totals.packets_in_per_s) })}
        series={history.in}
      />
      <Figure name={t('ops.discards')} value={count(totals.discards_per_s)} note={t('ops.per_s')} series={history.discards} />
    </section>
  );
}

function Figure({ name, value, note, series }: { name: string; value: string; note?: string; series?: number[] }) {
  return (
    <div class="figure sheet">
      <span>{name}</span>
      <strong class="figures">{value}</strong>
      {note && <small class="figures">{note}</small>}
      {series && <Sparkline values={series} label={name} />}
    </div>
  );
}
