import { expect, test } from 'vitest';
import { resample } from '../../core/audio/resample.ts';
import { parseWav } from '../../core/audio/wav.ts';
import { playableWav } from './playable-sound.ts';
import { TimeView } from './time-view.svelte.ts';

/** Half a step of 16 bits, and the rounding of the gain. */
const TOLERANCE = 1 / 32768 + 1e-6;

test.each([1000, 2000, 4410])(
  'sound at %i Hz becomes playable, without seams between its pieces',
  async (rate) => {
    const samples = Float32Array.from(
      { length: rate * 3 + 77 },
      (_, i) => 0.4 * Math.sin((2 * Math.PI * 150 * i) / rate),
    );
    const blob = await playableWav({ samples, sampleRateHz: rate }, 0.9);
    if (!blob) throw new Error('no sound');
    const { channels, sampleRateHz } = parseWav(await blob.arrayBuffer());
    expect(sampleRateHz).toBeGreaterThanOrEqual(8000);
    const whole = resample({ samples, sampleRateHz: rate }, sampleRateHz).samples;
    expect(channels[0]).toHaveLength(whole.length);
    const worst = whole.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (channels[0]?.[i] ?? 9))),
      0,
    );
    expect(worst).toBeLessThan(TOLERANCE);
  },
);

test('quiet sound is brought up, silence is not', async () => {
  const quiet = new Float32Array(8000).fill(0.01);
  const loud = await playableWav({ samples: quiet, sampleRateHz: 8000 }, 0.01);
  const silent = await playableWav({ samples: new Float32Array(8000), sampleRateHz: 8000 }, 0);
  const first = async (blob: Blob | null): Promise<number | undefined> =>
    blob ? parseWav(await blob.arrayBuffer()).channels[0]?.[0] : undefined;
  expect(await first(loud)).toBeCloseTo(0.9, 3);
  expect(await first(silent)).toBe(0);
});

test('zooming keeps the time under the cursor where it is, and stays inside the recording', () => {
  const view = new TimeView(30);
  view.zoom(4, 10);
  expect(view.spanSec).toBeCloseTo(7.5, 9);
  expect(view.fraction(10)).toBeCloseTo(1 / 3, 9);
  view.zoom(1e9, 10);
  expect(view.spanSec).toBeCloseTo(0.25, 9);
  expect(view.isClosest).toBe(true);
  view.zoom(1e-9, 10);
  expect([view.startSec, view.endSec, view.isWhole]).toEqual([0, 30, true]);
});

test('panning stops at both ends', () => {
  const view = new TimeView(30);
  view.zoom(3, 0);
  view.pan(-5);
  expect(view.startSec).toBe(0);
  view.pan(1000);
  expect(view.endSec).toBeCloseTo(30, 9);
});

test('the view turns its page when the cursor leaves it', () => {
  const view = new TimeView(60);
  view.zoom(6, 0);
  view.follow(9);
  expect(view.startSec).toBe(0);
  view.follow(10.5);
  expect(view.fraction(10.5)).toBeCloseTo(0.05, 9);
});
