// The network light: shape, colour and word.

import { t } from '../lib/i18n';
import { Mark, type Meaning } from '../lib/ui/mark';
import { netLight, type NetLight, type RoomState } from './state';

const MEANING: Record<NetLight, Meaning> = { good: 'good', connecting: 'busy', cut: 'bad' };

export function Net({ state }: { state: RoomState }) {
  const light = netLight(state);
  return (
    <span class="net" data-testid="net">
      <Mark meaning={MEANING[light]} />
      {t(`net.${light}`)}
    </span>
  );
}
