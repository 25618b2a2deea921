// The page's key, and the short-lived token it is exchanged for.

import { readRefusal } from './problem';
import type { Entered } from './protocol';

/** The key of the link that opened this page; empty when there is none. */
export const keyFromAddress = (): string => new URLSearchParams(location.search).get('key') ?? '';

/** What a page is for: a browser without a key comes in as that, by its cookie. */
export type Part = 'teacher' | 'room' | 'ops';

/** `POST /api/enter`. Throws `Refused`, or a `TypeError` when the server cannot be reached. */
export async function enter(key: string, part: Part): Promise<Entered> {
  const shown = key ? { headers: { Authorization: `Bearer ${key}` } } : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ as: part }) };
  const answer = await fetch('/api/enter', { method: 'POST', ...shown });
  if (!answer.ok) throw await readRefusal(answer);
  return (await answer.json()) as Entered;
}

/** Milliseconds until a token is at half of what it has left; never under a second. */
export function renewalDelayMs(entered: Pick<Entered, 'expires_ms' | 'now_ms'>): number {
  return Math.max(1000, (entered.expires_ms - entered.now_ms) / 2);
}

/** Holds the newest token and the server's clock, and enters again at the token's half life. */
export class Pass {
  private entered: Entered | null = null;
  private aheadMs = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly key: string,
    private readonly part: Part,
    private readonly onRenewed: (entered: Entered) => void = () => {},
  ) {}

  get token(): string {
    return this.entered?.token ?? '';
  }

  /** The server's clock, in ms. */
  serverNow(): number {
    return Date.now() + this.aheadMs;
  }

  /** Enters once; afterwards the token renews itself. */
  async enter(): Promise<Entered> {
    const entered = await enter(this.key, this.part);
    this.entered = entered;
    this.aheadMs = entered.now_ms - Date.now();
    // Who has no token yet asks again when the page does.
    if (entered.token) this.renewIn(renewalDelayMs(entered));
    return entered;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private renewIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renew(), ms);
  }

  private async renew(): Promise<void> {
    try {
      this.onRenewed(await this.enter());
    } catch {
      this.renewIn(5000);
    }
  }
}
