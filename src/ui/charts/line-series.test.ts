import { describe, expect, test } from 'vitest';
import { describeLines, isLonely, lineColour, lineRows } from './line-series.ts';

const format = (value: number): string => value.toFixed(1);

describe('lines as words and as a table', () => {
  test('a line is told by its first and its last value; one without values is left out', () => {
    const series = [
      { name: 'training', values: [null, 0.9, 0.5, null] },
      { name: 'validation', values: [null, 0.7] },
      { name: 'watched', values: [null, null] },
    ];
    expect(describeLines('Loss', series, format)).toBe('Loss. training from 0.9 to 0.5. validation 0.7.');
  });

  test('the table has a row for every place of the longest line, with a dash where nothing was measured', () => {
    const series = [
      { name: 'a', values: [1, null] },
      { name: 'b', values: [2, 3, 4] },
    ];
    expect(lineRows(series, 1, format)).toEqual([
      { x: 1, cells: ['1.0', '2.0'] },
      { x: 2, cells: ['—', '3.0'] },
      { x: 3, cells: ['—', '4.0'] },
    ]);
    expect(lineRows([], 1, format)).toEqual([]);
  });

  test('a value between gaps is drawn as a point: a line would not show it', () => {
    const values = [1, null, 2, 3, null, 4];
    expect(values.map((_, i) => isLonely(values, i))).toEqual([true, false, false, false, false, true]);
    expect(isLonely([5], 0)).toBe(true);
  });

  test('lines have colours in turn, or their own', () => {
    expect(lineColour({ name: 'a', values: [] }, 0)).not.toBe(lineColour({ name: 'b', values: [] }, 1));
    expect(lineColour({ name: 'c', values: [], colour: '--danger' }, 1)).toBe('--danger');
    expect(lineColour({ name: 'd', values: [] }, 99)).toMatch(/^--/);
  });
});
