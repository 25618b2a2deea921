// When media counts as stalled, and what is done then.
import { beforeEach, expect, test } from 'vitest';
import { StallJudge } from '../lib/stall';
import { downTotals, NOTHING, since, type DownTotals } from '../lib/stats';

const totals = (packets: number, checks: number): DownTotals => ({ ...NOTHING, packets, checks });
let judge: StallJudge;

beforeEach(() => {
  judge = new StallJudge();
  judge.begin(0);
});

/** Looks once a second from 1 s on and returns the verdicts. */
const looks = (seconds: number, at: (second: number) => DownTotals, expected = true) =>
  Array.from({ length: seconds }, (_, i) => judge.look((i + 1) * 1000, at(i + 1), expected));

test('media that keep coming are fine', () => {
  expect(new Set(looks(20, (s) => totals(s * 50, s)))).toEqual(new Set(['fine']));
});

test('a dead road is restarted after three seconds without anything', () => {
  expect(looks(5, () => totals(50, 3)).slice(1)).toEqual(['fine', 'fine', 'restart', 'fine']);
});

test('a living road without media is the teacher’s silence, not our cut', () => {
  expect(looks(6, (s) => totals(50, s)).slice(2)).toEqual(['fine', 'quiet', 'quiet', 'quiet']);
});

test('a server that answers but has forgotten us is asked for a new session', () => {
  expect(looks(12, (s) => totals(50, s))).toContain('reopen');
});

test('silence is fine while the teacher sends nothing', () => {
  expect(new Set(looks(30, (s) => totals(50, s), false))).toEqual(new Set(['fine']));
});

test('frames are found in today’s statistics and in those of Chromium 80', () => {
  const today = [['a', { type: 'inbound-rtp', packetsReceived: 9, framesDecoded: 5, freezeCount: 1, trackIdentifier: 'cam' }]];
  const old = [
    ['a', { type: 'inbound-rtp', packetsReceived: 9 }],
    ['b', { type: 'track', framesDecoded: 5, freezeCount: 1, trackIdentifier: 'cam' }],
  ];
  const wanted = { packets: 9, checks: 0, frames: 5, freezes: 1, concealed: 0 };
  expect(downTotals(today as [string, unknown][], 'cam')).toEqual(wanted);
  expect(downTotals(old as [string, unknown][], 'cam')).toEqual(wanted);
});

test('a still slide’s freezes are not the camera’s', () => {
  const slide = [['a', { type: 'inbound-rtp', framesDecoded: 3, freezeCount: 8, trackIdentifier: 'screen' }]];
  expect(downTotals(slide as [string, unknown][], 'cam').freezes).toBe(0);
});

test('a new connection counts from nothing', () => {
  expect(since({ ...NOTHING, frames: 900 }, { ...NOTHING, frames: 30 }).frames).toBe(30);
});
