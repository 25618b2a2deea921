// Logging in: name and password, a new password if it has to be one, and the way to the own pages.

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import '../style/tokens.css';
import '../style/desk.css';
import './login.css';
import { ask } from '../lib/ask';
import { useLang } from '../lib/hooks';
import { t } from '../lib/i18n';
import type { Me } from '../lib/protocol';
import { LangButton } from '../lib/ui/lang-button';
import { Entry } from './entry';
import { Home } from './home';
import { NewPassword } from './new-password';

function Page() {
  useLang();
  const [me, setMe] = useState<Me | null | 'unknown'>('unknown');
  const [changes, setChanges] = useState(false);
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('login.title')}`;
  });
  useEffect(() => {
    ask<Me>('GET', '/api/me').then(setMe, () => setMe(null));
  }, []);
  const entered = (next: Me): void => {
    const only = next.pages.length === 1 && !next.must_change ? next.pages[0] : null;
    if (only) location.assign(`/${only}`);
    else setMe(next);
  };
  const changed = async (): Promise<void> => {
    setChanges(false);
    setMe(await ask<Me>('GET', '/api/me').catch(() => null));
  };
  if (me === 'unknown') return null;
  return (
    <main class="login" data-testid="login">
      <div class="login-sheet sheet">
        <header>
          <p class="login-name">{t('app.name')}</p>
          <LangButton />
        </header>
        {me === null && <Entry entered={entered} />}
        {me && (me.must_change || changes) && <NewPassword me={me} changed={() => void changed()} />}
        {me && !me.must_change && !changes && <Home me={me} change={() => setChanges(true)} left={() => setMe(null)} />}
      </div>
    </main>
  );
}

const root = document.getElementById('page');
if (root) render(<Page />, root);
