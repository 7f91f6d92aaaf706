// What the network hears: windows on the grid, normalisation, short recordings, both layouts.

import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { RECIPE } from '../training/recipe.ts';
import type { MonoAudio } from '../types.ts';
import { windowFrames } from './manifest.ts';
import { copyWindow, recordingFeatures, type InputSpec } from './model-input.ts';

const RATE_HZ = 2000;
const SPEC: InputSpec = {
  ...RECIPE.manifest,
  sampleRateHz: RATE_HZ,
  window: { durationSec: 2, hopSec: 1, padding: 'repeat', maxWindows: null },
  features: { ...RECIPE.manifest.features, nFft: 256, nMels: 16 },
};

function noise(durationSec: number, gain = 1): MonoAudio {
  const random = new Random(7);
  return {
    samples: Float32Array.from(
      { length: Math.round(durationSec * RATE_HZ) },
      () => gain * 0.1 * random.normal() + 0.02 * gain,
    ),
    sampleRateHz: RATE_HZ,
  };
}

describe('features of a recording', () => {
  it('have mean 0 and standard deviation 1 over the whole recording', () => {
    const { values } = recordingFeatures(noise(9), SPEC, true).matrix;
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
    expect(mean).toBeCloseTo(0, 4);
    expect(sd).toBeCloseTo(1, 4);
  });

  it('do not depend on how loud the recording is', () => {
    const soft = recordingFeatures(noise(5, 0.01), SPEC, true).matrix.values;
    const loud = recordingFeatures(noise(5), SPEC, true).matrix.values;
    expect(Math.max(...soft.map((value, i) => Math.abs(value - (loud[i] ?? 0))))).toBeLessThan(1e-2);
  });

  it('are cut into windows every hop, and the last one ends with the recording', () => {
    const { windows } = recordingFeatures(noise(4.5), SPEC, true);
    expect(windows.map((w) => [w.startSec, w.endSec])).toEqual([
      [0, 2],
      [1, 3],
      [2, 4],
      [2.5, 4.5],
    ]);
    expect(windows.map((w) => w.firstFrame)).toEqual([0, 50, 100, 125]);
  });

  it('of a recording shorter than a window fill it by repetition, and the span says what was heard', () => {
    const { windows, matrix, picture } = recordingFeatures(noise(1.2), SPEC, true);
    expect(windows).toEqual([{ firstFrame: 0, startSec: 0, endSec: 1.2 }]);
    expect(matrix.nFrames).toBeGreaterThanOrEqual(100);
    expect(picture?.logMel.nFrames).toBe(61);
  });

  it('of only the first window, where the manifest says so', () => {
    const spec = { ...SPEC, window: { ...SPEC.window, maxWindows: 1 } };
    expect(recordingFeatures(noise(9), spec, true).windows).toHaveLength(1);
  });

  it('of silence are finite', () => {
    const { matrix } = recordingFeatures(
      { samples: new Float32Array(3 * RATE_HZ), sampleRateHz: RATE_HZ },
      SPEC,
      true,
    );
    expect(matrix.values.every(Number.isFinite)).toBe(true);
  });

  it('of each window alone, scaled to 0..1, where the manifest says so', () => {
    const spec: InputSpec = {
      ...SPEC,
      window: { durationSec: 2, hopSec: 2, padding: 'zero', maxWindows: null },
      features: { ...SPEC.features, scope: 'window', normalization: 'window-min-max' },
    };
    const { matrix, windows } = recordingFeatures(noise(4), spec, true);
    expect(matrix.nFrames).toBe(2 * 101);
    expect(windows.map((w) => w.firstFrame)).toEqual([0, 101]);
    for (const { firstFrame } of windows) {
      const one = matrix.values.subarray(firstFrame * 16, (firstFrame + 101) * 16);
      expect(Math.min(...one)).toBe(0);
      expect(Math.max(...one)).toBe(1);
    }
  });
});

describe('a window in a batch', () => {
  it('is the same numbers in either layout', () => {
    const { matrix } = recordingFeatures(noise(5), SPEC, true);
    const nFrames = windowFrames(SPEC);
    const size = nFrames * matrix.nMels;
    const rows = new Float32Array(2 * size);
    const columns = new Float32Array(2 * size);
    copyWindow(matrix, 10, nFrames, 'time-mel', rows, 1);
    copyWindow(matrix, 10, nFrames, 'mel-time', columns, 1);
    expect(rows[size]).toBe(matrix.values[10 * 16]);
    for (const [frame, mel] of [
      [0, 0],
      [3, 5],
      [99, 15],
    ] as const)
      expect(columns[size + mel * nFrames + frame]).toBe(rows[size + frame * 16 + mel]);
    expect(rows.subarray(0, size).every((value) => value === 0)).toBe(true);
  });
});
