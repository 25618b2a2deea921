// Words only the operations page forms: uptime, and which rooms count as red.

import { t } from '../lib/i18n';
import type { OpsFigures, OpsRoom } from '../lib/protocol';

export function uptime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return t('uptime.days', { d: Math.floor(hours / 24), h: hours % 24 });
  return hours > 0 ? t('uptime.hours', { h: hours, m: minutes % 60 }) : t('uptime.minutes', { m: minutes });
}

/** Something a person should look at: a cause is named, or a room was lost. */
export const isRed = (room: OpsRoom): boolean => room.cause !== null || room.state === 'lost';

export const redCount = (figures: OpsFigures): number =>
  figures.lessons.reduce((sum, lesson) => sum + lesson.rooms.filter(isRed).length, 0);
