// The listening rooms, those that need care first.

import { t } from '../lib/i18n';
import type { Seat } from '../lib/protocol';
import { Mark } from '../lib/ui/mark';
import { seatMeaning } from '../lib/ui/states';
import { roomsByCare, roomsHere } from './state';
import { WORDS, type WordKey } from '../lib/words';

interface Props {
  roster: Seat[];
  compact?: boolean;
  /** Calls a room on stage; without it there is nothing to press. */
  call?: (room: string) => void;
}

export function Rooms({ roster, compact = false, call }: Props) {
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
        <ul>{roomsByCare(roster).map((seat) => <Room key={seat.room} seat={seat} call={call} />)}</ul>
      )}
    </section>
  );
}

function Room({ seat, call }: { seat: Seat; call: Props['call'] }) {
  const here = seat.state !== 'absent' && seat.state !== 'lost';
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
      {call && here && <button class="button small" onClick={() => call(seat.room)}>{t('teach.call')}</button>}
    </li>
  );
}
