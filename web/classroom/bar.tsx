// The line under the pictures: which lesson, how long still, the network, the keys.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import type { Arrangement } from '../lib/layouts';
import { wholeMinutes } from '../lib/time';
import type { Attending } from './attending';
import { Net } from './net';
import type { RoomState } from './state';

interface Props {
  attending: Attending;
  state: RoomState;
  drawn: Arrangement;
}

export function Bar({ attending, state, drawn }: Props) {
  useTick(5000);
  const lesson = state.lesson;
  const left = wholeMinutes((lesson?.ends_ms ?? 0) - attending.serverNow());
  return (
    <footer class="bar">
      <div class="bar-lesson">
        <strong>{lesson?.title}</strong>
        <span>{[lesson?.teacher, lesson?.school].filter(Boolean).join(' · ')}</span>
      </div>
      <div class="bar-state">
        <span class="figures">{left > 1 ? t('room.left', { n: left }) : t('room.lastminute')}</span>
        <Net state={state} />
      </div>
      <div class="bar-keys">
        <span>
          <kbd>F5</kbd>
          {t(state.handMs === null ? 'room.key.hand' : 'room.key.lower')}
        </span>
        {drawn !== 'camera' && (
          <span>
            <kbd>PgDn</kbd>
            {t('room.key.layout')}
          </span>
        )}
      </div>
    </footer>
  );
}
