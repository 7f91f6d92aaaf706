import { expect, test } from 'vitest';
import { formatTime, frequencyTicks, melFraction, timeTicks } from './axis-ticks.ts';
import { colourTable } from './colour-maps.ts';
import { BLOCK, columnPeaks, summarisePeaks } from './peaks.ts';
import { colourFrames, MAX_COLUMNS, summariseSpectrogram, visibleFrames } from './spectrogram-image.ts';

test('a single loud sample is seen at any zoom, in the column of its time', async () => {
  const rate = 2000;
  const samples = new Float32Array(rate * 600);
  const at = 123_456;
  samples[at] = -0.8;
  const summary = await summarisePeaks(samples, rate);
  if (!summary) throw new Error('no summary');
  expect(summary.highest).toBeCloseTo(0.8, 6);
  for (const [start, end] of [
    [0, 600],
    [50, 70],
    [61.7, 61.8],
  ] as const) {
    const columns = columnPeaks(summary, start, end, 1000);
    const column = Math.floor(((at / rate - start) / (end - start)) * 1000);
    const slack = Math.ceil((BLOCK / rate / (end - start)) * 1000) + 1;
    const near = columns.slice(Math.max(0, column - slack) * 2, (column + slack + 1) * 2);
    expect(Math.min(...near)).toBeCloseTo(-0.8, 6);
    expect(columns.filter((value) => value < -0.1).length).toBeLessThanOrEqual(2 * slack + 1);
  }
});

test('a long spectrogram is averaged to a width that can be drawn, over the same time', async () => {
  const nFrames = MAX_COLUMNS * 3 + 17;
  const values = Float32Array.from({ length: nFrames * 2 }, (_, i) =>
    i % 2 ? 1 : Math.floor(i / 2) / nFrames,
  );
  const summary = await summariseSpectrogram({ values, nFrames, nMels: 2 });
  if (!summary) throw new Error('no summary');
  expect(summary.coarse.nFrames).toBe(MAX_COLUMNS);
  const whole = visibleFrames(summary, 0.02, 0, nFrames * 0.02);
  expect(whole.logMel).toBe(summary.coarse);
  // Band 0 rises evenly from 0 to 1, so the average in the middle column is one half.
  expect(summary.coarse.values[(MAX_COLUMNS / 2) * 2]).toBeCloseTo(0.5, 3);
  const close = visibleFrames(summary, 0.02, 10, 12);
  expect(close.logMel).toBe(summary.full);
  expect([close.first, close.last]).toEqual([500, 601]);
});

test('low pitch is at the bottom, loud is at the bright end, and what is out of range is kept inside', () => {
  const logMel = { values: new Float32Array([-9, 1, 5, 99]), nFrames: 2, nMels: 2 };
  const pixels = new Uint8ClampedArray(2 * 2 * 4);
  const table = colourTable('grey', 'dark');
  colourFrames(logMel, 0, 2, { low: 0, high: 10 }, table, pixels);
  const red = [pixels[0], pixels[4], pixels[8], pixels[12]];
  // Rows from the top: band 1 of both frames, then band 0 of both frames.
  const level = (value: number): number | undefined => table[Math.round((value / 10) * 255) * 3];
  expect(red).toEqual([level(1), level(10), level(0), level(5)]);
});

test.each(['magma', 'viridis'] as const)('%s becomes lighter from end to end', (name) => {
  const table = colourTable(name, 'light');
  const luminance = Array.from(
    { length: 256 },
    (_, i) =>
      0.2126 * (table[i * 3] ?? 0) + 0.7152 * (table[i * 3 + 1] ?? 0) + 0.0722 * (table[i * 3 + 2] ?? 0),
  );
  luminance.slice(1).forEach((value, i) => expect(value).toBeGreaterThanOrEqual((luminance[i] ?? 0) - 0.5));
});

test('time has round numbers that do not crowd', () => {
  expect(timeTicks(0, 35.7, 1000).map(({ label }) => label)).toEqual([
    '0',
    '5',
    '10',
    '15',
    '20',
    '25',
    '30',
    '35',
  ]);
  expect(timeTicks(59, 62, 300).map(({ label }) => label)).toEqual(['0:59', '1:00', '1:01', '1:02']);
  for (const [span, width] of [
    [0.25, 280],
    [3600, 280],
    [12, 3000],
  ] as const) {
    expect(timeTicks(0, span, width).length).toBeLessThanOrEqual(width / 72 + 2);
  }
});

test('times are written for reading', () => {
  expect([formatTime(7.24), formatTime(67.2), formatTime(3590)]).toEqual(['7.2 s', '1:07.2', '59:50.0']);
});

test('a frequency stands at the height of its band', () => {
  const centres = new Float32Array([100, 200, 400, 800]);
  expect(melFraction(centres, 100)).toBeCloseTo(0.125, 6);
  expect(melFraction(centres, 300)).toBeCloseTo(0.5, 6);
  expect(melFraction(centres, 900)).toBeNull();
  const ticks = frequencyTicks(centres, 200);
  expect(ticks.map(({ value }) => value)).toEqual(
    [100, 200, 400, 600, 800].filter((hz) => ticks.some((t) => t.value === hz)),
  );
  ticks
    .slice(1)
    .forEach((tick, i) =>
      expect((tick.fraction - (ticks[i]?.fraction ?? 0)) * 200).toBeGreaterThanOrEqual(26),
    );
});
