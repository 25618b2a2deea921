// A screen that is no room's yet: the code that an administrator types at a desk.

import { t } from '../lib/i18n';
import { Net } from './net';
import type { RoomState } from './state';

function Code({ code }: { code: string }) {
  return (
    <>
      <h1>{t('pairing.code')}</h1>
      <strong class="figures" data-testid="code">{`${code.slice(0, 3)} ${code.slice(3)}`}</strong>
      <p>{t('pairing.how', { where: `${location.host}/devices` })}</p>
      <p class="after">{t('pairing.after')}</p>
    </>
  );
}

export function Pairing({ state }: { state: RoomState }) {
  return (
    <main class="says pairing on-board" data-testid="pairing">
      {state.code ? <Code code={state.code} /> : <h1>{t(state.problem ? 'net.cut' : 'app.loading')}</h1>}
      <footer>
        <Net state={state} />
      </footer>
    </main>
  );
}
