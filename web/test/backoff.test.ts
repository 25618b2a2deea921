// Waits between tries: they grow, and differ from room to room.
import { expect, test } from 'vitest';
import { retryDelayMs } from '../lib/backoff';

test('the first try comes after 0.3 s and each later one 1.6 times as late', () => {
  expect([0, 1, 2, 3].map((n) => retryDelayMs(n, 0.5))).toEqual([300, 480, 768, 1229]);
});

test('no wait is longer than 5 s before chance', () => {
  expect(retryDelayMs(40, 0.5)).toBe(5000);
  expect(retryDelayMs(40, 0.5, 1800)).toBe(1800);
});

test('rooms spread out by 30 per cent to either side', () => {
  expect(retryDelayMs(40, 0)).toBe(3500);
  expect(retryDelayMs(40, 0.999999)).toBe(6500);
});
