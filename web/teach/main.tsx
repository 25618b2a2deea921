// The teacher's page: draws the phase the class is in, and gives it its keys.

import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import '../style/tokens.css';
import '../style/desk.css';
import './teach.css';
import { useLang, useStore } from '../lib/hooks';
import { t } from '../lib/i18n';
import { sentence } from '../lib/problem';
import { Notice } from '../lib/ui/notice';
import { Before } from './before';
import { Ended } from './ended';
import { onKey } from './keys';
import { Live } from './live';
import { Teaching } from './teaching';
import { Waiting } from './waiting';

function Page({ teaching }: { teaching: Teaching }) {
  useLang();
  const state = useStore(teaching.store);
  useEffect(() => {
    document.title = `${t('app.name')} · ${state.lesson?.title ?? t('teach.title')}`;
  });
  switch (state.phase) {
    case 'entering':
      return <Notice head={t('app.loading')} advice={state.problem ? sentence(state.problem) : ''} />;
    case 'refused':
      return <Notice head={state.problem ? sentence(state.problem) : t('page.refused.head')} advice={t('page.refused.do')} />;
    case 'replaced':
      return (
        <Notice head={t('page.replaced.head')} advice={t('page.replaced.do')}>
          <button class="button main" autofocus onClick={() => location.reload()}>{t('page.here')}</button>
        </Notice>
      );
    case 'waiting':
      return <Waiting state={state} />;
    case 'before':
      return <Before teaching={teaching} state={state} />;
    case 'live':
      return <Live teaching={teaching} state={state} />;
    case 'ended':
      return <Ended state={state} />;
  }
}

const teaching = new Teaching();
document.addEventListener('keydown', (event) => onKey(event, teaching));
navigator.mediaDevices?.addEventListener?.('devicechange', () => void teaching.devicesChanged());
window.addEventListener('pagehide', () => teaching.leave());
const root = document.getElementById('page');
if (root) render(<Page teaching={teaching} />, root);
void teaching.begin();
