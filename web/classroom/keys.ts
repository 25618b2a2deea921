// The clicker's keys: F5 hand, full stop the microphone on stage, PageDown and PageUp layouts, Enter where another page took over.

import type { Attending } from './attending';

export function onKey(event: KeyboardEvent, attending: Attending): void {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  if (!event.repeat) act(attending);
}

const ACTS: Record<string, (attending: Attending) => void> = {
  F5: (attending) => attending.toggleHand(),
  '.': (attending) => attending.toggleMic(),
  PageDown: (attending) => attending.changeLayout(1),
  PageUp: (attending) => attending.changeLayout(-1),
  Enter: (attending) => {
    if (attending.store.now.phase === 'replaced') location.reload();
  },
};
