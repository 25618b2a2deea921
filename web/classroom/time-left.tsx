// How many minutes the lesson still has, large enough to be read from the last row.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import { wholeMinutes } from '../lib/time';
import type { Attending } from './attending';
import type { RoomState } from './state';

export function TimeLeft({ attending, state }: { attending: Attending; state: RoomState }) {
  useTick(5000);
  if (!state.lesson) return null;
  const left = wholeMinutes(state.lesson.ends_ms - attending.serverNow());
  if (left <= 1) return <p class="time-left">{t('room.lastminute')}</p>;
  return (
    <p class="time-left">
      {t('room.left')} <strong class="figures">{left}</strong> {t('room.left.unit')}
    </p>
  );
}
