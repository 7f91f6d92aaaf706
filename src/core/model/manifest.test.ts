// A manifest from outside is either refused with a sentence or can be run.

import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { Random } from '../random.ts';
import { parseManifest, windowFrames, type ModelManifest } from './manifest.ts';
import { copyWindow, recordingFeatures } from './model-input.ts';

const BUNDLED = JSON.parse(
  readFileSync(new URL('../../../models/heartbeat-cnn/manifest.json', import.meta.url), 'utf8'),
) as ModelManifest;

/** @returns null for a manifest that was refused */
function accepted(value: unknown): ModelManifest | null {
  try {
    return parseManifest(value);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'manifest-invalid') throw error;
    return null;
  }
}

const withFeatures = (changes: Partial<ModelManifest['features']>) => ({
  ...BUNDLED,
  features: { ...BUNDLED.features, ...changes },
});
const withWindow = (changes: Partial<ModelManifest['window']>) => ({
  ...BUNDLED,
  window: { ...BUNDLED.window, ...changes },
});

describe('parseManifest', () => {
  it('accepts the manifest of the bundled model as it is', () => {
    expect(parseManifest(BUNDLED)).toEqual(BUNDLED);
  });

  it('refuses arbitrary JSON with a sentence, never in another way', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => accepted(value) === null));
  });

  it('says so, never in another way, when any one field is something else', () => {
    const fields = ['features', 'window', 'calibration', 'inconclusiveBand', 'trainedOn'] as const;
    const places = [
      ...Object.keys(BUNDLED).map((key) => [key]),
      ...fields.flatMap((field) => Object.keys(BUNDLED[field] ?? {}).map((key) => [field, key])),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), ([field = '', key], value) => {
        const changed: Record<string, unknown> = { ...BUNDLED };
        changed[field] = key === undefined ? value : { ...(changed[field] as object), [key]: value };
        accepted(changed);
      }),
    );
  });

  it.each([
    ['windows of a shared spectrogram normalised apart', withFeatures({ normalization: 'window-standard' })],
    ['an odd FFT for windows of their own', withFeatures({ scope: 'window', nFft: 511 })],
    ['a window for every sample', withWindow({ hopSec: 1 / 2000 })],
    ['a window shorter than a frame', withWindow({ durationSec: 0.01 })],
    ['a band whose ends are swapped', { ...BUNDLED, inconclusiveBand: { low: 0.6, high: 0.4 } }],
    ['a filter above half the sample rate', withFeatures({ fMaxHz: 1001 })],
    ['three labels for one sigmoid', { ...BUNDLED, labels: ['a', 'b', 'c'] }],
  ])('refuses %s', (_, manifest) => {
    expect(accepted(manifest)).toBeNull();
  });

  it('accepts only what can be heard: every window is full of numbers', () => {
    const random = new Random(3);
    const sound = Float32Array.from({ length: 3000 }, () => random.normal());
    const features = fc.record({
      nFft: fc.integer({ min: 1, max: 300 }),
      winLength: fc.integer({ min: 1, max: 300 }),
      hopLength: fc.integer({ min: 5, max: 300 }),
      nMels: fc.integer({ min: 1, max: 20 }),
      normalization: fc.constantFrom('recording-standard', 'window-standard', 'window-min-max', 'none'),
      scope: fc.constantFrom('recording', 'window'),
    }) as fc.Arbitrary<Partial<ModelManifest['features']>>;
    const seconds = fc.integer({ min: 1, max: 2000 }).map((n) => n / 1000);
    fc.assert(
      fc.property(features, seconds, seconds, (changes, durationSec, hopSec) => {
        const draft = { ...withFeatures(changes), window: { ...BUNDLED.window, durationSec, hopSec } };
        const manifest = accepted(draft);
        fc.pre(manifest !== null);
        const { matrix, windows } = recordingFeatures(
          { samples: sound, sampleRateHz: 2000 },
          manifest,
          false,
        );
        const size = windowFrames(manifest) * matrix.nMels;
        for (const { firstFrame } of windows) {
          const batch = new Float32Array(size).fill(NaN);
          copyWindow(matrix, firstFrame, windowFrames(manifest), 'time-mel', batch, 0);
          expect(batch.every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});
