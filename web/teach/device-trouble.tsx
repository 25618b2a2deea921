// What is wrong with the devices, and what the teacher can do about it.

import { t } from '../lib/i18n';
import { Mark } from '../lib/ui/mark';
import type { DeviceProblem } from '../lib/devices';

export function DeviceTrouble({ problem, onAgain }: { problem: DeviceProblem; onAgain: () => void }) {
  const serious = problem !== 'nocamera' && problem !== 'busy';
  return (
    <div class={serious ? 'trouble serious' : 'trouble'} role="alert" data-testid="device-problem">
      <Mark meaning={serious ? 'bad' : 'weak'} />
      <div>
        <strong>{t(`device.${problem}.head`)}</strong>
        <p>{t(`device.${problem}.do`)}</p>
      </div>
      {problem !== 'insecure' && <button class="button small" onClick={onAgain}>{t('device.again')}</button>}
    </div>
  );
}
