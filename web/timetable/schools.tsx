// Every school, by district; a few words of its name find it.

import { useMemo, useState } from 'preact/hooks';
import { t } from '../lib/i18n';
import { sentence } from '../lib/problem';
import type { Problem, Schools } from '../lib/protocol';
import { focus } from '../lib/ui/focus';
import { LangButton } from '../lib/ui/lang-button';
import { Notice } from '../lib/ui/notice';
import { Link } from './link';
import { address, go } from './place';

type School = Schools['schools'][number];

export function SchoolChoice({ schools, problem }: { schools: School[] | null; problem: Problem | null }) {
  const [wanted, setWanted] = useState('');
  const shown = useMemo(() => (schools ?? []).filter((school) => found(school, wanted)), [schools, wanted]);
  if (schools === null) return <Notice head={problem ? sentence(problem) : t('app.loading')} advice="" />;
  const enter = (event: Event): void => {
    event.preventDefault();
    const only = shown.length === 1 ? shown[0] : undefined;
    if (only) go(address(only.id));
  };
  return (
    <>
      <header class="top">
        <div class="top-lesson">
          <h1>{t('timetable.title')}</h1>
          <p>{t('timetable.choose')}</p>
        </div>
        <form role="search" onSubmit={enter}>
          <input
            class="timetable-search" type="search" aria-label={t('timetable.search')} placeholder={t('timetable.search')} value={wanted} ref={focus}
            onInput={(event) => setWanted(event.currentTarget.value)}
          />
        </form>
        <LangButton />
      </header>
      <main class="timetable" data-testid="schools">
        <p class="timetable-count" role="status">{shown.length ? t('timetable.count', { n: shown.length }) : t(schools.length ? 'timetable.none.found' : 'timetable.none')}</p>
        {byDistrict(shown).map(([district, some]) => (
          <section key={district} class="sheet timetable-district">
            <h2>{district || t('timetable.district.none')}</h2>
            <ul>
              {some.map((school) => (
                <li key={school.id}>
                  <Link to={address(school.id)}>{school.name}</Link>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </main>
    </>
  );
}

/** Every word that was typed is in the name or the district. */
function found(school: School, wanted: string): boolean {
  const text = `${school.name} ${school.district ?? ''}`.toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** In the server's order; schools without a district come last. */
function byDistrict(schools: School[]): [district: string, schools: School[]][] {
  const districts = new Map<string, School[]>();
  for (const school of schools) {
    const district = school.district ?? '';
    districts.set(district, [...(districts.get(district) ?? []), school]);
  }
  return [...districts].sort(([a], [b]) => Number(a === '') - Number(b === ''));
}
