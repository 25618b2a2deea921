// Publishing: a teacher sends voice, a camera in three sizes and a screen, a room on stage voice and a camera in two. All of
// them are filled and emptied without a new offer.

import { Door } from './door';
import { PeerSession, type PeerEvents } from './peer';
import type { Rid } from './protocol';

/** The camera's sizes, smallest first (Chromium wants them in that order). */
const CAMERA_ENCODINGS: RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000, maxFramerate: 15 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000, maxFramerate: 30 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 2_500_000, maxFramerate: 30 },
];
/** A room's: rural uplinks are thin, and it is seen small. */
const ROOM_ENCODINGS: RTCRtpEncodingParameters[] = [
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 150_000, maxFramerate: 15 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 700_000, maxFramerate: 25 },
];
const SCREEN_ENCODING: RTCRtpEncodingParameters = { maxBitrate: 2_000_000, maxFramerate: 15 };
const LIKED = ['video/h264', 'video/vp8', 'video/vp9', 'video/av1'];

export interface LocalTracks {
  voice: MediaStreamTrack | null;
  camera: MediaStreamTrack | null;
}

export const NO_TRACKS: LocalTracks = { voice: null, camera: null };

/** What a publisher is to the lesson. */
export type Part = 'teacher' | 'room';

interface Senders {
  voice: RTCRtpSender;
  camera: RTCRtpSender;
  screen: RTCRtpSender | null;
}

export class Publisher {
  readonly session: PeerSession;
  private senders: Senders | null = null;
  private screen: MediaStreamTrack | null = null;
  private idle: Rid[] = [];

  constructor(
    lesson: string,
    token: () => string,
    private readonly part: Part,
    private local: LocalTracks,
    events: Omit<PeerEvents, 'prepare'>,
  ) {
    const door = new Door(`/whip/${encodeURIComponent(lesson)}`, token, true);
    this.session = new PeerSession(door, {
      ...events,
      prepare: (pc) => this.prepare(pc),
      state: (state, problem) => {
        if (state === 'connected') void this.applyIdle();
        events.state(state, problem);
      },
    });
  }

  /** Shares a screen's track, or none; nothing is renegotiated. */
  async share(track: MediaStreamTrack | null): Promise<void> {
    this.screen = track;
    await this.senders?.screen?.replaceTrack(track);
  }

  /** Takes other devices in the middle of a class. */
  async use(local: LocalTracks): Promise<void> {
    this.local = local;
    await Promise.all([this.senders?.voice.replaceTrack(local.voice), this.senders?.camera.replaceTrack(local.camera)]);
  }

  /** Switches off the camera sizes that nobody watches. */
  async rest(idle: Rid[]): Promise<void> {
    this.idle = idle;
    await this.applyIdle();
  }

  private prepare(pc: RTCPeerConnection): void {
    const stream = new MediaStream();
    const add = (what: MediaStreamTrack | string, sendEncodings?: RTCRtpEncodingParameters[]): RTCRtpTransceiver =>
      pc.addTransceiver(what, {
        direction: 'sendonly',
        streams: [stream],
        ...(sendEncodings ? { sendEncodings: sendEncodings.map((one) => ({ ...one })) } : {}),
      });
    const voice = add(this.local.voice ?? 'audio');
    const camera = add(this.local.camera ?? 'video', this.part === 'teacher' ? CAMERA_ENCODINGS : ROOM_ENCODINGS);
    const screen = this.part === 'teacher' ? add('video', [SCREEN_ENCODING]) : null;
    for (const section of [camera, screen]) if (section) prefer(section);
    this.senders = { voice: voice.sender, camera: camera.sender, screen: screen?.sender ?? null };
    if (this.screen) void screen?.sender.replaceTrack(this.screen);
  }

  private async applyIdle(): Promise<void> {
    const sender = this.senders?.camera;
    const wanted = sender?.getParameters();
    if (!sender || !wanted || wanted.encodings.length < 2) return;
    const changed = wanted.encodings.filter((one) => one.active === this.idle.includes(one.rid as Rid));
    if (changed.length === 0) return;
    for (const one of changed) one.active = !one.active;
    await sender.setParameters(wanted).catch(() => {});
  }
}

/** H.264 first (rural panels decode it in hardware), then the rest, then repair formats. */
function prefer(section: RTCRtpTransceiver): void {
  const codecs = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
  const usable = codecs.filter((codec) => !/h264/i.test(codec.mimeType) || /packetization-mode=1/.test(codec.sdpFmtpLine ?? ''));
  const place = (codec: { mimeType: string }): number => {
    const at = LIKED.indexOf(codec.mimeType.toLowerCase());
    return at < 0 ? LIKED.length : at;
  };
  const ordered = usable.map((codec, i) => ({ codec, i })).sort((a, b) => place(a.codec) - place(b.codec) || a.i - b.i);
  if (ordered.length > 0) section.setCodecPreferences(ordered.map(({ codec }) => codec));
}
