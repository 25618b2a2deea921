// A form of a few fields and one button; what the server refuses stands above the button.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../lib/i18n';
import { Refused, sentence, UNREACHABLE } from '../lib/problem';
import { focus } from '../lib/ui/focus';
import { Mark } from '../lib/ui/mark';

interface FormProps {
  head: string;
  advice: string;
  button: string;
  ready: boolean;
  hint?: string;
  act: () => Promise<void>;
  children: ComponentChildren;
}

export function Form({ head, advice, button, ready, hint = '', act, children }: FormProps) {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!ready || busy) return;
    setBusy(true);
    setProblem('');
    await act().catch((error: unknown) => setProblem(words(error)));
    setBusy(false);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <h1>{head}</h1>
      <p class="login-advice">{advice}</p>
      {children}
      <p class="login-problem" role="alert" data-testid="login-problem">
        {(problem || hint) && <Mark meaning="bad" />}
        {problem || hint}
      </p>
      <button class="button main" type="submit" disabled={!ready || busy}>
        {button} <kbd>Enter</kbd>
      </button>
    </form>
  );
}

function words(error: unknown): string {
  if (!(error instanceof Refused)) return sentence(UNREACHABLE);
  const wait = error.retryAfterMs === null ? '' : ` ${t('login.wait', { n: Math.ceil(error.retryAfterMs / 1000) })}`;
  return sentence(error.problem) + wait;
}

interface FieldProps {
  name: string;
  label: string;
  value: string;
  set: (value: string) => void;
  autocomplete: string;
  secret?: boolean;
  first?: boolean;
}

export function Field({ name, label, value, set, autocomplete, secret = false, first = false }: FieldProps) {
  return (
    <label class="login-field">
      <span>{label}</span>
      <input
        name={name}
        type={secret ? 'password' : 'text'}
        value={value}
        autocomplete={autocomplete}
        autocapitalize="none"
        spellcheck={false}
        ref={first ? focus : null}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}
