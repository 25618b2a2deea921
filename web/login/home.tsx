// Who has logged in, and the pages that open for them.

import { ask } from '../lib/ask';
import { t } from '../lib/i18n';
import type { Me } from '../lib/protocol';
import { focus } from '../lib/ui/focus';

const WORD = { teach: 'login.page.teach', devices: 'login.page.devices', plan: 'login.page.plan', ops: 'login.page.ops' } as const;

export function Home({ me, change, left }: { me: Me; change: () => void; left: () => void }) {
  const leave = (): void => void ask('POST', '/api/logout').then(left, left);
  return (
    <section data-testid="home">
      <h1>{me.person?.name ?? me.account}</h1>
      <p class="login-advice">{me.school ?? t(me.pages.length ? 'login.home' : 'login.home.none')}</p>
      <nav>
        {me.pages.map((page, place) => (
          <a key={page} class="button main" href={`/${page}`} ref={place === 0 ? focus : null}>
            {t(WORD[page])}
          </a>
        ))}
      </nav>
      <footer>
        <button class="lang" type="button" onClick={change}>{t('login.change')}</button>
        <button class="lang" type="button" onClick={leave}>{t('login.leave')}</button>
      </footer>
    </section>
  );
}
