// A screen without a key: it shows a code until it is a room's, and again as soon as it is none any more.

import { ask } from '../lib/ask';
import { pause } from '../lib/backoff';

export interface DeviceEvents {
  /** This screen is a room's. */
  paired(): void;
  /** It is none, and shows this code; `null` while there is no code yet. */
  unpaired(code: string | null): void;
  /** The server was reached, or not. */
  reached(yes: boolean): void;
}

interface Code {
  code: string;
  expires_ms: number;
  now_ms: number;
}

/** The server answers within 20 s; a code that has less left than that is changed first. */
const LEFT_MS = 30_000;
const AGAIN_MS = 1_000;

/** Follows for ever what this screen is. */
export async function followDevice(events: DeviceEvents): Promise<void> {
  let known: boolean | null = null;
  let goodUntil = 0;
  for (;;) {
    try {
      if (known === false && Date.now() > goodUntil - LEFT_MS) {
        const shown = await ask<Code>('POST', '/api/pairing');
        if (shown) {
          goodUntil = Date.now() + shown.expires_ms - shown.now_ms;
          events.unpaired(shown.code);
        }
      }
      const answer: { paired: boolean } | null = await ask('GET', `/api/device${known === null ? '' : `?paired=${known}`}`);
      events.reached(true);
      if (!answer || answer.paired === known) continue;
      known = answer.paired;
      goodUntil = 0;
      if (known) events.paired();
      else events.unpaired(null);
    } catch {
      events.reached(false);
      await pause(AGAIN_MS * (0.8 + 0.4 * Math.random()));
    }
  }
}
