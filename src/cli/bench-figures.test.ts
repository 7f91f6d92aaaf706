// What a bench says: ratios are what the two timings say, columns stand below each other, growth is found by its slope.

import { describe, expect, it } from 'vitest';
import { figure, figureTable } from './bench-figures.ts';
import { growthExponent } from './bench-pool.ts';

describe('figures', () => {
  it('carry the ratio of the two timings, or none', () => {
    const beside = figure('a', 'a thing', 3, 'ms', [5, 'rounds'], { name: 'other', value: 4 });
    expect(beside).toEqual({
      id: 'a',
      what: 'a thing',
      value: 3,
      unit: 'ms',
      n: 5,
      of: 'rounds',
      peer: { name: 'other', value: 4 },
      ratio: 0.75,
    });
    expect(figure('b', 'alone', 3, 'ms', [5, 'rounds'])).toMatchObject({ peer: null, ratio: null });
  });

  it('are a table with aligned columns and the digits that count', () => {
    const lines = figureTable([
      figure('a', 'short', 0.123456, 'ms', [5, 'rounds'], { name: 'other', value: 1234.5 }),
      figure('b', 'a longer name', 31.26, 'a second', [2000, 'recordings']),
    ]).split('\n');
    expect(lines).toEqual([
      'what           figure  unit      n                peer         ratio',
      '-------------  ------  --------  ---------------  ----------  ------',
      'short           0.123  ms        5 rounds         1235 other  0.0001',
      'a longer name    31.3  a second  2000 recordings',
    ]);
  });
});

describe('the exponent of growth', () => {
  const counts = [10, 100, 1000, 5000];

  it.each([0.5, 1, 2])('is found where the time is a multiple of the number to the power of %d', (power) => {
    const points = counts.map((count) => ({ count, seconds: 0.03 * count ** power }));
    expect(growthExponent(points)).toBeCloseTo(power, 10);
  });

  it('of a straight line with a start-up is below 1, and of its far end nearer to it', () => {
    const points = counts.map((count) => ({ count, seconds: 0.5 + 0.03 * count }));
    const [all, farEnd] = [growthExponent(points), growthExponent(points.slice(-2))];
    expect(all).toBeLessThan(farEnd);
    expect(farEnd).toBeLessThan(1);
    // d log(a + b n) / d log n between 1000 and 5000, by hand: ln(150.5 / 30.5) / ln 5.
    expect(farEnd).toBeCloseTo(Math.log(150.5 / 30.5) / Math.log(5), 12);
  });
});
