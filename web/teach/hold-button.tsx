// A button that acts only after it was held: no short press ends a class.

import { useEffect, useRef, useState } from 'preact/hooks';

const HOLD_MS = 1200;

export function HoldButton({ label, onHeld }: { label: string; onHeld: () => void }) {
  const [holding, setHolding] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const release = (): void => {
    clearTimeout(timer.current);
    setHolding(false);
  };
  const press = (): void => {
    release();
    setHolding(true);
    timer.current = setTimeout(() => {
      setHolding(false);
      onHeld();
    }, HOLD_MS);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    if (!event.repeat) press();
  };
  useEffect(() => release, []);
  return (
    <button
      class={holding ? 'button end holding' : 'button end'}
      data-testid="end"
      style={{ '--hold': `${HOLD_MS}ms` }}
      onPointerDown={press}
      onPointerUp={release}
      onPointerLeave={release}
      onKeyDown={onKeyDown}
      onKeyUp={release}
      onBlur={release}
    >
      <span>{label}</span>
    </button>
  );
}
