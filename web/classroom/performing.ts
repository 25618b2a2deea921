// The room on stage: it connects when its hand goes up, puts its camera and microphone in when it is called, and lets go of
// them when it is over.

import { capture, type DeviceProblem } from '../lib/devices';
import { NO_TRACKS, Publisher, type LocalTracks } from '../lib/whip';

/** What the room is to the lesson: a listener, one that may be called at any moment, or on stage. */
export type Part = 'listens' | 'asks' | 'performs';

export interface PerformActs {
  token(): string;
  reenter(): Promise<void>;
  /** A session exists on the server. */
  opened(location: string): void;
  /** What the room shows of itself, or why it cannot. */
  own(picture: MediaStreamTrack | null, problem: DeviceProblem | null): void;
}

/** A room is shown in a part of a screen, and its uplink is thin. */
const SIZE = { width: 960, height: 540 };

export class Performing {
  private publisher: Publisher | null = null;
  private local: LocalTracks | null = null;
  private part: Part = 'listens';
  private mic = false;

  constructor(private readonly acts: PerformActs) {}

  get location(): string | null {
    return this.publisher?.session.location ?? null;
  }

  /** Becomes what the lesson says the room is; called with every news of it. */
  be(part: Part, mic: boolean, lesson: string): void {
    const before = this.part;
    this.part = part;
    this.mic = mic;
    if (part === 'listens') return this.stop();
    if (!this.publisher) this.connect(lesson);
    if (part === 'performs' && before !== 'performs') void this.takeDevices();
    if (part === 'asks' && before === 'performs') this.letGo();
    this.openMicrophone();
  }

  lost(location: string): void {
    void this.publisher?.session.lost(location);
  }

  recover(): void {
    void this.publisher?.session.recover();
  }

  stop(): void {
    this.part = 'listens';
    this.publisher?.session.close();
    this.publisher = null;
    this.letGo();
  }

  private connect(lesson: string): void {
    const publisher = new Publisher(lesson, () => this.acts.token(), 'room', this.local ?? NO_TRACKS, {
      opened: (location) => this.acts.opened(location),
      // A refusal means that the lesson has changed its mind, and its next word says so.
      state: (state) => state === 'refused' && this.publisher === publisher && this.forget(),
      reenter: () => this.acts.reenter(),
    });
    this.publisher = publisher;
    void publisher.session.start(true);
  }

  private forget(): void {
    this.publisher = null;
  }

  private async takeDevices(): Promise<void> {
    const { stream, problem } = await capture({ camera: '', microphone: '' }, SIZE);
    const local = { voice: stream?.getAudioTracks()[0] ?? null, camera: stream?.getVideoTracks()[0] ?? null };
    if (this.part !== 'performs') return stopTracks(local);
    this.letGo();
    this.local = local;
    this.openMicrophone();
    this.acts.own(local.camera, problem);
    await this.publisher?.use(local);
  }

  private openMicrophone(): void {
    if (this.local?.voice) this.local.voice.enabled = this.mic;
  }

  private letGo(): void {
    if (this.local) stopTracks(this.local);
    this.local = null;
    this.acts.own(null, null);
  }
}

const stopTracks = (local: LocalTracks): void => [local.voice, local.camera].forEach((track) => track?.stop());
