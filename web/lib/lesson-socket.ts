// The lesson's WebSocket: says hello, comes back by itself after a cut, and stays away when it was replaced.

import { retryDelayMs } from './backoff';
import { CLOSE, readMessage, type FromPage, type FromServer } from './protocol';

export type SocketState = 'connecting' | 'open' | 'waiting' | 'replaced' | 'refused' | 'closed';

/** What follows a close: try again, enter anew first, or stay away. */
export function afterClose(code: number): 'retry' | 'reenter' | 'replaced' | 'refused' {
  if (code === CLOSE.TOKEN) return 'reenter';
  if (code === CLOSE.REPLACED) return 'replaced';
  if (code === CLOSE.NOT_PERMITTED || code === CLOSE.LESSON_UNKNOWN) return 'refused';
  return 'retry';
}

/** What the socket needs from the outside; tests hand in their own. */
export interface SocketWorld {
  open(url: string): WebSocket;
  later(ms: number, act: () => void): () => void;
  chance(): number;
}

export interface SocketEvents {
  /** The newest token; asked for at every hello. */
  token(): string;
  /** The token was refused: enter again, then the socket goes on. */
  reenter(): Promise<void>;
  message(message: FromServer): void;
  state(state: SocketState, code: number): void;
}

const PING_EVERY_MS = 5000;
const SILENCE_MS = 12_000;
const HELLO_WAIT_MS = 6000;

export class LessonSocket {
  private socket: WebSocket | null = null;
  private tries = 0;
  private pings = 0;
  private stopWaiting: () => void = () => {};
  private stopPing: () => void = () => {};
  private stopSilence: () => void = () => {};
  private welcomed = false;
  private over = false;

  constructor(
    private readonly url: string,
    private readonly events: SocketEvents,
    private readonly world: SocketWorld = BROWSER,
  ) {}

  connect(): void {
    this.stopWaiting();
    this.events.state('connecting', 0);
    const socket = this.world.open(this.url);
    this.socket = socket;
    this.welcomed = false;
    socket.onopen = () => this.tell({ type: 'hello', token: this.events.token() });
    socket.onmessage = (event) => this.hear(socket, event.data);
    socket.onclose = (event) => this.closed(socket, event.code);
    this.expectSound(HELLO_WAIT_MS);
  }

  /** Sends a message if the lesson listens; `false` when it was not sent. */
  send(message: FromPage): boolean {
    return this.welcomed && this.tell(message);
  }

  /** Hands over a fresh token before the old one expires. */
  renew(token: string): void {
    this.send({ type: 'renew', token });
  }

  /** The network is back: do not sit out the wait. */
  hurry(): void {
    if (this.socket === null && !this.over) this.connect();
  }

  close(): void {
    this.over = true;
    this.drop();
    this.events.state('closed', 1000);
  }

  private tell(message: FromPage): boolean {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private hear(socket: WebSocket, data: unknown): void {
    if (socket !== this.socket) return;
    this.expectSound(SILENCE_MS);
    const message = readMessage(data);
    if (message === null) return;
    if (message.type === 'welcome' && !this.welcomed) this.opened();
    this.events.message(message);
  }

  private opened(): void {
    this.welcomed = true;
    this.tries = 0;
    this.events.state('open', 0);
    this.pingAgain();
  }

  private pingAgain(): void {
    this.stopPing = this.world.later(PING_EVERY_MS, () => {
      this.send({ type: 'ping', n: ++this.pings });
      this.pingAgain();
    });
  }

  /** A road that went silent without a close is given up after `ms`. */
  private expectSound(ms: number): void {
    this.stopSilence();
    const socket = this.socket;
    this.stopSilence = this.world.later(ms, () => {
      if (socket && socket === this.socket) this.closed(socket, 1006);
    });
  }

  private closed(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return;
    this.drop();
    const next = afterClose(code);
    if (next === 'replaced' || next === 'refused') {
      this.over = true;
      return this.events.state(next, code);
    }
    this.events.state('waiting', code);
    const wait = retryDelayMs(this.tries++, this.world.chance());
    this.stopWaiting = this.world.later(wait, () => void this.again(next === 'reenter'));
  }

  private async again(reenter: boolean): Promise<void> {
    if (reenter) await this.events.reenter().catch(() => {});
    this.hurry();
  }

  private drop(): void {
    this.stopWaiting();
    this.stopPing();
    this.stopSilence();
    const socket = this.socket;
    this.socket = null;
    this.welcomed = false;
    socket?.close();
  }
}

/** Where a lesson's WebSocket lives. */
export function lessonSocketUrl(lesson: string): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}/lesson/${encodeURIComponent(lesson)}/ws`;
}

const BROWSER: SocketWorld = {
  open: (url) => new WebSocket(url),
  later: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  chance: () => Math.random(),
};
