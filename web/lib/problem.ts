// A refusal in words: the server's own sentence when it sent one, ours when it could not be reached.

import { lang, t } from './i18n';
import type { Problem } from './protocol';

/** Thrown by every call of the server that was refused. */
export class Refused extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfterMs: number | null = null,
  ) {
    super(problem.code);
  }
}

/** Our own problem for "no answer": network gone, server restarting. */
export const UNREACHABLE: Problem = { status: 0, code: 'unreachable', title: '', title_zh: '' };

/** The sentence to show, in the reader's language: of the very case if the server says it, else of its kind. */
export function sentence(problem: { code: string; title: string; title_zh: string; detail?: string; detail_zh?: string }): string {
  if (problem.detail_zh) return (lang() === 'en' && problem.detail) || problem.detail_zh;
  const own = lang() === 'en' ? problem.title : problem.title_zh;
  return own || problem.title || t('net.unreachable');
}

/** Reads a refusal's body; an unreadable one still becomes a problem. */
export async function readRefusal(answer: Response): Promise<Refused> {
  const wait = Number(answer.headers.get('Retry-After'));
  const after = wait > 0 ? wait * 1000 : null;
  try {
    const body = (await answer.json()) as Problem;
    if (typeof body.code === 'string') return new Refused({ ...body, status: answer.status }, after);
  } catch {
    // Not JSON: a proxy's page, perhaps. The status is all we know.
  }
  return new Refused({ status: answer.status, code: `http_${answer.status}`, title: '', title_zh: '' }, after);
}
