// Each replaced kernel of the WASM backend against the cpu backend, an independent implementation.

import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { describeBands, meanAndDeviation } from '../model/statistics.ts';
import { Random } from '../random.ts';
import { chooseBackend } from './backend.ts';
import { bandStatisticsWidth } from './wasm-statistics.ts';

/** The cpu backend, the oracle, is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const wasmPath = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
);
const TOLERANCE = 1e-5;

beforeAll(async () => {
  const probes = { gpu: null, createOffscreenCanvas: null, wasmPaths: { simd: wasmPath } };
  await chooseBackend('cpu', probes);
  expect((await chooseBackend('wasm', probes)).name).toBe('wasm');
});

const random = new Random(11);

function noise(...shape: number[]): Float32Array {
  return Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal());
}

/** Small integers, so that pooling windows hold ties. */
function steps(...shape: number[]): Float32Array {
  return noise(...shape).map((value) => Math.round(value));
}

type Make = () => tf.Tensor | tf.Tensor[];

async function on(backend: string, make: Make): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const made = tf.tidy(make);
  const tensors = Array.isArray(made) ? made : [made];
  const values = await Promise.all(tensors.map(async (tensor) => Float32Array.from(await tensor.data())));
  tf.dispose(tensors);
  expect(tf.memory().numTensors).toBe(before);
  return values;
}

/** Largest difference relative to the largest value, so that long sums are held to float32, not to luck. */
async function expectSame(make: Make): Promise<void> {
  const expected = await on('cpu', make);
  const actual = await on('wasm', make);
  for (const [i, row] of expected.entries()) {
    const other = actual[i];
    expect(other?.length).toBe(row.length);
    const scale = row.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    const worst = row.reduce(
      (largest, value, j) => Math.max(largest, Math.abs(value - (other?.[j] ?? NaN))),
      0,
    );
    expect(worst / scale).toBeLessThan(TOLERANCE);
  }
}

const convolutions = [
  // [height, width, in, out, kernel height, kernel width, stride height, stride width, padding]
  [9, 7, 1, 5, 3, 3, 1, 1, 'same'],
  [9, 7, 3, 4, 3, 3, 1, 1, 'valid'],
  [10, 8, 1, 16, 5, 5, 2, 2, 'same'],
  [11, 9, 4, 6, 5, 5, 2, 2, 'valid'],
  [7, 5, 24, 32, 3, 3, 1, 1, 'same'],
  [6, 6, 64, 33, 1, 1, 1, 1, 'same'],
  [6, 5, 8, 64, 1, 1, 2, 2, 'same'],
  [13, 4, 5, 3, 3, 5, 1, 2, 'same'],
  [4, 13, 2, 3, 5, 1, 2, 1, 'same'],
  [3, 3, 2, 2, 5, 5, 1, 1, 'same'],
] as const;

describe('convolution', () => {
  it.each(convolutions)('%ix%i, %i to %i channels, kernel %ix%i, stride %ix%i, %s', async (...sizes) => {
    const [
      height,
      width,
      inChannels,
      outChannels,
      kernelHeight,
      kernelWidth,
      strideHeight,
      strideWidth,
      padding,
    ] = sizes;
    const x = noise(3, height, width, inChannels);
    const w = noise(kernelHeight, kernelWidth, inChannels, outChannels);
    const weighting = noise(3, height, width, outChannels);
    await expectSame(() => {
      const f = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => {
        const y = tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, [strideHeight, strideWidth], padding);
        return tf.sum(tf.mul(y, tf.tensor(weighting.subarray(0, y.size), y.shape)));
      };
      const tensors = [
        tf.tensor(x, [3, height, width, inChannels]),
        tf.tensor(w, [kernelHeight, kernelWidth, inChannels, outChannels]),
      ];
      return tf.grads(f)(tensors);
    });
  });
});

describe('convolution forwards', () => {
  it.each([
    // [height, width, in, out, kernel height, kernel width, stride height, stride width, padding]
    [30, 48, 1, 16, 5, 5, 2, 2, 'same'],
    [15, 12, 16, 24, 3, 3, 1, 1, 'same'],
    [15, 6, 24, 32, 3, 3, 1, 1, 'same'],
    [7, 6, 32, 48, 3, 3, 1, 1, 'same'],
    [9, 10, 3, 8, 2, 3, 1, 2, 'valid'],
    [5, 4, 64, 32, 1, 1, 1, 1, 'valid'],
    [2, 2, 3, 16, 5, 5, 1, 1, 'same'],
    // What stays with the shipped kernel: odd widths, channels that do not come in fours.
    [8, 7, 3, 16, 3, 3, 1, 1, 'same'],
    [8, 8, 3, 6, 3, 3, 1, 1, 'same'],
  ] as const)('%ix%i, %i to %i channels, kernel %ix%i, stride %ix%i, %s', async (...sizes) => {
    const [height, width, inChannels, outChannels, kernelHeight, kernelWidth, ...rest] = sizes;
    const [strideHeight, strideWidth, padding] = rest;
    const x = noise(3, height, width, inChannels);
    const w = noise(kernelHeight, kernelWidth, inChannels, outChannels);
    const bias = noise(outChannels);
    await expectSame(() => {
      const image = tf.tensor4d(x, [3, height, width, inChannels]);
      const filter = tf.tensor4d(w, [kernelHeight, kernelWidth, inChannels, outChannels]);
      const settings = {
        x: image,
        filter,
        pad: padding,
        strides: [strideHeight, strideWidth] as [number, number],
      };
      return [
        tf.conv2d(image, filter, [strideHeight, strideWidth], padding),
        tf.fused.conv2d(settings),
        tf.fused.conv2d({ ...settings, bias: tf.tensor1d(bias), activation: 'relu' }),
        ...(strideHeight * strideWidth === 1 ? [tf.conv2d(image, filter, 1, padding, 'NHWC', 2)] : []),
      ];
    });
  });
});

describe('depthwise convolution', () => {
  it.each([
    [9, 7, 3, 1, 3, 1, 'same'],
    [10, 9, 4, 2, 3, 2, 'same'],
    [8, 11, 16, 1, 5, 2, 'valid'],
    [6, 5, 64, 1, 1, 1, 'valid'],
  ] as const)('%ix%i, %i channels times %i, kernel %i, stride %i, %s', async (...sizes) => {
    const [height, width, channels, multiplier, kernel, stride, padding] = sizes;
    const x = noise(2, height, width, channels);
    const w = noise(kernel, kernel, channels, multiplier);
    const weighting = noise(2, height, width, channels * multiplier);
    await expectSame(() => {
      const f = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => {
        const y = tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, padding);
        return tf.sum(tf.mul(y, tf.tensor(weighting.subarray(0, y.size), y.shape)));
      };
      return tf.grads(f)([
        tf.tensor(x, [2, height, width, channels]),
        tf.tensor(w, [kernel, kernel, channels, multiplier]),
      ]);
    });
  });
});

describe('max pooling', () => {
  it.each([
    [8, 6, 5, [2, 2], [2, 2], 'valid'],
    [9, 7, 3, [2, 2], [2, 2], 'same'],
    [9, 6, 24, [2, 1], [2, 1], 'valid'],
    [6, 9, 1, [1, 2], [1, 2], 'valid'],
    [8, 6, 8, [2, 2], [2, 2], 'valid'],
    [9, 7, 4, [1, 2], [1, 2], 'valid'],
    [9, 9, 4, [3, 3], [1, 2], 'same'],
  ] as const)(
    '%ix%i, %i channels, window %j, stride %j, %s',
    async (height, width, channels, pool, strides, padding) => {
      const weighting = noise(2, height, width, channels);
      for (const x of [noise(2, height, width, channels), steps(2, height, width, channels)]) {
        await expectSame(() =>
          tf.grad((a) => {
            const y = tf.maxPool(a as tf.Tensor4D, [...pool], [...strides], padding);
            return tf.sum(tf.mul(y, tf.tensor(weighting.subarray(0, y.size), y.shape)));
          })(tf.tensor(x, [2, height, width, channels])),
        );
      }
    },
  );
});

describe('reductions and copies', () => {
  const x = noise(3, 5, 4, 7);
  it.each([[[0]], [[1]], [[3]], [[0, 1, 2]], [[1, 2]], [[0, 3]], [[0, 1, 2, 3]], [[2, 3]]])(
    'sum and mean over axes %j',
    async (axes) => {
      for (const keep of [false, true]) {
        await expectSame(() => [
          tf.sum(tf.tensor(x, [3, 5, 4, 7]), axes, keep),
          tf.mean(tf.tensor(x, [3, 5, 4, 7]), axes, keep),
        ]);
      }
    },
  );

  it('sums of integers and of booleans stay as they were', async () => {
    await expectSame(() => [
      tf.sum(tf.tensor1d([1, 2, 3], 'int32')),
      tf.mean(tf.tensor1d([1, 2, 4], 'int32')),
    ]);
  });

  it.each([[[1, 1, 1, 1]], [[2, 1, 1, 1]], [[1, 3, 1, 2]], [[2, 2, 2, 2]], [[5, 4, 3, 1]]])(
    'tile %j',
    async (reps) => {
      await expectSame(() => tf.tile(tf.tensor(x, [3, 5, 4, 7]), reps));
    },
  );
});

describe('matrix products', () => {
  it.each([
    [false, true],
    [true, false],
    [true, true],
  ])('with operands transposed: %s, %s', async (transposeA, transposeB) => {
    const [a, b] = [noise(6, 35), noise(35, 7)];
    await expectSame(() => {
      const left = transposeA ? tf.tensor2d(a, [35, 6]) : tf.tensor2d(a, [6, 35]);
      const right = transposeB ? tf.tensor2d(b, [7, 35]) : tf.tensor2d(b, [35, 7]);
      const batch = [left, right].map((matrix) => tf.stack([matrix, matrix]));
      return [
        tf.matMul(left, right, transposeA, transposeB),
        tf.matMul(batch[0] as tf.Tensor, batch[1] as tf.Tensor, transposeA, transposeB),
      ];
    });
  });
});

describe('batch norm by given statistics', () => {
  it.each([[3], [8], [60]])('%i channels, with and without scale and offset', async (channels) => {
    const x = noise(3, 101, 2, channels);
    const [mean, scale, offset] = [noise(channels), noise(channels), noise(channels)];
    const variance = noise(channels).map((value) => value * value);
    await expectSame(() => {
      const image = tf.tensor4d(x, [3, 101, 2, channels]);
      const [m, v] = [tf.tensor1d(mean), tf.tensor1d(variance)];
      return [
        tf.batchNorm(image, m, v, tf.tensor1d(offset), tf.tensor1d(scale), 1e-2),
        tf.batchNorm(image, m, v, undefined, undefined, 1e-2),
      ];
    });
  });
});

describe('copies', () => {
  it('outlive what they were copied from', async () => {
    await tf.setBackend('wasm');
    const original = tf.tensor1d([1, 2, 3]);
    const copy = tf.clone(original);
    const variable = tf.variable(copy);
    original.dispose();
    variable.assign(tf.tensor1d([4, 5, 6]));
    expect(Array.from(await copy.data())).toEqual([1, 2, 3]);
    expect(Array.from(await variable.data())).toEqual([4, 5, 6]);
    tf.disposeVariables();
    copy.dispose();
  });
});

describe('gradients that are compositions', () => {
  const shape = [4, 6, 5, 8];
  const x = noise(...shape);
  const [gamma, beta] = [noise(8), noise(8)];
  const weighting = noise(...shape);

  it('batch norm in training mode', async () => {
    await expectSame(() =>
      tf.grads((a, g, b) => {
        const { mean, variance } = tf.moments(a, [0, 1, 2]);
        const y = tf.batchNorm(
          a as tf.Tensor4D,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          b as tf.Tensor1D,
          g as tf.Tensor1D,
          1e-3,
        );
        return tf.sum(tf.mul(tf.relu(y), tf.tensor(weighting, shape)));
      })([tf.tensor(x, shape), tf.tensor(gamma), tf.tensor(beta)]),
    );
  });

  it('mean and standard deviation over an axis, concatenated, sliced, padded, tiled', async () => {
    await expectSame(() =>
      tf.grad((a) => {
        const mean = tf.mean(a, 1, true);
        const sd = tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(a, mean)), 1, true), 1e-4));
        const both = tf.concat([mean, sd], 3);
        const part = tf.slice(
          tf.pad(both, [
            [0, 0],
            [1, 1],
            [0, 1],
            [0, 0],
          ]),
          [0, 1, 1, 0],
          [4, 1, 5, 16],
        );
        return tf.sum(
          tf.mul(tf.tile(part, [1, 6, 1, 1]), tf.tensor(noiseOf(weighting, 4 * 6 * 5 * 16), [4, 6, 5, 16])),
        );
      })(tf.tensor(x, shape)),
    );
  });
});

function noiseOf(values: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (values[i % values.length] ?? 0) * (1 + (i % 3)));
}

describe('statistics over time', () => {
  const statistics = [
    'periodicity',
    'soft-minimum',
    'mean',
    'sd',
    'mean-absolute-difference',
    'skewness',
    'soft-maximum',
  ] as const;

  it.each([
    [300, 48, 4],
    [101, 8, 2],
    // What is composed: bands that do not come in fours.
    [70, 6, 3],
  ])('of %i frames and %i bands in %i groups', async (frames, bands, groups) => {
    const settings = {
      statistics,
      periodicity: { groups, framesPerStep: 2, firstLag: 3, lastLag: 32 },
      epsilon: 1e-4,
    };
    // Loud and quiet bands, and one that is silent: clipping, rounding and the floors all have a part.
    const x = noise(3, frames, bands, 1).map(
      (value, i) => value * (i % bands) * (i % bands === 1 ? 5 : 1) + 2,
    );
    await expectSame(() => {
      const own = describeBands(tf.tensor4d(x, [3, frames, bands, 1]), settings);
      expect(own.shape[1]).toBe(bandStatisticsWidth(bands, settings));
      return own;
    });
  });

  it.each([
    [37, 288],
    [600, 4],
    [11, 7],
  ])('mean and deviation of %i frames of %i values, and their gradient', async (frames, values) => {
    const x = noise(3, frames, values);
    const weighting = noise(3, 2 * values);
    await expectSame(() => {
      const f = (a: tf.Tensor): tf.Scalar =>
        tf.sum(tf.mul(meanAndDeviation(a as tf.Tensor3D, 1e-4), tf.tensor(weighting, [3, 2 * values])));
      const matrix = tf.tensor3d(x, [3, frames, values]);
      return [meanAndDeviation(matrix, 1e-4), tf.grad(f)(matrix)];
    });
  });
});
