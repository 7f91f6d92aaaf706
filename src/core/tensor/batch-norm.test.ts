// The fused batch norm and the sped-up layers against TF.js's own, on cpu and WASM.

import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Random } from '../random.ts';
import { chooseBackend } from './backend.ts';
import { trainingBatchNorm } from './batch-norm.ts';
import { speedUpTraining } from './training-layers.ts';

/** The cpu backend, the oracle, is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const wasmPath = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
);
const probes = { gpu: null, createOffscreenCanvas: null, wasmPaths: { simd: wasmPath } };
const EPSILON = 1e-3;

beforeAll(async () => {
  await chooseBackend('cpu', probes);
  await chooseBackend('wasm', probes);
});

function noise(seed: number, shape: number[]): tf.Tensor {
  const random = new Random(seed);
  return tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => 2 + random.normal()),
    shape,
  );
}

function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance: number): void {
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [actual.dataSync(), expected.dataSync()];
  for (const [i, value] of b.entries()) expect(Math.abs((a[i] ?? NaN) - value)).toBeLessThan(tolerance);
}

describe.each(['cpu', 'wasm'])('batch norm in training mode on %s', (backend) => {
  it.each([[[4, 6, 5, 8]], [[7, 3]], [[3, 9, 33]], [[3, 40, 9, 12]]])(
    'equals moments and batch norm, shape %j',
    async (shape) => {
      await tf.setBackend(backend);
      tf.tidy(() => {
        const channels = shape[shape.length - 1] ?? 0;
        const inputs = [noise(1, shape), noise(2, [channels]), noise(3, [channels])];
        const weighting = noise(4, shape);
        const axes = shape.slice(0, -1).map((_, i) => i);
        const plain = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => {
          const { mean, variance } = tf.moments(x, axes);
          const normed = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, EPSILON)));
          return tf.add(tf.mul(normed, gamma), beta);
        };
        const fused = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
          trainingBatchNorm(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON).value;
        const gradients = (f: typeof plain): tf.Tensor[] =>
          tf.grads((...all) =>
            tf.sum(tf.mul(tf.square(f(...(all as [tf.Tensor, tf.Tensor, tf.Tensor]))), weighting)),
          )(inputs);
        const [x, gamma, beta] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor];
        expectClose(fused(x, gamma, beta), plain(x, gamma, beta), 2e-5);
        const expected = gradients(plain);
        for (const [i, actual] of gradients(fused).entries()) {
          const scale = tf.max(tf.abs(expected[i] as tf.Tensor));
          expectClose(tf.div(actual, scale), tf.div(expected[i] as tf.Tensor, scale), 1e-5);
        }
        const statistics = trainingBatchNorm(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON);
        const { mean, variance } = tf.moments(x, axes);
        expectClose(statistics.mean, mean, 1e-5);
        expectClose(statistics.variance, variance, 1e-5);
      });
    },
  );
});

function tinyModel(): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        inputShape: [8, 6, 1],
        filters: 4,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        useBias: false,
      }),
      tfl.layers.batchNormalization({ momentum: 0.9, epsilon: EPSILON }),
      tfl.layers.reLU(),
      tfl.layers.conv2d({ filters: 3, kernelSize: 3, useBias: true, activation: 'relu', padding: 'same' }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 2 }),
    ],
  });
  model.setWeights(
    model.getWeights().map((weight, i) => tf.sub(noise(10 + i, weight.shape), i === 4 ? 1 : 2)),
  );
  return model;
}

describe('speedUpTraining', () => {
  it.each(['cpu', 'wasm'])('changes neither three training steps nor inference, on %s', async (backend) => {
    await tf.setBackend(backend);
    const x = noise(5, [5, 8, 6, 1]);
    const outcomes = [false, true].map((fast) => {
      const model = tinyModel();
      if (fast) speedUpTraining(model);
      const optimizer = tf.train.adam(0.01, 0.9, 0.999, 1e-7);
      for (let step = 0; step < 3; step++) {
        optimizer.minimize(() =>
          tf.mean<tf.Scalar>(tf.square(model.apply(x, { training: true }) as tf.Tensor)),
        );
      }
      return [model.predict(x) as tf.Tensor, ...model.getWeights()];
    });
    const [plain, fast] = outcomes as [tf.Tensor[], tf.Tensor[]];
    for (const [i, tensor] of fast.entries()) expectClose(tensor, plain[i] as tf.Tensor, 1e-4);
  });
});
