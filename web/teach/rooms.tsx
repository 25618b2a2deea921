// The listening rooms, those that need care first.

import { t } from '../lib/i18n';
import type { Seat } from '../lib/protocol';
import { Mark } from '../lib/ui/mark';
import { seatMeaning } from '../lib/ui/states';
import { roomsByCare, roomsHere } from './state';
import { WORDS, type WordKey } from '../lib/words';

export function Rooms({ roster, compact = false }: { roster: Seat[]; compact?: boolean }) {
  return (
    <section class={compact ? 'rooms compact' : 'rooms sheet'} data-testid="rooms">
      <h2>
        {t('teach.rooms')}
        <span class="figures">{t('teach.rooms.count', { here: roomsHere(roster), all: roster.length })}</span>
      </h2>
      {roster.length === 0 ? (
        <p class="empty">
          <strong>{t('teach.rooms.none.head')}</strong>
          {t('teach.rooms.none.do')}
        </p>
      ) : (
        <ul>{roomsByCare(roster).map((seat) => <Room key={seat.room} seat={seat} />)}</ul>
      )}
    </section>
  );
}

function Room({ seat }: { seat: Seat }) {
  const problem = `seat.problem.${seat.problem}`;
  return (
    <li class="room">
      <Mark meaning={seatMeaning(seat.state)} />
      <div class="room-name">
        <strong>{seat.name}</strong>
        <span>{seat.school}</span>
        {seat.problem && problem in WORDS && <em>{t(problem as WordKey)}</em>}
      </div>
      <span class="room-state">{t(`seat.${seat.state}`)}</span>
    </li>
  );
}
