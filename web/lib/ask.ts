// One question to a JSON door, as whoever this browser has logged in.

import { readRefusal } from './problem';

/** Asks; `null` for an answer without a body. Throws `Refused`, or a `TypeError` when the server cannot be reached. */
export async function ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T | null> {
  const headers: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const sent = body === undefined ? null : JSON.stringify(body);
  return read<T>(await fetch(path, { method, headers, body: sent }));
}

/** Hands over the bytes of a file; answers and throws as `ask` does. */
export async function handOver<T>(path: string, bytes: ArrayBuffer): Promise<T | null> {
  return read<T>(await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: bytes }));
}

async function read<T>(answer: Response): Promise<T | null> {
  if (!answer.ok) throw await readRefusal(answer);
  return answer.status === 204 ? null : ((await answer.json()) as T);
}
