// Name and password.

import { useState } from 'preact/hooks';
import { ask } from '../lib/ask';
import { t } from '../lib/i18n';
import type { Me } from '../lib/protocol';
import { Field, Form } from './form';

export function Entry({ entered }: { entered: (me: Me) => void }) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const enter = async (): Promise<void> => {
    const me = await ask<Me>('POST', '/api/login', { user: user.trim().toLowerCase(), password });
    if (me) entered(me);
  };
  return (
    <Form head={t('login.head')} advice={t('login.do')} button={t('login.enter')} ready={user !== '' && password !== ''} act={enter}>
      <Field name="user" label={t('login.user')} value={user} set={setUser} autocomplete="username" first />
      <Field name="password" label={t('login.password')} value={password} set={setPassword} autocomplete="current-password" secret />
    </Form>
  );
}
