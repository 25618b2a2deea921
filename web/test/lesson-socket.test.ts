// The lesson's WebSocket: what it says, and how it comes back.
import { beforeEach, expect, test } from 'vitest';
import { afterClose, LessonSocket, type SocketState, type SocketWorld } from '../lib/lesson-socket';
import type { FromServer } from '../lib/protocol';

/** A socket that records what was sent and can be closed from the other side. */
class FakeSocket {
  readyState = 0;
  sent: { type: string; token?: string; n?: number }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  says(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  ends(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

let opened: FakeSocket[];
let waits: { ms: number; act: () => void; off: boolean }[];
let states: SocketState[];
let heard: FromServer[];
let entries: number;
let socket: LessonSocket;

const world: SocketWorld = {
  open: () => {
    const one = new FakeSocket();
    opened.push(one);
    return one as unknown as WebSocket;
  },
  later: (ms, act) => {
    const wait = { ms, act, off: false };
    waits.push(wait);
    return () => (wait.off = true);
  },
  chance: () => 0.5,
};

const welcome = { type: 'welcome', you: {}, lesson: {}, sources: {}, roster: [], slots: [] };
const last = (): FakeSocket => opened[opened.length - 1]!;
const waiting = (ms: number) => waits.filter((wait) => !wait.off && wait.ms === ms);
const settle = () => new Promise((kept) => setTimeout(kept, 0));

beforeEach(() => {
  opened = [];
  waits = [];
  states = [];
  heard = [];
  entries = 0;
  socket = new LessonSocket(
    'ws://x',
    { token: () => 'fresh', reenter: async () => void entries++, message: (m) => heard.push(m), state: (s) => states.push(s) },
    world,
  );
  socket.connect();
});

test('hello with the newest token is the first message', () => {
  last().opens();
  expect(last().sent).toEqual([{ type: 'hello', token: 'fresh' }]);
});

test('nothing else is sent before the welcome', () => {
  last().opens();
  expect(socket.send({ type: 'hand', up: true })).toBe(false);
  last().says(welcome);
  expect(socket.send({ type: 'hand', up: true })).toBe(true);
  expect(states).toEqual(['connecting', 'open']);
});

test('after a cut it comes back, each time later, and from the start again after a welcome', async () => {
  for (const ms of [300, 480, 768]) {
    last().ends(1006);
    expect(waiting(ms)).toHaveLength(1);
    waiting(ms)[0]!.act();
    await settle();
  }
  last().opens();
  last().says(welcome);
  last().ends(1001);
  expect(waits.filter((wait) => wait.ms === 300)).toHaveLength(2);
});

test('a page that was replaced stays away', async () => {
  last().opens();
  last().says(welcome);
  last().ends(4409);
  socket.hurry();
  await settle();
  expect(opened).toHaveLength(1);
  expect(states.at(-1)).toBe('replaced');
});

test('an expired token is exchanged before the next hello', async () => {
  last().opens();
  last().ends(4401);
  waiting(300)[0]!.act();
  await settle();
  expect(entries).toBe(1);
  expect(opened).toHaveLength(2);
});

test('a road that went silent is given up without waiting for its close', () => {
  last().opens();
  last().says(welcome);
  waiting(12_000)[0]!.act();
  expect(states.at(-1)).toBe('waiting');
});

test('after a welcome it pings and hands over renewed tokens', () => {
  last().opens();
  last().says(welcome);
  waiting(5000)[0]!.act();
  socket.renew('newer');
  expect(last().sent.slice(1)).toEqual([{ type: 'ping', n: 1 }, { type: 'renew', token: 'newer' }]);
});

test('a closed socket ignores what still arrives and never comes back', async () => {
  const old = last();
  old.opens();
  socket.close();
  old.says(welcome);
  old.ends(1006);
  socket.hurry();
  await settle();
  expect(heard).toEqual([]);
  expect(opened).toHaveLength(1);
});

test('an unknown or broken message is left alone', () => {
  last().opens();
  last().onmessage?.({ data: '{"type":"later_version"}' });
  last().onmessage?.({ data: 'not json' });
  expect(heard).toEqual([]);
});

test('a lost session is handed on', () => {
  last().opens();
  last().says(welcome);
  last().says({ type: 'session_lost', location: '/whep/math/1' });
  expect(heard.at(-1)).toEqual({ type: 'session_lost', location: '/whep/math/1' });
});

test('every close code of the protocol has its answer', () => {
  expect([4401, 4403, 4404, 4408, 4409, 1001, 1006].map(afterClose)).toEqual([
    'reenter', 'refused', 'refused', 'retry', 'replaced', 'retry', 'retry',
  ]);
});
