// Every sentence exists in both languages.
import { afterEach, expect, test } from 'vitest';
import { setLang, t } from '../lib/i18n';
import { WORDS, type WordKey } from '../lib/words';

const all = Object.entries(WORDS) as [WordKey, readonly [string, string]][];
const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
const chinese = (text: string): number => (text.match(/[\u4e00-\u9fff]/g) ?? []).length;

afterEach(() => setLang('zh'));

test('every sentence is there in both languages, with the same figures in it', () => {
  for (const [key, [zh, en]] of all) {
    expect(zh.trim(), key).not.toBe('');
    expect(en.trim(), key).not.toBe('');
    expect(holes(zh), key).toEqual(holes(en));
  }
});

test('English sentences contain no Chinese, except the name of the other language', () => {
  const mixed = all.filter(([key, [, en]]) => chinese(en) > 0 && key !== 'lang.other');
  expect(mixed).toEqual([]);
});

test('a headline has at most 18 Chinese characters and an advice at most 40', () => {
  for (const [key, [zh]] of all) {
    if (key.endsWith('.head')) expect(chinese(zh), key).toBeLessThanOrEqual(18);
    if (key.endsWith('.do')) expect(chinese(zh), key).toBeLessThanOrEqual(40);
  }
});

test('every headline of a trouble comes with what to do', () => {
  const heads = all.map(([key]) => key as string).filter((key) => key.endsWith('.head'));
  const without = heads.filter((key) => !(key.replace(/\.head$/, '.do') in WORDS || key === 'room.server.head'));
  expect(without).toEqual([]);
});

test('Chinese comes first and the language can be changed', () => {
  expect(t('room.age', { n: 7 })).toBe('画面停在 7 秒前');
  setLang('en');
  expect(t('room.age', { n: 7 })).toBe('Picture from 7 s ago');
});
