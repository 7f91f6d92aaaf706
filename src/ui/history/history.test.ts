// What the History page makes of entries before it draws them.
import { expect, test } from 'vitest';
import { fakeEntry } from '../../state/history-fakes.ts';
import { countParts } from './count-parts.ts';
import { groupByDay } from './days.ts';

/** Local time, so that the days are those of whoever runs this. */
const at = (...when: [number, number, number, number, number]): string => new Date(...when).toISOString();

test('entries fall into the days of a calendar, newest first', () => {
  const now = new Date(2026, 2, 30, 0, 30);
  const times = [
    at(2026, 2, 30, 0, 10),
    // Five minutes to midnight, and one minute past the midnight before: the clocks may have changed between.
    at(2026, 2, 29, 23, 55),
    at(2026, 2, 29, 0, 1),
    at(2026, 2, 28, 23, 59),
    at(2025, 11, 31, 12, 0),
  ];
  const days = groupByDay(
    times.map((createdAt, index) => fakeEntry(String(9 - index), { createdAt })),
    now,
  );
  expect(days.map(({ heading, entries }) => [heading, entries.map(({ id }) => id)])).toEqual([
    ['Today', ['9']],
    ['Yesterday', ['8', '7']],
    ['Saturday, 28 March', ['6']],
    ['Wednesday, 31 December 2025', ['5']],
  ]);
});

test('a day comes once, although the clock was wrong in between', () => {
  const times = [at(2026, 2, 30, 9, 0), at(2031, 0, 1, 9, 0), at(2026, 2, 30, 8, 0)];
  const days = groupByDay(
    times.map((createdAt, index) => fakeEntry(String(9 - index), { createdAt })),
    new Date(2026, 2, 30, 10, 0),
  );
  expect(days.map(({ heading, entries }) => [heading, entries.map(({ id }) => id)])).toEqual([
    ['Today', ['9', '7']],
    ['Wednesday, 1 January 2031', ['8']],
  ]);
});

test('the first of a month comes after the last of the one before', () => {
  const entry = fakeEntry('1', { createdAt: at(2026, 1, 28, 12, 0) });
  expect(groupByDay([entry], new Date(2026, 2, 1, 8, 0))[0]?.heading).toBe('Yesterday');
});

test('the parts of the bar add up to the batch, in the order of the labels', () => {
  const counts = { ok: 5, inconclusive: 2, error: 1, perClass: { abnormal: 4, normal: 1 } };
  const parts = countParts(fakeEntry('1', { total: 10, counts }));
  expect(parts.map(({ word, n }) => [word, n])).toEqual([
    ['normal', 1],
    ['abnormal', 4],
    ['inconclusive', 2],
    ['failed', 1],
    ['not heard', 2],
  ]);
  expect(new Set(parts.map(({ colour }) => colour)).size).toBe(5);
});

test('what there is none of has no part', () => {
  const counts = { ok: 1, inconclusive: 0, error: 0, perClass: { abnormal: 1 } };
  expect(countParts(fakeEntry('1', { total: 1, counts }))).toMatchObject([{ word: 'abnormal', n: 1 }]);
});
