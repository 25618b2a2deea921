// The teacher's keys: Enter starts, M mutes, S shares. Ending takes a held button, never a key press.

import type { Teaching } from './teaching';

export function onKey(event: KeyboardEvent, teaching: Teaching): void {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const { phase } = teaching.store.now;
  const on = event.target instanceof Element ? event.target.tagName : '';
  if (phase === 'replaced' && event.key === 'Enter') return location.reload();
  if (on === 'SELECT' || on === 'INPUT') return;
  if (phase === 'before' && event.key === 'Enter' && on !== 'BUTTON') return void teaching.startClass();
  if (phase !== 'live') return;
  if (event.key === 'm' || event.key === 'M') return teaching.toggleMute();
  if (event.key === 's' || event.key === 'S') return void teaching.toggleShare();
}
