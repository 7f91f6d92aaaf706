// One small training run from fixed weights (8 filters, 32 × 20 input), in the primitives that every network is of:
// cpu and WASM give the same predictions and the same weights after training, and training keeps memory flat.

import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { chooseBackend } from './backend.ts';
import { trainingBatchNorm } from './batch-norm.ts';
import { wavesTensor } from './self-test.ts';

const wasmPath = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
);
const probes = { gpu: null, createOffscreenCanvas: null, wasmPaths: { simd: wasmPath } };

/** Training on cpu, the oracle, takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  await chooseBackend('cpu', probes);
  await chooseBackend('wasm', probes);
});

interface EquivalenceOutcome {
  /** Logits `[BATCH]` before training, with batch norm by the batch's statistics. */
  before: Float32Array;
  /** The same after training. */
  after: Float32Array;
  /** The loss of each step. */
  losses: Float32Array;
  /** All weights after training, by name. */
  weights: Record<string, Float32Array>;
}

const BATCH = 4;
const INPUT = [BATCH, 32, 20, 1] as const;
const STEPS = 3;
const LEARNING_RATE = 1e-3;
const EPSILON = 1e-3;

/** Shapes of the weights; each starts as waves scaled to √(2 / fan-in). */
const SHAPES = {
  conv1: [5, 5, 1, 8],
  gamma1: [8],
  beta1: [8],
  conv2: [3, 3, 8, 8],
  gamma2: [8],
  beta2: [8],
  dense: [2 * 5 * 8, 1],
  bias: [1],
} as const;

type Weights = Record<keyof typeof SHAPES, tf.Variable>;

/**
 * Runs on the current backend: forward, three steps of Adam on a binary cross-entropy, forward again.
 * Leaves no tensors behind.
 */
async function backendEquivalence(): Promise<EquivalenceOutcome> {
  const input = wavesTensor<tf.Rank.R4>(INPUT, 0.2);
  const truth = tf.tensor1d([1, 0, 0, 1]);
  const weights = {} as Weights;
  Object.entries(SHAPES).forEach(([name, shape], i) => {
    const start = initial(name, shape, i);
    weights[name as keyof Weights] = tf.variable(start, true, `equivalence/${name}`);
    start.dispose();
  });
  const variables = Object.values(weights);
  // Stated, since WebGL would choose a larger epsilon by itself.
  const optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-7);
  const logits = (): tf.Tensor1D => network(input, weights);
  try {
    const before = await read(tf.tidy(logits));
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const loss = optimizer.minimize(() => tf.losses.sigmoidCrossEntropy(truth, logits()), true, variables);
      if (loss) losses.push(...(await read(loss)));
    }
    const after = await read(tf.tidy(logits));
    const learned: Record<string, Float32Array> = {};
    for (const [name, variable] of Object.entries(weights))
      learned[name] = Float32Array.from(await variable.data());
    return { before, after, losses: Float32Array.from(losses), weights: learned };
  } finally {
    optimizer.dispose();
    tf.dispose([input, truth, ...variables]);
  }
}

function initial(name: string, shape: readonly number[], i: number): tf.Tensor {
  if (shape.length === 1) return name.startsWith('gamma') ? tf.ones([...shape]) : tf.zeros([...shape]);
  const fanIn = tf.util.sizeFromShape(shape.slice(0, -1));
  return tf.tidy(() => tf.mul(wavesTensor(shape, i), Math.sqrt(2 / fanIn)));
}

/** Conv, pool and batch norm twice, mean and standard deviation over time, one logit. */
function network(input: tf.Tensor4D, weights: Weights): tf.Tensor1D {
  const first = tf.maxPool(
    tf.conv2d(input, weights.conv1 as tf.Tensor4D, 2, 'same'),
    [1, 2],
    [1, 2],
    'valid',
  );
  const second = tf.conv2d(
    activated(first, weights.gamma1, weights.beta1),
    weights.conv2 as tf.Tensor4D,
    1,
    'same',
  );
  const map = activated(second, weights.gamma2, weights.beta2);
  const mean = tf.mean(map, 1, true);
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(map, mean)), 1, true), EPSILON));
  const statistics = tf.reshape(tf.concat([mean, deviation], 1), [BATCH, -1]);
  return tf.reshape(tf.add(tf.matMul(statistics, weights.dense as tf.Tensor2D), weights.bias), [BATCH]);
}

function activated(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor4D {
  return tf.relu(
    trainingBatchNorm(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON).value,
  ) as tf.Tensor4D;
}

async function read(tensor: tf.Tensor): Promise<Float32Array> {
  const values = (await tensor.data()) as Float32Array;
  tensor.dispose();
  return Float32Array.from(values);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? NaN))), 0);
}

describe('backendEquivalence', () => {
  it('gives the same outputs and, after three steps of Adam, the same weights on cpu and WASM', async () => {
    await tf.setBackend('cpu');
    const cpu = await backendEquivalence();
    await tf.setBackend('wasm');
    const wasm = await backendEquivalence();
    expect(largestDifference(cpu.before, wasm.before)).toBeLessThan(1e-4);
    expect(largestDifference(cpu.after, wasm.after)).toBeLessThan(1e-3);
    expect(Object.keys(wasm.weights)).toEqual(Object.keys(cpu.weights));
    for (const [name, values] of Object.entries(cpu.weights)) {
      expect(largestDifference(values, wasm.weights[name] ?? new Float32Array())).toBeLessThan(1e-4);
    }
    expect(cpu.losses.length).toBe(3);
    expect(cpu.losses[2]).toBeLessThan(cpu.losses[0] ?? 0);
  });

  it('leaves the tensor count and the bytes as they were, run after run', async () => {
    await tf.setBackend('wasm');
    await backendEquivalence();
    const { numTensors, numBytes } = tf.memory();
    for (let run = 0; run < 67; run++) await backendEquivalence(); // 201 training steps
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  });
});
