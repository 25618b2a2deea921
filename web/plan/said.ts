// What to say when the server refuses; whoever is not logged in goes to log in.

import { Refused, sentence, UNREACHABLE } from '../lib/problem';

export function said(error: unknown): string {
  if (error instanceof Refused && error.problem.status === 401) location.assign('/login');
  return sentence(error instanceof Refused ? error.problem : UNREACHABLE);
}
