// What comes back to the teacher: the rooms on stage, and the own picture as the rooms see it.

import type { MediaState, PeerSession } from '../lib/peer';
import type { FromPage } from '../lib/protocol';
import { watch, type SlotTracks } from '../lib/whep';

export interface BackActs {
  token(): string;
  reenter(): Promise<void>;
  send(message: FromPage): void;
  tracks(tracks: SlotTracks): void;
}

export class WatchingBack {
  private readonly session: PeerSession;
  private readonly opened = new WeakMap<RTCPeerConnection, SlotTracks>();
  private sharing = false;

  constructor(lesson: string, places: number, private readonly acts: BackActs) {
    this.session = watch(
      lesson,
      places,
      () => acts.token(),
      {
        opened: (location) => this.tell(location),
        state: (state) => this.changed(state),
        reenter: () => acts.reenter(),
      },
      (pc, tracks) => this.opened.set(pc, tracks),
    );
    void this.session.start();
  }

  /** The screen is what rooms look at while it is shared; what is not looked at is not sent back. */
  show(sharing: boolean): void {
    this.sharing = sharing;
    this.wish();
  }

  /** After every hello the lesson is told of this session again. */
  welcomed(): void {
    if (this.session.location) this.tell(this.session.location);
  }

  lost(location: string): void {
    void this.session.lost(location);
  }

  recover(): void {
    void this.session.recover();
  }

  close(): void {
    this.session.close();
  }

  private tell(location: string): void {
    this.acts.send({ type: 'session', location });
    this.wish();
  }

  private wish(): void {
    if (!this.session.location) return;
    this.acts.send({ type: 'wish', slot: 'camera', layer: this.sharing ? 'off' : 'q' });
    this.acts.send({ type: 'wish', slot: 'screen', layer: this.sharing ? 'f' : 'off' });
  }

  private changed(state: MediaState): void {
    const pc = this.session.pc;
    const tracks = pc && state === 'connected' ? this.opened.get(pc) : undefined;
    if (tracks) this.acts.tracks(tracks);
  }
}
