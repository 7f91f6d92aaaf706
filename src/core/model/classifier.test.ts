// Batches of the network hold windows of several recordings. That may change when an answer comes, never the
// answer: single recording, batch and any order of a batch give the same bits.

import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { chooseBackend } from '../tensor/backend.ts';
import { Classifier } from './classifier.ts';
import { parseManifest, windowFrames } from './manifest.ts';
import type { NetworkInput } from './model-input.ts';

const SIMD = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
);
const FOLDER = new URL('../../../models/heartbeat-cnn/', import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, FOLDER));
const manifest = parseManifest(JSON.parse(read('manifest.json').toString('utf8')));

/** A recording of so many windows, half overlapping, with features like noise. */
function recording(nWindows: number, seed: number): NetworkInput {
  const random = new Random(seed);
  const { nMels } = manifest.features;
  const perWindow = windowFrames(manifest);
  const hop = Math.floor(perWindow / 2);
  const nFrames = perWindow + (nWindows - 1) * hop;
  return {
    matrix: { values: Float32Array.from({ length: nFrames * nMels }, () => random.normal()), nFrames, nMels },
    windows: Array.from({ length: nWindows }, (_, w) => ({
      firstFrame: w * hop,
      startSec: w,
      endSec: w + 2,
    })),
  };
}

/** The first call compiles the kernels, on a busy machine for seconds. */
describe('the classifier on wasm', { timeout: 60_000 }, () => {
  let classifier: Classifier;

  beforeAll(async () => {
    // With the kernels of our own, as in the worker.
    await chooseBackend('wasm', { gpu: null, createOffscreenCanvas: null, wasmPaths: { simd: SIMD } });
    const weights = new Uint8Array(read('weights.bin')).buffer;
    classifier = await Classifier.load({
      manifest,
      modelJson: JSON.parse(read('model.json').toString('utf8')) as unknown,
      weights,
    });
  });

  afterAll(() => classifier.dispose());

  it('gives every recording the same bits alone, beside others and in any order', async () => {
    const recordings = [1, 3, 20, 2, 16].map(recording);
    const alone: unknown[] = [];
    for (const one of recordings) alone.push(await classifier.predict(one));
    expect(await classifier.predictAll(recordings)).toEqual(alone);
    expect(await classifier.predictAll(recordings.toReversed())).toEqual(alone.toReversed());
  });

  it('answers the others when one has features that are no numbers', async () => {
    const [first, second, third] = [recording(2, 1), recording(2, 2), recording(1, 3)];
    second.matrix.values.fill(NaN);
    const [before, broken, after] = await classifier.predictAll([first, second, third]);
    expect(broken).toMatchObject({ code: 'model-invalid' });
    expect([before, after]).toEqual(await classifier.predictAll([first, third]));
    await expect(classifier.predict(second)).rejects.toMatchObject({ code: 'model-invalid' });
  });

  it('lets its caller stop it between two batches, and leaves no tensor behind', async () => {
    const { numTensors } = tf.memory();
    let nCalls = 0;
    const stop = (): Promise<void> =>
      ++nCalls < 2 ? Promise.resolve() : Promise.reject(new DOMException('stop', 'AbortError'));
    const many = [recording(50, 4)];
    await expect(classifier.predictAll(many, stop)).rejects.toMatchObject({ name: 'AbortError' });
    expect(nCalls).toBe(2);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
