// Decides, once a second, whether the media has stalled on our road or whether the teacher merely sends nothing.

import type { DownTotals } from './stats';

export type Verdict = 'fine' | 'quiet' | 'restart' | 'reopen';

const STALL_MS = 3000;
/** The road answers but no media comes although the teacher sends: the server may have lost our seat. */
const FORGOTTEN_MS = 10_000;

export class StallJudge {
  private last: DownTotals | null = null;
  private mediaAt = 0;
  private roadAt = 0;

  /** A fresh connection: everything counts from `now`. */
  begin(now: number): void {
    this.last = null;
    this.mediaAt = now;
    this.roadAt = now;
  }

  /** `expected`: the teacher's camera or voice is on, so packets must come. Times in ms. */
  look(now: number, totals: DownTotals, expected: boolean): Verdict {
    const last = this.last;
    this.last = totals;
    if (last === null || totals.packets !== last.packets) this.mediaAt = this.roadAt = now;
    else if (totals.checks !== last.checks) this.roadAt = now;
    if (!expected) this.mediaAt = now;
    if (now - this.roadAt >= STALL_MS) return this.acted(now, 'restart');
    if (now - this.mediaAt >= FORGOTTEN_MS) return this.acted(now, 'reopen');
    return expected && now - this.mediaAt >= STALL_MS ? 'quiet' : 'fine';
  }

  private acted(now: number, verdict: Verdict): Verdict {
    this.mediaAt = this.roadAt = now;
    return verdict;
  }
}
