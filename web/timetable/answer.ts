// One answer of the server, asked for again by itself while the server is away.

import { useEffect, useState } from 'preact/hooks';
import { ask } from '../lib/ask';
import { Refused, UNREACHABLE } from '../lib/problem';
import type { Problem } from '../lib/protocol';

const AGAIN_MS = 5_000;

interface Answer<T> {
  path: string;
  value: T | null;
  problem: Problem | null;
}

/** What `path` answers, and why it does not. A `null` path asks nothing. */
export function useAnswer<T>(path: string | null): { value: T | null; problem: Problem | null } {
  const [last, setLast] = useState<Answer<T> | null>(null);
  useEffect(() => {
    if (path === null) return undefined;
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        const value = await ask<T>('GET', path);
        if (!left) setLast({ path, value, problem: null });
      } catch (error) {
        if (left) return;
        const problem = error instanceof Refused ? error.problem : UNREACHABLE;
        setLast({ path, value: null, problem });
        const wait = error instanceof Refused ? error.retryAfterMs : null;
        if (wait !== null || problem.status === 0 || problem.status >= 500) timer = setTimeout(() => void look(), wait ?? AGAIN_MS);
      }
    };
    void look();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [path]);
  return last?.path === path ? last : { value: null, problem: null };
}
