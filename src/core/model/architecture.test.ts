// A fresh network: its shapes and size, that a seed decides its weights, that saving and loading keep it.

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Random } from '../random.ts';
import { draftManifest, RECIPE } from '../training/recipe.ts';
import { exportModel } from '../training/weights.ts';
import { buildNetwork, type ArchitectureSettings } from './architecture.ts';
import { loadNetwork } from './classifier.ts';
import type { ModelManifest } from './manifest.ts';

/** Training is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const manifest = draftManifest(
  { id: 'tiny', name: 'Tiny', version: '1.0.0', createdAt: '2026-01-01T00:00:00Z' },
  ['normal', 'abnormal'],
  { dataset: 'none', nRecordings: 0, nGroups: 0, note: '' },
);

const small: ArchitectureSettings = {
  convolutions: [{ filters: 2, kernel: [3, 3], stride: [4, 4], pool: [2, 2] }],
  poolingDropout: 0.3,
  dense: 4,
  bandStatistics: ['mean', 'sd', 'periodicity'],
  bandDense: 3,
  embeddingDropout: 0.4,
};

describe('buildNetwork', () => {
  it('builds the recipe: 82,025 trainable parameters, six frequency regions at the last convolution', () => {
    const network = buildNetwork(manifest, RECIPE.architecture, new Random(1));
    expect(network.inputs[0]?.shape).toEqual([null, 300, 48, 1]);
    expect(network.outputs[0]?.shape).toEqual([null, 1]);
    // 82,025 trainable ones, and two moving statistics for each of the 640 normalised channels.
    expect(network.countParams()).toBe(82_025 + 2 * (120 + 64 + 408 + 48));
    // The layers that the recipe's manifest names: the last convolution's activation and the embedding.
    const { explainLayer, embeddingLayer } = RECIPE.manifest;
    expect(explainLayer).toBe(`relu${RECIPE.architecture.convolutions.length}`);
    expect(network.getLayer(explainLayer ?? '').outputShape).toEqual([null, 37, 6, 48]);
    expect(network.layers.map(({ name }) => name)).toContain(embeddingLayer);
  });

  it('gives one logit per label to a softmax', () => {
    const three = { ...manifest, labels: ['a', 'b', 'c'], output: 'softmax-logit' } as ModelManifest;
    expect(buildNetwork(three, small, new Random(1)).outputs[0]?.shape).toEqual([null, 3]);
  });

  it('takes its weights from the seed', async () => {
    const bytes = async (seed: number): Promise<Uint8Array> =>
      new Uint8Array((await exportModel(buildNetwork(manifest, small, new Random(seed)))).weights);
    expect(await bytes(5)).toEqual(await bytes(5));
    expect(await bytes(5)).not.toEqual(await bytes(6));
  });

  it('is the same network after saving and loading', async () => {
    const network = buildNetwork(manifest, small, new Random(2));
    const { modelJson, weights } = await exportModel(network);
    const loaded = await loadNetwork({ manifest, modelJson: JSON.parse(JSON.stringify(modelJson)), weights });
    const input = tf.randomNormal([2, 300, 48, 1], 0, 1, 'float32', 3);
    const expected = await (network.predict(input) as tf.Tensor).data();
    expect(await (loaded.predict(input) as tf.Tensor).data()).toEqual(expected);
  });
});
