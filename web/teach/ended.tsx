// After class: that it is over, how long it took, and who was there.

import { t } from '../lib/i18n';
import { wholeMinutes } from '../lib/time';
import { Rooms } from './rooms';
import type { TeachState } from './state';

export function Ended({ state }: { state: TeachState }) {
  const attended = state.roster.filter((seat) => seat.state !== 'absent').length;
  const took = state.startedMs > 0 ? wholeMinutes(state.endedMs - state.startedMs) : 0;
  return (
    <main class="ended" data-testid="ended">
      <div class="notice-sheet">
        <h1>{t('teach.ended.head')}</h1>
        <p>{state.lesson?.title}</p>
        <p class="figures">
          {took > 0 && `${t('teach.ended.took', { minutes: took })} · `}
          {t('teach.ended.rooms', { n: attended })}
        </p>
        {state.roster.length > 0 && <Rooms roster={state.roster} compact />}
        <p class="quiet">{t('teach.ended.do')}</p>
      </div>
    </main>
  );
}
