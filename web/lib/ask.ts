// One question to a JSON door, as whoever this browser has logged in.

import { readRefusal } from './problem';

/** Asks; `null` for an answer without a body. Throws `Refused`, or a `TypeError` when the server cannot be reached. */
export async function ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T | null> {
  const headers: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const sent = body === undefined ? null : JSON.stringify(body);
  const answer = await fetch(path, { method, headers, body: sent });
  if (!answer.ok) throw await readRefusal(answer);
  return answer.status === 204 ? null : ((await answer.json()) as T);
}
