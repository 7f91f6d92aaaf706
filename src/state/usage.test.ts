import { describe, expect, test } from 'vitest';
import { fakeResult } from './fakes.ts';
import { fakeEntry } from './history-fakes.ts';
import { histogram, latencies, recentAnswer, useByDay } from './usage.ts';

/** Local time, so that the days are those of whoever runs this. */
const at = (...when: [number, number, number, number, number]): string => new Date(...when).toISOString();
const counts = (ok: number, inconclusive = 0, error = 0, perClass: Record<string, number> = {}) => ({
  ok,
  inconclusive,
  error,
  perClass,
});

describe('answers by day', () => {
  test('every day is there, also those without an answer, and older entries are not', () => {
    const entries = [
      fakeEntry('4', { createdAt: at(2026, 2, 30, 0, 10), counts: counts(2, 1, 0, { normal: 2 }) }),
      fakeEntry('3', { createdAt: at(2026, 2, 28, 23, 59), counts: counts(1, 0, 0, { murmur: 1 }) }),
      fakeEntry('2', { createdAt: at(2026, 2, 28, 0, 0), counts: counts(3, 0, 4, { normal: 1, murmur: 2 }) }),
      fakeEntry('1', { createdAt: at(2026, 2, 27, 23, 59), counts: counts(100) }),
    ];
    const days = useByDay(entries, new Date(2026, 2, 30, 23, 0), 3);
    expect(days.map(({ start }) => [start.getMonth(), start.getDate(), start.getHours()])).toEqual([
      [2, 28, 0],
      [2, 29, 0],
      [2, 30, 0],
    ]);
    expect(days.map((day) => day.counts)).toEqual([
      counts(4, 0, 4, { normal: 1, murmur: 3 }),
      counts(0),
      counts(2, 1, 0, { normal: 2 }),
    ]);
  });

  test('a span over the end of a year and of summer time has each day once', () => {
    const days = useByDay([], new Date(2026, 3, 10, 12, 0), 200);
    expect(new Set(days.map(({ start }) => start.toDateString())).size).toBe(200);
    expect(days.at(-1)?.start.getDate()).toBe(10);
  });
});

describe('how long answers took', () => {
  const answer = (total: number, change: Partial<ReturnType<typeof fakeResult>> = {}) =>
    recentAnswer(
      {
        ...fakeResult('a.wav'),
        processingMs: { decode: 0, features: 0, inference: total / 2, total },
        ...change,
      },
      ['normal', 'abnormal'],
    );

  test('percentiles by nearest rank, the backend with the most answers first, failures left out', () => {
    const answers = [
      ...Array.from({ length: 100 }, (_, i) => answer(100 - i)),
      answer(7, { backend: 'webgpu' }),
      answer(9999, { status: 'error' }),
    ];
    expect(latencies(answers)).toEqual([
      { backend: 'wasm', n: 100, median: 50, p90: 90, p99: 99, medianInference: 25 },
      { backend: 'webgpu', n: 1, median: 7, p90: 7, p99: 7, medianInference: 3.5 },
    ]);
    expect(latencies([])).toEqual([]);
  });
});

describe('scores', () => {
  test('are those of the second of two labels; a failure and more labels have none', () => {
    const result = { ...fakeResult('a.wav'), probabilities: { normal: 0.3, abnormal: 0.7 } };
    expect(recentAnswer(result, ['normal', 'abnormal']).probability).toBe(0.7);
    expect(recentAnswer({ ...result, status: 'error' }, ['normal', 'abnormal']).probability).toBeNull();
    expect(recentAnswer(result, ['a', 'b', 'c']).probability).toBeNull();
  });

  test('fall into bins of equal width, a certainty into the last', () => {
    expect(histogram([0, 0.05, 0.1, 0.5, 0.99, 1], 10)).toEqual([2, 1, 0, 0, 0, 1, 0, 0, 0, 2]);
  });
});

test('classes that every object knows are counted as others are', () => {
  const perClass = Object.fromEntries([
    ['constructor', 2],
    ['__proto__', 3],
  ]);
  const entry = (id: string) =>
    fakeEntry(id, { createdAt: at(2026, 2, 30, 1, 0), counts: counts(5, 0, 0, perClass) });
  const [day] = useByDay([entry('1'), entry('2')], new Date(2026, 2, 30, 2, 0), 1);
  expect(Object.entries(day?.counts.perClass ?? {})).toEqual([
    ['constructor', 4],
    ['__proto__', 6],
  ]);
});
