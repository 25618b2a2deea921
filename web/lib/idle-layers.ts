// Which camera sizes may rest: off only after they were unwatched for a while, on again at once.

import type { Rid } from './protocol';

/** The server says it every 2 s; three times in a row are six seconds. */
const PATIENCE = 3;

export class IdleLayers {
  private seen: Record<Rid, number> = { q: 0, h: 0, f: 0 };

  /** Takes one `uplink` message's `unwatched`. The smallest size always runs, so that a late room starts at once. */
  hear(unwatched: readonly Rid[]): Rid[] {
    for (const rid of ['h', 'f'] as const) this.seen[rid] = unwatched.includes(rid) ? this.seen[rid] + 1 : 0;
    return (['h', 'f'] as const).filter((rid) => this.seen[rid] >= PATIENCE);
  }
}
