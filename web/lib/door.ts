// The HTTP half of WHIP and WHEP (docs/protocol.md §4): offer in, answer out, restart, goodbye.

import { readRefusal } from './problem';

export interface Opened {
  /** The session's `Location`. */
  location: string;
  etag: string;
  answer: string;
}

/** Short enough that a try begun in a cut does not outlast it by much. */
const TIMEOUT_MS = 3000;

export class Door {
  constructor(
    private readonly url: string,
    private readonly token: () => string,
    /** Whether `take_over` means anything here: one teacher publishes, any number watch. */
    private readonly single: boolean,
  ) {}

  /** `POST`: a new session. `takeOver` replaces another page of the same teacher. */
  async open(offer: string, takeOver: boolean): Promise<Opened> {
    const url = takeOver && this.single ? `${this.url}?take_over=1` : this.url;
    const answer = await this.ask(url, 'POST', 'application/sdp', offer);
    const location = answer.headers.get('Location') ?? '';
    return { location, etag: answer.headers.get('ETag') ?? '', answer: await answer.text() };
  }

  /** `PATCH` with new ICE credentials; the server's fragment and the new ETag come back. */
  async restart(session: Opened, fragment: string, timeoutMs: number): Promise<{ fragment: string; etag: string }> {
    const type = 'application/trickle-ice-sdpfrag';
    const answer = await this.ask(session.location, 'PATCH', type, fragment, session.etag, timeoutMs);
    return { fragment: await answer.text(), etag: answer.headers.get('ETag') ?? session.etag };
  }

  /** `DELETE`, sent even while the page is being closed; nobody waits for it. */
  leave(session: Opened): void {
    const headers = { Authorization: `Bearer ${this.token()}` };
    void fetch(session.location, { method: 'DELETE', headers, keepalive: true }).catch(() => {});
  }

  private async ask(
    url: string,
    method: string,
    type: string,
    body: string,
    etag = '',
    timeoutMs = TIMEOUT_MS,
  ): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token()}`, 'Content-Type': type };
    if (etag) headers['If-Match'] = etag;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeoutMs);
    try {
      const answer = await fetch(url, { method, headers, body, signal: stop.signal });
      if (!answer.ok) throw await readRefusal(answer);
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }
}
