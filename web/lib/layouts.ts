// How the big screen is divided, and how large a layer each part is worth.

import type { Layer } from './protocol';

/** 大课件小老师 · 大老师小课件 · 并排 · 只看课件. */
export const LAYOUTS = ['slides', 'teacher', 'side', 'only'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** What is drawn: a chosen layout while a screen is shared, else the camera alone. */
export type Arrangement = Layout | 'camera';

export const arrangement = (chosen: Layout, screenShared: boolean): Arrangement => (screenShared ? chosen : 'camera');

/** The layout `step` places further, around the ring. */
export function nextLayout(now: Layout, step: 1 | -1 = 1): Layout {
  const at = LAYOUTS.indexOf(now) + step + LAYOUTS.length;
  return LAYOUTS[at % LAYOUTS.length] ?? 'slides';
}

const FULL_WIDTH = 1280;

/** The smallest layer that still looks sharp at `width` screen pixels; nothing for a picture that is not shown. */
export function worth(width: number): Layer {
  if (width <= 0) return 'off';
  if (width <= FULL_WIDTH * 0.3) return 'q';
  return width <= FULL_WIDTH * 0.65 ? 'h' : 'f';
}
