// The rooms on stage beside the lesson: this one as it is seen by the others, and theirs.

import { useTick } from '../lib/hooks';
import { t } from '../lib/i18n';
import type { OnStage } from '../lib/protocol';
import { Sound } from '../lib/ui/sound';
import { Video } from '../lib/ui/video';
import { stageSlot, stageVoice } from '../lib/whep';
import type { Attending } from './attending';
import { Picture } from './picture';
import { onStage, type RoomState } from './state';

const MIC_REFUSED_FOR_MS = 4000;

export function StagePictures({ state }: { state: RoomState }) {
  if (state.stage.length === 0) return null;
  const size = state.stage.length > 3 ? 'crowded' : state.stage.length < 3 ? 'few' : '';
  return (
    <ul class={`on-stage ${size}`} data-testid="on-stage">
      {state.stage.map((one) => <Room key={one.room} one={one} state={state} />)}
    </ul>
  );
}

/** Every place's voice; which of them may be heard, the lesson decides. */
export function StageVoices({ state, onState }: { state: RoomState; onState: (on: boolean) => void }) {
  const places = Array.from({ length: state.places }, (_, i) => i + 1);
  return <>{places.map((place) => <Sound key={place} slot={stageVoice(place)} track={state.tracks[stageVoice(place)]} onState={onState} />)}</>;
}

/** It stays for as long as the room is on stage: nobody may wonder whether they are heard. */
export function StageBanner({ attending, state, mic }: { attending: Attending; state: RoomState; mic: boolean }) {
  useTick(500);
  const refused = attending.serverNow() - state.micRefusedMs < MIC_REFUSED_FOR_MS;
  const deaf = state.ownProblem !== null && state.ownProblem !== 'nocamera' && state.ownProblem !== 'busy';
  const word = deaf ? 'room.stage.nomic' : refused ? 'room.stage.refused' : mic ? 'room.stage.open' : 'room.stage.closed';
  return (
    <p class={deaf ? 'own-turn asks' : mic ? 'own-turn open' : 'own-turn'} role="status" data-testid="stage-banner">
      {t(word)}
    </p>
  );
}

function Room({ one, state }: { one: OnStage; state: RoomState }) {
  const own = one === onStage(state);
  const name = own ? t('room.stage.own') : one.name;
  return (
    <li class={one.mic ? 'speaks' : ''}>
      {own ? (
        <Video track={state.ownPicture} label={name} />
      ) : (
        <Picture slot={stageSlot(one.place)} track={state.tracks[stageSlot(one.place)]} onShown={() => {}} />
      )}
      <p>{name}</p>
    </li>
  );
}
