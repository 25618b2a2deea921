// A page's camera and microphone: which there are, which were chosen, and what is wrong with them.

export type DeviceProblem = 'insecure' | 'denied' | 'nothing' | 'nocamera' | 'busy';

export interface Chosen {
  camera: string;
  microphone: string;
}

export interface Captured {
  stream: MediaStream | null;
  problem: DeviceProblem | null;
}

/** The largest picture that is worth taking. */
export interface Size {
  width: number;
  height: number;
}

const TEACHER_SIZE: Size = { width: 1280, height: 720 };

export interface DeviceList {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}

const REMEMBERED = 'tongke.devices';

export function rememberedChoice(): Chosen {
  try {
    const found = JSON.parse(localStorage.getItem(REMEMBERED) ?? '{}') as Partial<Chosen>;
    return { camera: found.camera ?? '', microphone: found.microphone ?? '' };
  } catch {
    return { camera: '', microphone: '' };
  }
}

export function rememberChoice(chosen: Chosen): void {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(chosen));
  } catch {
    // Storage may be forbidden; the browser's defaults are used next time.
  }
}

export async function listDevices(): Promise<DeviceList> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const of = (kind: MediaDeviceKind): MediaDeviceInfo[] => all.filter((one) => one.kind === kind && one.deviceId !== '');
  return { cameras: of('videoinput'), microphones: of('audioinput') };
}

/** Opens both devices; without a camera the voice alone. `stream` is `null` when not even that is possible. */
export async function capture(chosen: Chosen, size = TEACHER_SIZE): Promise<Captured> {
  if (!window.isSecureContext || !navigator.mediaDevices) return { stream: null, problem: 'insecure' };
  const both = await open({ audio: voice(chosen.microphone), video: picture(chosen.camera, size) });
  if (both instanceof MediaStream) return { stream: both, problem: null };
  if (both === 'NotAllowedError') return { stream: null, problem: 'denied' };
  const alone = await open({ audio: voice(chosen.microphone) });
  if (!(alone instanceof MediaStream)) return { stream: null, problem: alone === 'NotAllowedError' ? 'denied' : 'nothing' };
  return { stream: alone, problem: both === 'NotReadableError' ? 'busy' : 'nocamera' };
}

async function open(wanted: MediaStreamConstraints): Promise<MediaStream | string> {
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    return error instanceof DOMException ? error.name : 'Error';
  }
}

const voice = (id: string): MediaTrackConstraints => ({
  ...(id ? { deviceId: { ideal: id } } : {}),
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
});

const picture = (id: string, size: Size): MediaTrackConstraints => ({
  ...(id ? { deviceId: { ideal: id } } : {}),
  width: { ideal: size.width },
  height: { ideal: size.height },
  frameRate: { ideal: 30, max: 30 },
});

/** Asks for a screen; `null` when the person thought better of it. */
export async function captureScreen(): Promise<MediaStreamTrack | null> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
    const track = stream.getVideoTracks()[0] ?? null;
    if (track) track.contentHint = 'detail';
    return track;
  } catch {
    return null;
  }
}
