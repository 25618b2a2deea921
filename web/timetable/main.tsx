// The public timetable: anybody finds a school and reads its week. Nobody logs in and nothing can be changed.

import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import '../style/tokens.css';
import '../style/desk.css';
import './timetable.css';
import { localDay, monday } from '../lib/days';
import { useLang } from '../lib/hooks';
import { t } from '../lib/i18n';
import type { Schools } from '../lib/protocol';
import { useAnswer } from './answer';
import { usePlace } from './place';
import { SchoolChoice } from './schools';
import { SchoolWeek } from './week';

function Page() {
  useLang();
  const { school, from } = usePlace();
  const { value: schools, problem } = useAnswer<Schools>('/api/timetable');
  const today = schools?.today ?? localDay(Date.now());
  useEffect(() => {
    if (!school) document.title = `${t('app.name')} · ${t('timetable.title')}`;
  });
  if (school === null) return <SchoolChoice schools={schools?.schools ?? null} problem={problem} />;
  return <SchoolWeek school={school} from={monday(from ?? today)} today={today} />;
}

const root = document.getElementById('page');
if (root) render(<Page />, root);
