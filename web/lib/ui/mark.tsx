// The dot of every state: a shape of its own for each meaning, so that colour is never the only sign.

export type Meaning = 'good' | 'weak' | 'bad' | 'busy' | 'none';

/** ● good · ▲ weak · ◆ bad · ◐ busy · ○ none. */
export function Mark({ meaning }: { meaning: Meaning }) {
  return (
    <svg class={`mark mark-${meaning}`} viewBox="0 0 20 20" aria-hidden="true">
      {shape(meaning)}
    </svg>
  );
}

function shape(meaning: Meaning) {
  switch (meaning) {
    case 'good':
      return <circle cx="10" cy="10" r="7" fill="currentColor" />;
    case 'weak':
      return <path d="M10 2.5 18.5 17h-17z" fill="currentColor" />;
    case 'bad':
      return <path d="M10 1.5 18.5 10 10 18.5 1.5 10z" fill="currentColor" />;
    case 'busy':
      return (
        <g>
          <circle cx="10" cy="10" r="6.5" fill="none" stroke="currentColor" stroke-width="2.5" />
          <path d="M10 3.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />
        </g>
      );
    case 'none':
      return <circle cx="10" cy="10" r="6.5" fill="none" stroke="currentColor" stroke-width="2.5" />;
  }
}
