// A new password in the place of one that somebody else has set.

import { useState } from 'preact/hooks';
import { ask } from '../lib/ask';
import { t } from '../lib/i18n';
import type { Me } from '../lib/protocol';
import { Field, Form } from './form';

const SHORTEST = 10;

export function NewPassword({ me, changed }: { me: Me; changed: () => void }) {
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const change = async (): Promise<void> => {
    await ask('POST', '/api/password', { old, new: next });
    changed();
  };
  const ready = old !== '' && next.length >= SHORTEST && next === again;
  const differs = again !== '' && !next.startsWith(again) ? t('login.differs') : '';
  return (
    <Form head={t('login.new.head')} advice={t('login.new.do')} button={t('login.change')} ready={ready} act={change} hint={differs}>
      <input type="text" name="user" autocomplete="username" value={me.account} hidden readOnly />
      <Field name="old" label={t('login.old')} value={old} set={setOld} autocomplete="current-password" secret first />
      <Field name="new" label={t('login.new')} value={next} set={setNext} autocomplete="new-password" secret />
      <Field name="again" label={t('login.again')} value={again} set={setAgain} autocomplete="new-password" secret />
    </Form>
  );
}
