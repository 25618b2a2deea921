// The room's own hand: up, or just seen by the teacher.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import type { Attending } from './attending';
import { onStage, type RoomState } from './state';

const SEEN_FOR_MS = 6000;

export function Hand({ attending, state }: { attending: Attending; state: RoomState }) {
  useTick();
  if (state.handMs !== null) return <Chip word={t('room.hand.up')} up />;
  if (onStage(state)) return null;
  if (state.handSeenMs > 0 && attending.serverNow() - state.handSeenMs < SEEN_FOR_MS) return <Chip word={t('room.hand.seen')} up={false} />;
  return null;
}

function Chip({ word, up }: { word: string; up: boolean }) {
  return (
    <p class={up ? 'hand-chip up' : 'hand-chip'} data-testid="hand" role="status">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        {up ? (
          <path
            d="M7 12.5V6a1.4 1.4 0 0 1 2.8 0v5M9.8 10.5V4a1.4 1.4 0 0 1 2.8 0v6.5M12.6 10.5V5a1.4 1.4 0 0 1 2.8 0v7M15.4 11.5V7.5a1.4 1.4 0 0 1 2.8 0V15a6.5 6.5 0 0 1-6.5 6.5c-3 0-4.6-1.4-6-4.2L3.6 13.4c-.5-1.2 1-2.2 2-1.2L7 14"
            fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"
          />
        ) : (
          <path d="M4 12.5 9.5 18 20 6.5" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round" />
        )}
      </svg>
      {word}
    </p>
  );
}
