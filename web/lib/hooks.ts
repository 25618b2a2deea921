// The few Preact hooks all pages share: a store's value, the language, and a clock that ticks.

import { useEffect, useState } from 'preact/hooks';
import { lang, onLang } from './i18n';
import type { Store } from './store';

/** Draws again whenever the store changes. */
export function useStore<T extends object>(store: Store<T>): T {
  const [, redraw] = useState(0);
  const drawn = store.now;
  useEffect(() => {
    const again = (): void => redraw((n) => n + 1);
    if (store.now !== drawn) again(); // It changed between drawing and listening.
    return store.listen(again);
  }, [store]);
  return drawn;
}

/** Draws again when the language is changed. */
export function useLang(): string {
  const [, redraw] = useState(0);
  useEffect(() => onLang(() => redraw((n) => n + 1)), []);
  return lang();
}

/** Draws again every `everyMs`; returns the browser's clock in ms. */
export function useTick(everyMs = 1000): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
