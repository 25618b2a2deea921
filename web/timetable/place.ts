// Which school and week the address names. The address is all this page remembers, so that it can be shared.

import { useEffect, useState } from 'preact/hooks';
import { isDay } from '../lib/days';

export interface Place {
  school: string | null;
  from: string | null;
}

export function address(school: string | null, from: string | null = null): string {
  const asked = new URLSearchParams();
  if (school) asked.set('school', school);
  if (from) asked.set('from', from);
  const text = asked.toString();
  return text ? `/timetable?${text}` : '/timetable';
}

/** Goes to an address of this page without opening the page anew. */
export function go(to: string): void {
  history.pushState(null, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Where we are; drawn again after `go` and after the browser's own back and forth. */
export function usePlace(): Place {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const moved = (): void => setPlace(read());
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  return place;
}

function read(): Place {
  const asked = new URLSearchParams(location.search);
  const from = asked.get('from') ?? '';
  return { school: asked.get('school') || null, from: isDay(from) ? from : null };
}
