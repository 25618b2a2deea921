// 下课: the class is over, with thanks, and what comes next.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import { clock } from '../lib/time';
import type { Attending } from './attending';
import { Says } from './says';
import { nextLesson, type RoomState } from './state';

export function Ended({ attending, state }: { attending: Attending; state: RoomState }) {
  useTick(5000);
  const later = state.today.filter((one) => one.id !== state.lesson?.id);
  const next = nextLesson(later, attending.serverNow());
  return (
    <Says head={t('room.ended.head')} advice={t('room.ended.do', { teacher: state.lesson?.teacher ?? '' })}>
      <p class="after">
        {next ? `${t('room.next')} ${clock(next.starts_ms)} ${next.title}` : t('room.next.none.head')}
      </p>
    </Says>
  );
}
