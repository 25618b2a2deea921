// Which language the page speaks: Chinese unless asked otherwise, remembered in this browser.

import { WORDS, type WordKey } from './words';

export type Lang = 'zh' | 'en';

const REMEMBERED = 'tongke.lang';
const listeners = new Set<() => void>();
let current: Lang = chosen();

export const lang = (): Lang => current;

export function setLang(next: Lang): void {
  current = next;
  try {
    localStorage.setItem(REMEMBERED, next);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  announce();
}

export function onLang(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The sentence of `key` in the page's language, with `{name}` filled in. */
export function t(key: WordKey, values: Record<string, string | number> = {}): string {
  const [zh, en] = WORDS[key];
  const text: string = current === 'en' ? en : zh;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** Tells the document its language, so that screen readers and line breaking agree. */
function announce(): void {
  if (typeof document !== 'undefined') document.documentElement.lang = current === 'en' ? 'en' : 'zh-CN';
  for (const listener of [...listeners]) listener();
}

function chosen(): Lang {
  if (typeof location === 'undefined') return 'zh';
  const asked = new URLSearchParams(location.search).get('lang') ?? remembered();
  const found: Lang = asked === 'en' ? 'en' : 'zh';
  if (typeof document !== 'undefined') document.documentElement.lang = found === 'en' ? 'en' : 'zh-CN';
  return found;
}

function remembered(): string | null {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}
