// Figures out of getStats, the same for Chromium 80 (where frames live in `track`) and for today's.

type Entry = Record<string, unknown> & { type: string };

/** Totals since the connection was made. */
export interface DownTotals {
  packets: number;
  /** Answers to our own checks: they come even when nobody sends media. */
  checks: number;
  frames: number;
  freezes: number;
  concealed: number;
}

export const NOTHING: DownTotals = { packets: 0, checks: 0, frames: 0, freezes: 0, concealed: 0 };

/** Sums what one connection received; frames and freezes are those of `pictureTrack` if it is given. */
export function downTotals(stats: Iterable<[string, unknown]> | RTCStatsReport, pictureTrack?: string): DownTotals {
  const totals = { ...NOTHING };
  for (const [, value] of stats as Iterable<[string, unknown]>) {
    const entry = value as Entry;
    if (entry.type === 'inbound-rtp') totals.packets += figure(entry, 'packetsReceived');
    if (entry.type === 'candidate-pair') totals.checks += figure(entry, 'responsesReceived');
    if (entry.type === 'inbound-rtp' || entry.type === 'track') addFrames(totals, entry, pictureTrack);
  }
  return totals;
}

function addFrames(totals: DownTotals, entry: Entry, pictureTrack?: string): void {
  const wanted = pictureTrack === undefined || entry['trackIdentifier'] === pictureTrack;
  // Where both kinds of entry carry the figure they agree, so the larger one is the figure.
  // A still slide is not a freeze, so freezes too are the picture track's alone.
  if (wanted) totals.frames = Math.max(totals.frames, figure(entry, 'framesDecoded'));
  if (wanted) totals.freezes = Math.max(totals.freezes, figure(entry, 'freezeCount'));
  totals.concealed = Math.max(totals.concealed, figure(entry, 'concealedSamples'));
}

/** A number that grows as long as anything arrives from the other side. */
export function aliveMark(stats: RTCStatsReport): number {
  const { packets, checks } = downTotals(stats as unknown as Iterable<[string, unknown]>);
  return packets + checks;
}

/** What came since `before`; a new connection starts again from nothing. */
export function since(before: DownTotals, now: DownTotals): DownTotals {
  const step = (key: keyof DownTotals): number => (now[key] >= before[key] ? now[key] - before[key] : now[key]);
  return {
    packets: step('packets'),
    checks: step('checks'),
    frames: step('frames'),
    freezes: step('freezes'),
    concealed: step('concealed'),
  };
}

const figure = (entry: Entry, key: string): number => (typeof entry[key] === 'number' ? (entry[key] as number) : 0);
