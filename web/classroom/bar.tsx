// The line under the pictures: which lesson (before class: which room; on stage: whether we are heard), the network, the keys.

import { t } from '../lib/i18n';
import type { Arrangement } from '../lib/layouts';
import type { Attending } from './attending';
import { Net } from './net';
import { StageBanner } from './on-stage';
import { onStage, type RoomState } from './state';

interface Props {
  attending: Attending;
  state: RoomState;
  drawn: Arrangement;
}

export function Bar({ attending, state, drawn }: Props) {
  const lesson = state.lesson?.state === 'planned' ? null : state.lesson;
  const own = onStage(state);
  return (
    <footer class="bar">
      {own ? (
        <StageBanner attending={attending} state={state} mic={own.mic} />
      ) : (
        <div class="bar-lesson">
          <strong>{lesson?.title ?? state.room}</strong>
          <span>{lesson ? [lesson.teacher, lesson.school].filter(Boolean).join(' · ') : state.school}</span>
        </div>
      )}
      <Net state={state} />
      <div class="bar-keys">
        {own?.floor ? (
          <Key name="." does={t(own.mic ? 'room.key.close' : 'room.key.open')} />
        ) : (
          <Key name="F5" does={t(state.handMs === null ? 'room.key.hand' : 'room.key.lower')} />
        )}
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
