// A training run from sound to scores, through the session's public door, on the wasm backend.

import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ModelManifest } from '../model/manifest.ts';
import type { RecordingSource } from '../pipeline.ts';
import { Random } from '../random.ts';
import { chooseBackend } from '../tensor/backend.ts';
import { draftManifest, settingsFor } from './recipe.ts';
import { TrainingSession, type RunRequest } from './session.ts';

/** Training is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const simd = createRequire(import.meta.url).resolve(
    '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  );
  await chooseBackend('wasm', { gpu: null, createOffscreenCanvas: null, wasmPaths: { simd } });
});

const base = draftManifest(
  { id: 'test', name: 'Test', version: '1', createdAt: '2026-01-01T00:00:00Z' },
  ['low', 'high'],
  { dataset: 'made up', nRecordings: 12, nGroups: 12, note: '' },
);
/** Short windows of few bands: quick. */
const manifest: ModelManifest = {
  ...base,
  window: { ...base.window, durationSec: 1.5, hopSec: 1.5 },
  features: { ...base.features, nMels: 16, nFft: 256 },
};

/** Noise with a tone of 60 or 300 Hz, 2 to 3 s at 2 kHz. */
function sound(isHigh: boolean, seed: number): RecordingSource {
  const random = new Random(seed);
  const samples = Float32Array.from(
    { length: 4000 + random.integer(2000) },
    (_, i) => 0.2 * Math.sin((2 * Math.PI * (isHigh ? 300 : 60) * i) / 2000) + 0.05 * random.normal(),
  );
  return { kind: 'pcm', pcm: { channels: [samples], sampleRateHz: 2000 }, sha256: '', decodeMs: 0 };
}

async function session(): Promise<{ session: TrainingSession; ids: string[] }> {
  const made = new TrainingSession(manifest, {
    now: () => 0,
    yieldControl: () => Promise.resolve(),
    backend: () => 'wasm',
  });
  const ids = Array.from({ length: 12 }, (_, i) => `r${i}`);
  for (const [i, id] of ids.entries()) {
    const truth = { id, label: i % 2 ? 'high' : 'low', source: 'a', quality: null };
    await made.add(truth, sound(i % 2 === 1, i));
  }
  return { session: made, ids };
}

const settings = { ...settingsFor(8, { epochs: 3, batchSize: 4, seed: 1 }), averageLastEpochs: 1 };
const run: RunRequest = {
  way: 'scratch',
  settings,
  trainIds: [],
  watchIds: [],
  validationIds: [],
  from: null,
  replay: null,
  resume: null,
};

describe('TrainingSession', () => {
  it('trains, scores what it did not train on, and leaves no tensor behind', async () => {
    const { session: made, ids } = await session();
    const before = tf.memory().numTensors;
    const outcome = await made.train({ ...run, trainIds: ids.slice(0, 8), validationIds: ids.slice(8) }, {});
    expect(outcome.history).toHaveLength(3);
    expect(outcome.history[2]?.validationAuroc).not.toBeNull();
    const scores = await made.score(ids.slice(8), null);
    expect(scores.map(({ id }) => id)).toEqual(ids.slice(8));
    const [low, high, low2, high2] = scores.map(({ logits }) => logits[0] ?? NaN);
    expect(Math.min(high ?? NaN, high2 ?? NaN)).toBeGreaterThan(Math.max(low ?? NaN, low2 ?? NaN));
    expect(tf.memory().numTensors).toBe(before);

    // The outcome, given back as a model, scores the same and can be trained on.
    const model = { manifest, modelJson: outcome.modelJson, weights: outcome.weights };
    expect(await made.score(ids.slice(8), model)).toEqual(scores);
    const further = await made.train(
      { ...run, way: 'all', settings: { ...settings, epochs: 6 }, trainIds: ids, from: model },
      {},
    );
    expect(further.history.at(-1)?.loss).toBeLessThan(further.history[0]?.loss ?? NaN);
  });

  it('answers mistakes with their codes', async () => {
    const { session: made, ids } = await session();
    await expect(made.score(ids, null)).rejects.toMatchObject({ code: 'model-missing' });
    const truth = { id: 'x', label: 'other', source: 'a', quality: null };
    await made.add(truth, sound(true, 1));
    await expect(made.train({ ...run, trainIds: ['x', 'r0'] }, {})).rejects.toMatchObject({
      code: 'labels-invalid',
    });
    const bytes = new TextEncoder().encode('not a sound').buffer;
    await expect(made.add(truth, { kind: 'bytes', bytes })).rejects.toMatchObject({
      code: 'unsupported-format',
    });
  });
});
