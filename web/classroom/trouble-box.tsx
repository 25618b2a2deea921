// When media stop: what, where and what to do, over the last picture and with its age.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import { sentence } from '../lib/problem';
import { Mark } from '../lib/ui/mark';
import type { Attending } from './attending';
import { troubleOf, type RoomState, type Trouble } from './state';

/** A cut this short is healed before anyone has read about it. */
const UNNOTICED_MS = 1200;
const LONG_MS = 20_000;

export function TroubleBox({ attending, state }: { attending: Attending; state: RoomState }) {
  useTick(500);
  const trouble = troubleOf(state);
  const lasted = state.troubleMs > 0 ? attending.serverNow() - state.troubleMs : 0;
  if (trouble === null || lasted < UNNOTICED_MS) return null;
  return (
    <section class="trouble-box" role="alert" data-testid="trouble">
      <Mark meaning={trouble === 'quiet' ? 'weak' : 'bad'} />
      <h1>{t(`room.${trouble}.head`)}</h1>
      <p>{advice(trouble, lasted, state)}</p>
      <p class="age figures">{t('room.age', { n: Math.floor(lasted / 1000) })}</p>
    </section>
  );
}

function advice(trouble: Exclude<Trouble, null>, lastedMs: number, state: RoomState): string {
  if (trouble === 'server') return state.problem ? sentence(state.problem) : t('room.cut.do');
  if (trouble === 'quiet') return t('room.quiet.do');
  return t(lastedMs > LONG_MS ? 'room.cut.long' : 'room.cut.do');
}
