// Numbers as people read them: rates, shares, round trips.

/** `2.4 Mbps`, `180 kbps`, `0`. */
export function rate(bps: number): string {
  if (bps >= 999_500) return `${(bps / 1e6).toFixed(bps >= 9_950_000 ? 0 : 1)} Mbps`;
  return bps >= 500 ? `${Math.round(bps / 1000)} kbps` : '0';
}

/** A share of 1 as per cent: `0%`, `0.4%`, `12%`. */
export function percent(share: number): string {
  const value = share * 100;
  if (value < 0.05) return '0%';
  return value < 9.95 ? `${value.toFixed(1)}%` : `${Math.round(value)}%`;
}

/** `1,240` or `21.6k`: packets a second. */
export function count(n: number): string {
  return n >= 10_000 ? `${(n / 1000).toFixed(1)}k` : Math.round(n).toLocaleString('en-US');
}
