// The classroom's page: draws what the room is in, and listens to the clicker.

import { render } from 'preact';
import '../style/tokens.css';
import './classroom.css';
import { useLang, useStore } from '../lib/hooks';
import { t } from '../lib/i18n';
import { Attending } from './attending';
import { stayAwake } from './awake';
import { Ended } from './ended';
import { expose } from './expose';
import { onKey } from './keys';
import { LessonView } from './lesson-view';
import { Pairing } from './pairing';
import { Says } from './says';
import { Standby } from './standby';

function Page({ attending }: { attending: Attending }) {
  useLang();
  const state = useStore(attending.store);
  switch (state.phase) {
    case 'pairing':
      return <Pairing state={state} />;
    case 'entering':
    case 'standby':
      return <Standby attending={attending} state={state} />;
    case 'lesson':
      return <LessonView attending={attending} state={state} />;
    case 'ended':
      return <Ended attending={attending} state={state} />;
    case 'replaced':
      return <Says head={t('page.replaced.head')} advice={t('page.replaced.do')} />;
  }
}

const attending = new Attending();
expose(attending.store);
document.addEventListener('keydown', (event) => onKey(event, attending));
stayAwake();
window.addEventListener('pagehide', () => attending.leave());
const root = document.getElementById('page');
if (root) render(<Page attending={attending} />, root);
void attending.begin();
