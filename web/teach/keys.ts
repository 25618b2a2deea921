// The teacher's keys: Enter starts, M mutes, S shares, N calls the next hand, C closes the open microphone, Esc takes the last
// called room off stage. Ending takes a held button, never a key press.

import type { Teaching } from './teaching';

export function onKey(event: KeyboardEvent, teaching: Teaching): void {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const { phase } = teaching.store.now;
  const on = event.target instanceof Element ? event.target.tagName : '';
  if (phase === 'replaced' && event.key === 'Enter') return location.reload();
  if (on === 'SELECT' || on === 'INPUT') return;
  if (phase === 'before' && event.key === 'Enter' && on !== 'BUTTON') return void teaching.startClass();
  if (phase !== 'live') return;
  LIVE[event.key.toLowerCase()]?.(teaching);
}

const LIVE: Record<string, (teaching: Teaching) => void> = {
  m: (teaching) => teaching.toggleMute(),
  s: (teaching) => void teaching.toggleShare(),
  n: (teaching) => teaching.callNext(),
  c: (teaching) => teaching.cut(),
  escape: (teaching) => teaching.dismiss(),
};
