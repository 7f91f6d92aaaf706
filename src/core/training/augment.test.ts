// What augmentation may do to a window, and to nothing else.

import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { augmentWindow, type AugmentationOptions } from './augment.ts';

const N_FRAMES = 40;
const N_MELS = 12;
const SIZE = N_FRAMES * N_MELS;
const quiet: AugmentationOptions = {
  gainSd: 0,
  frequencyMaskProbability: 0,
  maxMaskedBands: 8,
  timeMaskProbability: 0,
  maxMaskedFrames: 15,
};

function augmented(
  options: AugmentationOptions,
  layout: 'time-mel' | 'mel-time',
  seed: number,
): Float32Array {
  const batch = new Float32Array(3 * SIZE).fill(1);
  augmentWindow(batch, { offset: SIZE, nFrames: N_FRAMES, nMels: N_MELS, layout }, options, new Random(seed));
  expect(new Set([...batch.subarray(0, SIZE), ...batch.subarray(2 * SIZE)])).toEqual(new Set([1]));
  return batch.subarray(SIZE, 2 * SIZE);
}

/** Frames and bands that are silent throughout. */
function silenced(
  window: Float32Array,
  layout: 'time-mel' | 'mel-time',
): { frames: number[]; mels: number[] } {
  const at = (frame: number, mel: number): number =>
    (layout === 'time-mel' ? window[frame * N_MELS + mel] : window[mel * N_FRAMES + frame]) ?? NaN;
  const frames = [...Array(N_FRAMES).keys()];
  const mels = [...Array(N_MELS).keys()];
  return {
    frames: frames.filter((frame) => mels.every((mel) => at(frame, mel) === 0)),
    mels: mels.filter((mel) => frames.every((frame) => at(frame, mel) === 0)),
  };
}

describe('augmentWindow', () => {
  it.each(['time-mel', 'mel-time'] as const)('silences one run of bands and one of frames, %s', (layout) => {
    for (let seed = 0; seed < 200; seed++) {
      const options = { ...quiet, frequencyMaskProbability: 1, timeMaskProbability: 1 };
      const { frames, mels } = silenced(augmented(options, layout, seed), layout);
      expect(mels.length).toBeGreaterThanOrEqual(1);
      expect(mels.length).toBeLessThanOrEqual(8);
      expect((mels.at(-1) ?? 0) - (mels[0] ?? 0)).toBe(mels.length - 1);
      expect(frames.length).toBeGreaterThanOrEqual(1);
      expect(frames.length).toBeLessThanOrEqual(15);
      expect((frames.at(-1) ?? 0) - (frames[0] ?? 0)).toBe(frames.length - 1);
    }
  });

  it('masks about as often as asked', () => {
    const masked = [...Array(1000).keys()].filter((seed) => {
      const window = augmented({ ...quiet, frequencyMaskProbability: 0.5 }, 'time-mel', seed);
      return silenced(window, 'time-mel').mels.length > 0;
    });
    // Binomial, SD 16.
    expect(Math.abs(masked.length - 500)).toBeLessThan(64);
  });

  it('multiplies and shifts a window by numbers of the given SD', () => {
    const values = [...Array(2000).keys()].map(
      (seed) => augmented({ ...quiet, gainSd: 0.1 }, 'time-mel', seed)[0] ?? NaN,
    );
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean - 1)).toBeLessThan(0.02);
    // Gain and shift together.
    expect(Math.abs(sd - 0.1 * Math.SQRT2)).toBeLessThan(0.01);
  });
});
