// Which picture is large in each layout.
import { expect, test } from 'vitest';
import { arrangement, LAYOUTS, nextLayout, worth, type Layout } from '../lib/layouts';

test('PageDown goes through all layouts and comes back; PageUp goes the other way', () => {
  let at: Layout = 'slides';
  const seen = LAYOUTS.map(() => (at = nextLayout(at)));
  expect(seen).toEqual(['teacher', 'side', 'only', 'slides']);
  expect(nextLayout('slides', -1)).toBe('only');
});

test('without a shared screen the camera has the whole picture, whatever was chosen', () => {
  expect(LAYOUTS.map((one) => arrangement(one, false))).toEqual(['camera', 'camera', 'camera', 'camera']);
  expect(arrangement('side', true)).toBe('side');
});

test('a picture is worth the layer of its size, and a hidden one nothing', () => {
  expect([0, 311, 450, 800, 922, 1528].map(worth)).toEqual(['off', 'q', 'h', 'h', 'f', 'f']);
});
