// How long to wait before trying again: 0.3 s × 1.6ⁿ, at most 5 s, each with ±30 % chance so that rooms spread out.

const FIRST_MS = 300;
const GROWTH = 1.6;
const MOST_MS = 5000;
const CHANCE = 0.3;

/** Milliseconds before try `n` (from 0). `chance` is in [0, 1); `mostMs` caps the wait before chance. */
export function retryDelayMs(n: number, chance: number, mostMs = MOST_MS): number {
  const wait = Math.min(mostMs, FIRST_MS * GROWTH ** n);
  return Math.round(wait * (1 - CHANCE + 2 * CHANCE * chance));
}

/** A promise that is kept after `ms`. */
export const pause = (ms: number): Promise<void> => new Promise((kept) => setTimeout(kept, ms));
