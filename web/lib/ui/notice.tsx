// A full page with one headline and one piece of advice: refused, replaced, link incomplete.

import type { ComponentChildren } from 'preact';
import { t } from '../i18n';

export function Notice({ head, advice, children }: { head: string; advice: string; children?: ComponentChildren }) {
  return (
    <main class="notice" data-testid="notice">
      <div class="notice-sheet">
        <p class="notice-name">{t('app.name')}</p>
        <h1>{head}</h1>
        <p>{advice}</p>
        {children}
      </div>
    </main>
  );
}
