// Which camera, which microphone.

import { t } from '../lib/i18n';
import type { TeachState } from './state';
import type { Teaching } from './teaching';

export function DeviceChoice({ teaching, state }: { teaching: Teaching; state: TeachState }) {
  return (
    <>
      <Choice
        name={t('teach.camera')}
        devices={state.devices.cameras}
        value={state.camera}
        onChoose={(camera) => void teaching.useDevices({ camera })}
      />
      <Choice
        name={t('teach.microphone')}
        devices={state.devices.microphones}
        value={state.microphone}
        onChoose={(microphone) => void teaching.useDevices({ microphone })}
      />
    </>
  );
}

interface ChoiceProps {
  name: string;
  devices: MediaDeviceInfo[];
  value: string;
  onChoose: (id: string) => void;
}

function Choice({ name, devices, value, onChoose }: ChoiceProps) {
  return (
    <label class="field">
      <span class="field-name">{name}</span>
      <select value={value} disabled={devices.length === 0} onChange={(event) => onChoose(event.currentTarget.value)}>
        {devices.length === 0 && <option value="">{t('device.none')}</option>}
        {devices.map((device, i) => (
          <option key={device.deviceId} value={device.deviceId}>{device.label || `${name} ${i + 1}`}</option>
        ))}
      </select>
    </label>
  );
}
