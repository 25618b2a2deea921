// Media sessions and their statistics, read without a browser.
import { expect, test } from 'vitest';
import { IdleLayers } from '../lib/idle-layers';
import { restartedAnswer, restartFragment } from '../lib/sdp';
import { points } from '../ops/sparkline';
import { remember } from '../ops/watching';
import { nextLesson } from '../classroom/state';
import { raisedHands, roomsByCare } from '../teach/state';
import type { Lesson, OpsFigures, Seat, SeatState } from '../lib/protocol';

const OFFER = [
  'v=0', 'a=group:BUNDLE 0 1', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=ice-ufrag:new', 'a=ice-pwd:newpassword', 'a=ice-options:trickle',
  'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:1', 'a=ice-ufrag:new', 'a=ice-pwd:newpassword', '',
].join('\r\n');

test('a restart fragment holds the bundle and one section’s credentials', () => {
  expect(restartFragment(OFFER).split('\r\n')).toEqual([
    'a=group:BUNDLE 0 1', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=ice-ufrag:new', 'a=ice-pwd:newpassword', 'a=ice-options:trickle', '',
  ]);
});

test('the old answer takes the server’s new credentials and keeps everything else', () => {
  const old = 'v=0\r\nm=audio 9 X 111\r\na=ice-ufrag:old\r\na=ice-pwd:oldpw\r\na=candidate:1 1 udp 1 10.0.0.1 7700 typ host\r\na=setup:passive\r\n';
  const kept = restartedAnswer(old, 'a=ice-ufrag:u2\r\na=ice-pwd:p2\r\n');
  expect(kept).toContain('a=ice-ufrag:u2\r\na=ice-pwd:p2\r\na=candidate:1 1 udp 1 10.0.0.1');
  const moved = restartedAnswer(old, 'a=ice-ufrag:u2\r\na=ice-pwd:p2\r\na=candidate:1 1 udp 1 10.0.0.2 7700 typ host\r\n');
  expect(moved).toContain('10.0.0.2');
  expect(moved).not.toContain('10.0.0.1');
});

test('a fragment without credentials is refused', () => {
  expect(() => restartedAnswer('v=0\r\n', 'a=mid:0\r\n')).toThrow();
});

test('a layer rests only after three messages and wakes at once; the smallest never rests', () => {
  const idle = new IdleLayers();
  const heard = [['q', 'f'], ['q', 'f'], ['q', 'f'], ['q'], ['q', 'f']] as const;
  expect(heard.map((one) => idle.hear(one))).toEqual([[], [], ['f'], [], []]);
});

const seat = (room: string, state: SeatState, hand_ms: number | null = null): Seat => ({
  room, name: room, school: '', state, hand_ms, loss: null, rtt_ms: null, layer: null, problem: null,
});

test('the longest raised hand comes first', () => {
  expect(raisedHands([seat('a', 'watching', 30), seat('b', 'watching'), seat('c', 'weak', 10)]).map((one) => one.room)).toEqual(['c', 'a']);
});

test('rooms that need care come first', () => {
  const rooms = [seat('a', 'absent'), seat('b', 'watching'), seat('c', 'lost'), seat('d', 'weak'), seat('e', 'joining')];
  expect(roomsByCare(rooms).map((one) => one.room)).toEqual(['c', 'd', 'e', 'b', 'a']);
});

const lesson = (id: string, starts_ms: number, state: Lesson['state']): Lesson => ({
  id, title: '', subject: '', teacher: '', school: '', starts_ms, ends_ms: starts_ms + 40, state,
});

test('standby waits for the first lesson that is neither ended nor over', () => {
  const today = [lesson('d', 400, 'planned'), lesson('c', 300, 'planned'), lesson('b', 200, 'ended'), lesson('a', 100, 'planned')];
  expect(nextLesson(today, 210)?.id).toBe('c');
  expect(nextLesson(today, 500)).toBeNull();
});

test('a sparkline ends at the right edge and keeps two minutes', () => {
  expect(points([0, 10])).toBe('119,26.0 120,2.0');
  const figures = { totals: { bps_out: 1, bps_in: 1, packets_out_per_s: 1, discards_per_s: 0 }, lessons: [] } as unknown as OpsFigures;
  let history = { out: [] as number[], in: [] as number[], packets: [] as number[], discards: [] as number[], rooms: new Map<string, number[]>() };
  for (let i = 0; i < 300; i++) history = remember(history, figures);
  expect(history.out).toHaveLength(120);
});
