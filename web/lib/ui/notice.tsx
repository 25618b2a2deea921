// A full page with one headline and one piece of advice: refused, replaced, link incomplete.

import type { ComponentChildren } from 'preact';

export function Notice({ head, advice, children }: { head: string; advice: string; children?: ComponentChildren }) {
  return (
    <main class="notice" data-testid="notice">
      <div class="notice-sheet">
        <h1>{head}</h1>
        <p>{advice}</p>
        {children}
      </div>
    </main>
  );
}
