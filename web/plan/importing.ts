// The way of a file into the plan: chosen, tried, imported. What is imported are the very bytes that were tried.

import { useState } from 'preact/hooks';
import { handOver } from '../lib/ask';
import { t } from '../lib/i18n';
import { Refused } from '../lib/problem';
import type { Imported, Problem, SheetsFaulty } from '../lib/protocol';
import { said } from './said';

export interface Chosen {
  name: string;
  bytes: ArrayBuffer;
}

type Step =
  | { at: 'chosen' | 'trying' | 'keeping' }
  | { at: 'clean' | 'kept'; result: Imported }
  | { at: 'faulty'; faulty: SheetsFaulty }
  | { at: 'failed'; problem: string };

export interface Importing {
  file: Chosen | null;
  step: Step;
  busy: boolean;
  choose: (file: File) => Promise<void>;
  hand: (dryRun: boolean) => Promise<void>;
}

export function useImporting(imported: () => void): Importing {
  const [file, setFile] = useState<Chosen | null>(null);
  const [step, setStep] = useState<Step>({ at: 'chosen' });
  const busy = step.at === 'trying' || step.at === 'keeping';
  const choose = async (next: File): Promise<void> => {
    try {
      setFile({ name: next.name, bytes: await next.arrayBuffer() });
      setStep({ at: 'chosen' });
    } catch {
      setFile(null);
      setStep({ at: 'failed', problem: t('plan.file.unread') });
    }
  };
  const hand = async (dryRun: boolean): Promise<void> => {
    if (!file || busy) return;
    setStep({ at: dryRun ? 'trying' : 'keeping' });
    try {
      const result = await handOver<Imported>(`/api/plan/import?name=${encodeURIComponent(file.name)}&dry_run=${dryRun}`, file.bytes);
      if (!result) return setStep({ at: 'chosen' });
      setStep({ at: result.kept ? 'kept' : 'clean', result });
      if (result.kept) imported();
    } catch (error) {
      const faulty = error instanceof Refused && isFaulty(error.problem) ? error.problem : null;
      setStep(faulty ? { at: 'faulty', faulty } : { at: 'failed', problem: said(error) });
    }
  };
  return { file, step, busy, choose, hand };
}

function isFaulty(problem: Problem): problem is SheetsFaulty {
  return problem.code === 'sheets_faulty' && Array.isArray((problem as SheetsFaulty).faults);
}
