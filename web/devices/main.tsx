// Rooms and their devices: the code that a screen shows is typed here, and a device is taken back.

import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import '../style/tokens.css';
import '../style/desk.css';
import './devices.css';
import { ask } from '../lib/ask';
import { useLang } from '../lib/hooks';
import { t } from '../lib/i18n';
import { Refused, sentence, UNREACHABLE } from '../lib/problem';
import type { RoomDevice } from '../lib/protocol';
import { focus } from '../lib/ui/focus';
import { LangButton } from '../lib/ui/lang-button';
import { Notice } from '../lib/ui/notice';
import { Row } from './row';

/** Others pair rooms too. */
const LOOK_EVERY_MS = 5_000;

function Page() {
  useLang();
  const [rooms, setRooms] = useState<RoomDevice[] | null>(null);
  const [problem, setProblem] = useState('');
  const [wanted, setWanted] = useState('');
  const look = async (): Promise<void> => {
    try {
      setRooms((await ask<{ rooms: RoomDevice[] }>('GET', '/api/devices'))?.rooms ?? []);
      setProblem('');
    } catch (error) {
      if (error instanceof Refused && error.problem.status === 401) location.assign('/login');
      setProblem(sentence(error instanceof Refused ? error.problem : UNREACHABLE));
    }
  };
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('devices.title')}`;
  });
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const shown = useMemo(() => (rooms ?? []).filter((room) => `${room.school} ${room.name} ${room.room}`.includes(wanted.trim())), [rooms, wanted]);
  if (rooms === null) return <Notice head={problem || t('app.loading')} advice="" />;
  const paired = rooms.filter((room) => room.since_ms !== null).length;
  return (
    <>
      <header class="top">
        <div class="top-lesson">
          <h1>{t('devices.title')}</h1>
          <p>{t('devices.count', { paired, all: rooms.length })}</p>
        </div>
        <input
          class="devices-search" type="search" aria-label={t('devices.search')} placeholder={t('devices.search')} value={wanted} ref={focus}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        <LangButton />
      </header>
      <main class="devices" data-testid="devices">
        <p class="devices-how">{t('devices.how')}</p>
        {problem && <p class="devices-problem" role="alert">{problem}</p>}
        {shown.length === 0 && <p class="empty">{t(rooms.length ? 'devices.none.found' : 'devices.none')}</p>}
        <ul class="sheet">
          {shown.map((room) => (
            <Row key={room.room} room={room} changed={() => void look()} />
          ))}
        </ul>
      </main>
    </>
  );
}

const root = document.getElementById('page');
if (root) render(<Page />, root);
