// Calendar days as the server writes them (`2026-11-23`), counted without any time zone.

import { lang } from './i18n';

const DAY_MS = 86_400_000;

/** Whether `text` is a day that exists. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(text);
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text;
}

/** The day `n` days after `day`; before it when `n` is negative. */
export function plusDays(day: string, n: number): string {
  return new Date(Date.parse(day) + n * DAY_MS).toISOString().slice(0, 10);
}

/** 1 on a Monday to 7 on a Sunday. */
export function weekday(day: string): number {
  return ((new Date(day).getUTCDay() + 6) % 7) + 1;
}

/** The Monday of the week that `day` is in. */
export function monday(day: string): string {
  return plusDays(day, 1 - weekday(day));
}

/** The day on this browser's own calendar. */
export function localDay(ms: number): string {
  const at = new Date(ms);
  return new Date(Date.UTC(at.getFullYear(), at.getMonth(), at.getDate())).toISOString().slice(0, 10);
}

/** `11月23日`, or `23 Nov`. */
export const dayName = (day: string): string => said(day, { month: lang() === 'en' ? 'short' : 'long', day: 'numeric' });

/** The same with its year. */
export const fullDayName = (day: string): string => said(day, { year: 'numeric', month: lang() === 'en' ? 'short' : 'long', day: 'numeric' });

/** `周一`, or `Mon`. */
export const weekdayName = (day: string): string => said(day, { weekday: 'short' });

function said(day: string, parts: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(lang() === 'en' ? 'en-GB' : 'zh-CN', { ...parts, timeZone: 'UTC' }).format(new Date(day));
}
