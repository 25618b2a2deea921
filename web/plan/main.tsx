// Planning lessons: a whole timetable from a file, and the single lessons of a day.

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import '../style/tokens.css';
import '../style/desk.css';
import './plan.css';
import { useLang } from '../lib/hooks';
import { t } from '../lib/i18n';
import { LangButton } from '../lib/ui/lang-button';
import { Day } from './day';
import { Sheets } from './sheets';

function Page() {
  useLang();
  const [imports, setImports] = useState(0);
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('plan.title')}`;
  });
  return (
    <>
      <header class="top">
        <div class="top-lesson">
          <h1>{t('plan.title')}</h1>
        </div>
        <LangButton />
      </header>
      <main class="plan" data-testid="plan">
        <Sheets imported={() => setImports((n) => n + 1)} />
        <Day imports={imports} />
      </main>
    </>
  );
}

const root = document.getElementById('page');
if (root) render(<Page />, root);
