// One room: give it the screen that shows a code, or take its screen back.

import { useState } from 'preact/hooks';
import { ask } from '../lib/ask';
import { t } from '../lib/i18n';
import { Refused, sentence, UNREACHABLE } from '../lib/problem';
import type { RoomDevice } from '../lib/protocol';
import { clock } from '../lib/time';
import { focus } from '../lib/ui/focus';
import { Mark } from '../lib/ui/mark';

export function Row({ room, changed }: { room: RoomDevice; changed: () => void }) {
  const [open, setOpen] = useState<'no' | 'code' | 'sure'>('no');
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState('');
  const act = async (method: 'POST' | 'DELETE', body?: unknown): Promise<void> => {
    try {
      await ask(method, `/api/rooms/${encodeURIComponent(room.room)}/device`, body);
      setOpen('no');
      setCode('');
      setProblem('');
      changed();
    } catch (error) {
      setProblem(sentence(error instanceof Refused ? error.problem : UNREACHABLE));
    }
  };
  const pair = (event: Event): void => {
    event.preventDefault();
    void act('POST', { code });
  };
  const there = room.since_ms !== null;
  return (
    <li data-room={room.room}>
      <Mark meaning={there ? 'good' : 'none'} />
      <p class="devices-room">
        <strong>{room.name}</strong>
        <span>{room.school}</span>
      </p>
      <p class="devices-state">{there ? t('devices.paired', { day: day(room.since_ms ?? 0), who: room.paired_by ?? '' }) : t('devices.unpaired')}</p>
      {open === 'no' && (
        <p class="devices-acts">
          <button class="button small" type="button" onClick={() => setOpen('code')}>{t(there ? 'devices.pair.other' : 'devices.pair')}</button>
          {there && <button class="button small" type="button" onClick={() => setOpen('sure')}>{t('devices.revoke')}</button>}
        </p>
      )}
      {open === 'code' && (
        <form class="devices-acts" onSubmit={pair}>
          <input
            class="figures" name="code" aria-label={t('devices.code')} placeholder="482 913" inputMode="numeric" autocomplete="off" ref={focus}
            value={code} onInput={(event) => setCode(event.currentTarget.value)}
          />
          <button class="button small main" type="submit" disabled={code.replace(/\D/g, '').length !== 6}>{t('devices.pair')}</button>
          <button class="button small" type="button" onClick={() => setOpen('no')}>{t('devices.cancel')}</button>
        </form>
      )}
      {open === 'sure' && (
        <p class="devices-acts">
          <button class="button small main" type="button" ref={focus} onClick={() => void act('DELETE')}>{t('devices.revoke.sure')}</button>
          <button class="button small" type="button" onClick={() => setOpen('no')}>{t('devices.cancel')}</button>
        </p>
      )}
      {problem && open !== 'no' && <p class="devices-problem" role="alert">{problem}</p>}
    </li>
  );
}

function day(ms: number): string {
  const date = new Date(ms);
  return `${date.getMonth() + 1}-${date.getDate()} ${clock(ms)}`;
}
