// Grad-CAM against a network whose gradient is known: a 1 × 1 convolution, averaged, then weighed.

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Classifier } from './classifier.ts';
import { explainFrames } from './explain.ts';
import type { ModelManifest } from './manifest.ts';
import type { NetworkInput } from './model-input.ts';

const N_FRAMES = 20;
const N_MELS = 4;

const MANIFEST = {
  labels: ['normal', 'abnormal'],
  output: 'sigmoid-logit',
  sampleRateHz: 100,
  window: { durationSec: 2, hopSec: 2, padding: 'repeat', maxWindows: null },
  features: { hopLength: 10, nMels: N_MELS, scope: 'recording' },
  inputLayout: 'time-mel',
  explainLayer: 'conv',
} as ModelManifest;

/** Logit = mean of the convolution's one channel, which is the input itself, plus a branch that bypasses it. */
function network(): tfl.LayersModel {
  const input = tfl.input({ shape: [N_FRAMES, N_MELS, 1] });
  const conv = tfl.layers
    .conv2d({ name: 'conv', filters: 1, kernelSize: 1, useBias: false, kernelInitializer: 'ones' })
    .apply(input);
  const seen = tfl.layers.globalAveragePooling2d({}).apply(conv);
  const bypass = tfl.layers.globalMaxPooling2d({}).apply(input);
  const both = tfl.layers.concatenate().apply([seen, bypass] as tfl.SymbolicTensor[]);
  const logit = tfl.layers.dense({ units: 1, kernelInitializer: 'ones' }).apply(both);
  return tfl.model({ inputs: input, outputs: logit as tfl.SymbolicTensor });
}

/** Two windows side by side; energy only in the given frames. */
function features(loudFrames: number[]): NetworkInput {
  const values = new Float32Array(2 * N_FRAMES * N_MELS);
  for (const frame of loudFrames) values.fill(1, frame * N_MELS, (frame + 1) * N_MELS);
  const matrix = { values, nFrames: 2 * N_FRAMES, nMels: N_MELS };
  const windows = [
    { firstFrame: 0, startSec: 0, endSec: 2 },
    { firstFrame: N_FRAMES, startSec: 2, endSec: 4 },
  ];
  return { matrix, windows };
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('explainFrames', () => {
  it('points at the frames that raise the logit, scaled to 1', async () => {
    const classifier = { manifest: MANIFEST, network: network() } as Classifier;
    const relevance = await explainFrames(classifier, features([5, 6, 30]), 2 * N_FRAMES, {
      unit: 0,
      sign: 1,
    });
    const loud = Array.from(relevance ?? []).flatMap((value, frame) => (value > 0.5 ? [frame] : []));
    expect(loud).toEqual([5, 6, 30]);
    expect(Math.max(...(relevance ?? []))).toBe(1);
  });

  it('finds nothing for the class that they speak against', async () => {
    const classifier = { manifest: MANIFEST, network: network() } as Classifier;
    const relevance = await explainFrames(classifier, features([5]), 2 * N_FRAMES, { unit: 0, sign: -1 });
    expect(relevance?.every((value) => value === 0)).toBe(true);
  });

  it('leaves the network as it was and no tensor behind', async () => {
    const model = network();
    const classifier = { manifest: MANIFEST, network: model } as Classifier;
    const input = tf.ones([1, N_FRAMES, N_MELS, 1]);
    const before = Array.from((model.predict(input) as tf.Tensor).dataSync());
    const tensors = tf.memory().numTensors;
    await explainFrames(classifier, features([1]), 2 * N_FRAMES, { unit: 0, sign: 1 });
    await explainFrames(classifier, features([1]), 2 * N_FRAMES, { unit: 0, sign: 1 });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(Array.from((model.predict(input) as tf.Tensor).dataSync())).toEqual(before);
  });

  it('answers null where the manifest names no layer', async () => {
    const classifier = { manifest: { ...MANIFEST, explainLayer: null }, network: network() } as Classifier;
    expect(await explainFrames(classifier, features([1]), 2 * N_FRAMES, { unit: 0, sign: 1 })).toBeNull();
  });
});
