// Asks for the server's figures once a second and remembers two minutes of them.

import { keyFromAddress, Pass } from '../lib/enter';
import { readRefusal, Refused, UNREACHABLE } from '../lib/problem';
import type { OpsFigures, Problem } from '../lib/protocol';
import { Store } from '../lib/store';

const EVERY_MS = 1000;
const REMEMBERED = 120;

/** Series of the last two minutes, oldest first. */
export interface History {
  out: number[];
  in: number[];
  packets: number[];
  discards: number[];
  rooms: Map<string, number[]>;
}

export interface OpsState {
  figures: OpsFigures | null;
  history: History;
  problem: Problem | null;
  /** The key itself was refused: asking again is of no use. */
  refused: boolean;
  heardMs: number;
}

export class Watching {
  readonly store = new Store<OpsState>({
    figures: null,
    history: { out: [], in: [], packets: [], discards: [], rooms: new Map() },
    problem: null,
    refused: false,
    heardMs: Date.now(),
  });
  private readonly pass = new Pass(keyFromAddress(), 'ops');
  private entered = false;

  async begin(): Promise<void> {
    while (!this.store.now.refused) {
      const started = Date.now();
      await this.look();
      await new Promise((kept) => setTimeout(kept, Math.max(100, EVERY_MS - (Date.now() - started))));
    }
  }

  private async look(): Promise<void> {
    try {
      if (!this.entered) await this.enter();
      const figures = await this.ask();
      this.store.set({ figures, history: remember(this.store.now.history, figures), problem: null, heardMs: Date.now() });
    } catch (error) {
      const problem = error instanceof Refused ? error.problem : UNREACHABLE;
      if (problem.status === 401) this.entered = false;
      this.store.set({ problem });
    }
  }

  private async enter(): Promise<void> {
    try {
      await this.pass.enter();
      this.entered = true;
    } catch (error) {
      const no = error instanceof Refused && (error.problem.status === 401 || error.problem.status === 403);
      if (no) this.store.set({ refused: true });
      throw error;
    }
  }

  private async ask(): Promise<OpsFigures> {
    const answer = await fetch('/api/ops', { headers: { Authorization: `Bearer ${this.pass.token}` } });
    if (!answer.ok) throw await readRefusal(answer);
    return (await answer.json()) as OpsFigures;
  }
}

/** The history with one more second, and without what is too old. */
export function remember(history: History, { totals, lessons }: OpsFigures): History {
  const add = (series: number[] | undefined, value: number): number[] => [...(series ?? []), value].slice(-REMEMBERED);
  const rooms = new Map<string, number[]>();
  for (const lesson of lessons) {
    for (const room of lesson.rooms) rooms.set(room.id, add(history.rooms.get(room.id), room.bps ?? 0));
  }
  return {
    out: add(history.out, totals.bps_out),
    in: add(history.in, totals.bps_in),
    packets: add(history.packets, totals.packets_out_per_s),
    discards: add(history.discards, totals.discards_per_s),
    rooms,
  };
}
