// Short words over the picture: the sound that needs a key, the layout just chosen, a muted teacher.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import type { Attending } from './attending';
import type { RoomState } from './state';

const LAYOUT_FOR_MS = 2500;

export function Banner({ attending, state }: { attending: Attending; state: RoomState }) {
  useTick(500);
  if (!state.sound) return <p class="banner asks" role="alert" data-testid="sound-prompt">{t('room.sound')}</p>;
  if (attending.serverNow() - state.layoutMs < LAYOUT_FOR_MS) return <p class="banner">{t(`room.layout.${state.layout}`)}</p>;
  const muted = state.lesson?.state === 'live' && state.sources.camera && !state.sources.voice;
  return muted ? <p class="banner low">{t('room.muted')}</p> : null;
}
