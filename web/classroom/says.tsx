// One headline and one piece of advice, large enough for the last row.

import type { ComponentChildren } from 'preact';

interface Props {
  head: string;
  advice: string;
  children?: ComponentChildren;
}

export function Says({ head, advice, children }: Props) {
  return (
    <main class="says on-board" data-testid="says">
      <h1>{head}</h1>
      <p>{advice}</p>
      {children}
    </main>
  );
}
