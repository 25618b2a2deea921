// The line under the pictures: which lesson (before class: which room), the network, the keys.

import { t } from '../lib/i18n';
import type { Arrangement } from '../lib/layouts';
import { Net } from './net';
import type { RoomState } from './state';

export function Bar({ state, drawn }: { state: RoomState; drawn: Arrangement }) {
  const lesson = state.lesson?.state === 'planned' ? null : state.lesson;
  return (
    <footer class="bar">
      <div class="bar-lesson">
        <strong>{lesson?.title ?? state.room}</strong>
        <span>{lesson ? [lesson.teacher, lesson.school].filter(Boolean).join(' · ') : state.school}</span>
      </div>
      <Net state={state} />
      <div class="bar-keys">
        <Key name="F5" does={t(state.handMs === null ? 'room.key.hand' : 'room.key.lower')} />
        {drawn !== 'camera' && <Key name="PgDn" does={t('room.key.layout')} />}
      </div>
    </footer>
  );
}

function Key({ name, does }: { name: string; does: string }) {
  return (
    <span>
      <kbd>{name}</kbd>
      {does}
    </span>
  );
}
