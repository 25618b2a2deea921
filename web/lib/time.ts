// Times as people in a school say them. All figures in are milliseconds; the clock is always handed in.

const two = (n: number): string => String(n).padStart(2, '0');

/** `08:20`, in the browser's own time zone. */
export function clock(ms: number): string {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `3:05` or `1:02:09`; never negative. Counts up whole seconds, so a countdown shows 0:00 only at its end. */
export function countdown(ms: number): string {
  return split(Math.max(0, Math.ceil(ms / 1000)));
}

/** Elapsed time as `3:05`; whole seconds that have passed. */
export function elapsed(ms: number): string {
  return split(Math.max(0, Math.floor(ms / 1000)));
}

/** Whole minutes, rounded up; 0 for what is over. */
export function wholeMinutes(ms: number): number {
  return Math.max(0, Math.ceil(ms / 60_000));
}

function split(total: number): string {
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = two(total % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}
