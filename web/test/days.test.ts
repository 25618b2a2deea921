// Days are counted on the calendar, whatever the browser's time zone.
import { afterEach, expect, test } from 'vitest';
import { dayName, isDay, monday, plusDays, weekday, weekdayName } from '../lib/days';
import { setLang } from '../lib/i18n';

afterEach(() => setLang('zh'));

test('a week starts on its Monday', () => {
  expect(monday('2026-11-25')).toBe('2026-11-23');
  expect(monday('2026-11-23')).toBe('2026-11-23');
  expect(monday('2026-11-29')).toBe('2026-11-23');
  expect(weekday('2026-11-29')).toBe(7);
});

test('days go over the ends of months and years', () => {
  expect(plusDays('2026-12-28', 7)).toBe('2027-01-04');
  expect(plusDays('2028-03-01', -1)).toBe('2028-02-29');
});

test('only days that exist are days', () => {
  expect(isDay('2026-11-30')).toBe(true);
  expect(['2026-11-31', '2026-2-1', 'soon', '', '2026-13-01'].filter(isDay)).toEqual([]);
});

test('a day is said in the language of the page', () => {
  expect([dayName('2026-11-23'), weekdayName('2026-11-23')]).toEqual(['11月23日', '周一']);
  setLang('en');
  expect([dayName('2026-11-23'), weekdayName('2026-11-23')]).toEqual(['23 Nov', 'Mon']);
});
