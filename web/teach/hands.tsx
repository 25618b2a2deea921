// Raised hands, the longest wait first.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import { elapsed } from '../lib/time';
import { raisedHands, type TeachState } from './state';
import type { Teaching } from './teaching';

export function Hands({ teaching, state }: { teaching: Teaching; state: TeachState }) {
  useTick();
  const hands = raisedHands(state.roster);
  return (
    <section class={hands.length > 0 ? 'hands sheet raised' : 'hands sheet'} data-testid="hands">
      <h2>
        {t('teach.hands')}
        <span class="figures">{hands.length}</span>
      </h2>
      {hands.length === 0 && <p class="empty">{t('teach.hands.none')}</p>}
      <ol>
        {hands.map((seat, i) => (
          <li key={seat.room} class="hand">
            <b class="figures">{i + 1}</b>
            <div class="room-name">
              <strong>{seat.name}</strong>
              <span>
                {seat.school} · {t('teach.hand.wait', { time: elapsed(teaching.serverNow() - (seat.hand_ms ?? 0)) })}
              </span>
            </div>
            <div class="hand-acts">
              <button class="button small main" onClick={() => teaching.call(seat.room)}>
                {t('teach.call')}
                {i === 0 && <kbd>N</kbd>}
              </button>
              <button class="button small" onClick={() => teaching.handSeen(seat.room)}>{t('teach.hand.seen')}</button>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
