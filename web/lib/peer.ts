// One media session that keeps itself alive: ICE restart first, a new session after two seconds, the old one until then.

import { pause, retryDelayMs } from './backoff';
import type { Door, Opened } from './door';
import { Refused } from './problem';
import type { Problem } from './protocol';
import { restartedAnswer, restartFragment } from './sdp';
import { aliveMark } from './stats';

export type MediaState = 'connecting' | 'connected' | 'recovering' | 'refused' | 'closed';

export interface PeerEvents {
  /** Fills a fresh connection with its sections, before the offer. */
  prepare(pc: RTCPeerConnection): void;
  /** A session exists on the server; tell the lesson its `Location`. */
  opened(location: string): void;
  state(state: MediaState, problem: Problem | null): void;
  /** The token was refused: enter again. */
  reenter(): Promise<void>;
}

const RESTART_WAIT_MS = 2000;
const CONNECT_WAIT_MS = 8000;
/** Media come back within 3 s of the link, so tries are never further apart than this. */
const RETRY_MOST_MS = 1800;
/** Refusals that no new try can change. */
const FINAL = new Set(['not_permitted', 'lesson_unknown', 'lesson_ended', 'offer_unusable', 'already_publishing']);

interface Live {
  pc: RTCPeerConnection;
  session: Opened;
}

export class PeerSession {
  private live: Live | null = null;
  /** The session that is being opened beside it. */
  private coming: { location: string; giveUp(): void } | null = null;
  private busy = false;
  private closed = false;

  constructor(
    private readonly door: Door,
    private readonly events: PeerEvents,
  ) {}

  get pc(): RTCPeerConnection | null {
    return this.live?.pc ?? null;
  }

  get location(): string | null {
    return this.live?.session.location ?? null;
  }

  /** Opens the session and keeps it open until `close`. */
  async start(takeOver = false): Promise<void> {
    if (this.busy || this.closed) return;
    this.busy = true;
    this.events.state('connecting', null);
    await this.openUntilThere(takeOver);
    this.busy = false;
  }

  /** The media stopped: restart ICE, and open a new session when that does not help within two seconds. */
  async recover(how: 'restart' | 'reopen' = 'restart'): Promise<void> {
    if (this.busy || this.closed || !this.live) return;
    this.busy = true;
    this.events.state('recovering', null);
    const back = how === 'restart' && (await this.restart(this.live));
    if (back) this.events.state('connected', null);
    else await this.openUntilThere(true);
    this.busy = false;
  }

  /** The server has lost this session: only a new one helps, so nothing else is tried first. */
  async lost(location: string): Promise<void> {
    if (this.coming?.location === location) this.coming.giveUp();
    else if (this.live?.session.location === location) await this.recover('reopen');
  }

  close(): void {
    this.closed = true;
    const live = this.live;
    this.live = null;
    if (live) this.retire(live);
    this.events.state('closed', null);
  }

  private async openUntilThere(takeOver: boolean): Promise<void> {
    for (let tries = 0; !this.closed; tries++) {
      const problem = await this.openOnce(takeOver);
      if (problem === null || this.closed) return;
      if (FINAL.has(problem.problem.code)) return this.events.state('refused', problem.problem);
      if (problem.problem.status === 401) await this.events.reenter().catch(() => {});
      this.events.state('recovering', problem.problem.status === 0 ? null : problem.problem);
      await pause(problem.retryAfterMs ?? retryDelayMs(tries, Math.random(), RETRY_MOST_MS));
      if (await this.cameBack()) return;
    }
  }

  /** One new session beside the old one. `null` when it took over, or was no longer wanted. */
  private async openOnce(takeOver: boolean): Promise<Refused | null> {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    let session: Opened | null = null;
    try {
      this.events.prepare(pc);
      await pc.setLocalDescription(await pc.createOffer());
      session = await this.door.open(pc.localDescription?.sdp ?? '', takeOver);
      const { location, answer } = session;
      const givenUp = new Promise<never>((_, broken) => {
        this.coming = { location, giveUp: () => broken(new Error('the server has lost it')) };
      });
      this.events.opened(location);
      await Promise.race([pc.setRemoteDescription({ type: 'answer', sdp: answer }).then(() => connected(pc, CONNECT_WAIT_MS)), givenUp]);
    } catch (error) {
      pc.close();
      if (session) this.door.leave(session);
      return error instanceof Refused ? error : new Refused(NO_ROAD);
    } finally {
      this.coming = null;
    }
    this.adopt({ pc, session });
    return null;
  }

  private adopt(next: Live): void {
    if (this.closed) return this.retire(next);
    const old = this.live;
    this.live = next;
    // The lesson may not have been there to be told when the session came to be.
    this.events.opened(next.session.location);
    next.pc.addEventListener('connectionstatechange', () => this.watch(next.pc));
    this.events.state('connected', null);
    if (old) this.retire(old);
  }

  private retire(old: Live): void {
    this.door.leave(old.session);
    old.pc.close();
  }

  private watch(pc: RTCPeerConnection): void {
    if (pc !== this.live?.pc) return;
    if (pc.connectionState === 'disconnected' || pc.connectionState === 'failed') void this.recover();
  }

  /** The server agrees first, so that a lost answer leaves the old state as it was. */
  private async restart(live: Live): Promise<boolean> {
    const { pc, session } = live;
    const until = performance.now() + RESTART_WAIT_MS;
    try {
      const offer = await pc.createOffer({ iceRestart: true });
      const said = await this.door.restart(session, restartFragment(offer.sdp ?? ''), RESTART_WAIT_MS);
      session.etag = said.etag;
      session.answer = restartedAnswer(session.answer, said.fragment);
      await pc.setLocalDescription(offer);
      await pc.setRemoteDescription({ type: 'answer', sdp: session.answer });
    } catch {
      return false;
    }
    return alive(pc, until);
  }

  /** The old session breathes again (the cut was short), so the new one is not needed. */
  private async cameBack(): Promise<boolean> {
    const pc = this.live?.pc;
    if (!pc || pc.connectionState !== 'connected') return false;
    if (!(await alive(pc, performance.now() + 300))) return false;
    this.events.state('connected', null);
    if (this.live) this.events.opened(this.live.session.location);
    return true;
  }
}

const NO_ROAD: Problem = { status: 0, code: 'unreachable', title: '', title_zh: '' };

function connected(pc: RTCPeerConnection, waitMs: number): Promise<void> {
  return new Promise((kept, broken) => {
    const timer = setTimeout(() => broken(new Error('no media road')), waitMs);
    const look = (): void => {
      if (pc.connectionState !== 'connected' && pc.connectionState !== 'failed') return;
      clearTimeout(timer);
      pc.connectionState === 'connected' ? kept() : broken(new Error('no media road'));
    };
    pc.addEventListener('connectionstatechange', look);
    look();
  });
}

/** Whether anything arrives on this connection before `until` (ms of `performance.now`). */
async function alive(pc: RTCPeerConnection, until: number): Promise<boolean> {
  let before = aliveMark(await pc.getStats());
  while (performance.now() < until) {
    await pause(100);
    const mark = aliveMark(await pc.getStats());
    if (pc.connectionState === 'connected' && mark > before) return true;
    before = mark; // A pruned candidate pair takes its count away.
  }
  return false;
}
