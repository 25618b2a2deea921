// Clocks and waits in words.
import { expect, test } from 'vitest';
import { count, percent, rate } from '../lib/figures';
import { renewalDelayMs } from '../lib/enter';
import { clock, countdown, elapsed, wholeMinutes } from '../lib/time';

test('a countdown shows 0:00 only when it is over', () => {
  expect([61_000, 60_001, 1, 0, -5000].map(countdown)).toEqual(['1:01', '1:01', '0:01', '0:00', '0:00']);
  expect(countdown(3_729_000)).toBe('1:02:09');
});

test('elapsed time counts seconds that have passed', () => {
  expect([999, 1000, 65_400].map(elapsed)).toEqual(['0:00', '0:01', '1:05']);
});

test('minutes are whole and rounded up', () => {
  expect([60_000, 60_001, 0, -1].map(wholeMinutes)).toEqual([1, 2, 0, 0]);
});

test('the clock has two figures each', () => {
  expect(clock(new Date(2025, 0, 6, 8, 5).getTime())).toBe('08:05');
});

test('rates and shares are short', () => {
  expect([0, 180_000, 2_430_000, 43_200_000].map(rate)).toEqual(['0', '180 kbps', '2.4 Mbps', '43 Mbps']);
  expect([0, 0.004, 0.082, 0.22].map(percent)).toEqual(['0%', '0.4%', '8.2%', '22%']);
  expect([7, 1240, 21_640].map(count)).toEqual(['7', '1,240', '21.6k']);
});

test('a token is renewed at half its life, whatever the browser’s clock says', () => {
  expect(renewalDelayMs({ now_ms: 5_000_000, expires_ms: 5_600_000 })).toBe(300_000);
  expect(renewalDelayMs({ now_ms: 5_000_000, expires_ms: 4_000_000 })).toBe(1000);
});
