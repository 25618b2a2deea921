// The teacher's own uplink in words.

import { percent, rate } from '../lib/figures';
import { t } from '../lib/i18n';
import { sentence } from '../lib/problem';
import { Mark, type Meaning } from '../lib/ui/mark';
import { uplinkMeaning } from '../lib/ui/states';
import type { UplinkState } from '../lib/protocol';
import type { TeachState } from './state';

type Shown = UplinkState | 'cut' | 'link';

export function UplinkLine({ state }: { state: TeachState }) {
  const shown = uplinkShown(state);
  const meaning = meaningOf(shown);
  return (
    <div class={`uplink uplink-${meaning}`} data-testid="uplink">
      <Mark meaning={meaning} />
      <div>
        <strong>{t(`uplink.${shown}`)}</strong>
        <span>{state.mediaProblem ? sentence(state.mediaProblem) : t(`uplink.${shown}.do`)}</span>
      </div>
      {state.uplink && shown === state.uplink.state && shown !== 'none' && (
        <small class="figures">
          {t('uplink.figures', {
            rate: rate(state.uplink.bps),
            loss: percent(state.uplink.loss),
            rtt: Math.round(state.uplink.rtt_ms),
          })}
        </small>
      )}
    </div>
  );
}

/** Our own knowledge of a cut comes before the server's last word. */
function uplinkShown(state: TeachState): Shown {
  if (state.media === 'recovering' || state.media === 'refused') return 'cut';
  if (state.media !== 'connected') return 'none';
  if (state.socket !== 'open') return 'link';
  return state.uplink?.state ?? 'none';
}

function meaningOf(shown: Shown): Meaning {
  if (shown === 'cut') return 'bad';
  return shown === 'none' || shown === 'link' ? 'busy' : uplinkMeaning(shown);
}
