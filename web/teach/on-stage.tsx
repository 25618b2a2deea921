// Under the own picture: what the rooms see of it, and the rooms on stage.

import { t } from '../lib/i18n';
import type { OnStage as Performer } from '../lib/protocol';
import { Sound } from '../lib/ui/sound';
import { Video } from '../lib/ui/video';
import { stageSlot, stageVoice } from '../lib/whep';
import { lastCalled, type TeachState } from './state';
import type { Teaching } from './teaching';

interface Props {
  teaching: Teaching;
  state: TeachState;
}

export function OnStage({ teaching, state }: Props) {
  const places = Array.from({ length: state.places }, (_, i) => i + 1);
  const last = lastCalled(state.stage);
  return (
    <section class="on-stage" aria-label={t('teach.stage')} data-testid="on-stage">
      <Back state={state} />
      {state.stage.map((one) => <Room key={one.room} one={one} last={one === last} teaching={teaching} state={state} />)}
      {places.map((place) => <Sound key={place} slot={stageVoice(place)} track={state.back[stageVoice(place)]} onState={() => {}} />)}
    </section>
  );
}

/** The picture as it comes back from the server: what the far end really sees. */
function Back({ state }: { state: TeachState }) {
  const track = state.back[state.screen ? 'screen' : 'camera'];
  return (
    <figure class="tile" data-testid="back">
      <Video track={track ?? null} label={t('teach.back')} />
      <figcaption>{track ? t('teach.back') : t('teach.back.none')}</figcaption>
    </figure>
  );
}

function Room({ one, last, teaching, state }: Props & { one: Performer; last: boolean }) {
  return (
    <figure class={one.mic ? 'tile speaks' : 'tile'} data-room={one.room}>
      <Video track={state.back[stageSlot(one.place)] ?? null} label={one.name} />
      <figcaption>
        <strong>{one.name}</strong> {one.school}
      </figcaption>
      <div class="tile-acts">
        {one.mic ? (
          <button class="button small" onClick={() => teaching.cut(one.room)}>
            {t('teach.stage.cut')}
            <kbd>C</kbd>
          </button>
        ) : (
          <button class="button small" onClick={() => teaching.call(one.room)}>{t('teach.stage.give')}</button>
        )}
        <button class="button small" onClick={() => teaching.dismiss(one.room)}>
          {t('teach.stage.off')}
          {last && <kbd>Esc</kbd>}
        </button>
      </div>
      <span class="tile-mic">{t(one.mic ? 'teach.stage.open' : 'teach.stage.closed')}</span>
    </figure>
  );
}
