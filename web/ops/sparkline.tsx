// A small line of the last two minutes; its top is the largest value in it.

const WIDTH = 120;
const HEIGHT = 28;

export function Sparkline({ values, label }: { values: number[]; label: string }) {
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} class="sparkline-floor" />
      {values.length > 1 && <polyline points={points(values)} class="sparkline-line" />}
    </svg>
  );
}

/** The newest value at the right edge, one second a step. */
export function points(values: number[]): string {
  const top = Math.max(1, ...values);
  const first = WIDTH - (values.length - 1);
  return values.map((value, i) => `${first + i},${(HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1)}`).join(' ');
}
