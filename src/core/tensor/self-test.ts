// Does a backend compute what it should? A tiny CNN with every kernel that a model needs, forward and
// backward, is compared with values the cpu backend gave (self-test-expected.ts, checked by a test).
// Broken drivers give zeros, NaN or slightly wrong sums without any error: this finds them at the start.

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { SELF_TEST_EXPECTED } from './self-test-expected.ts';
import { tensorText } from './tensor-text.ts';

/**
 * Largest difference allowed, on numbers of order one. Float32 backends differ by about 1e-6; half
 * precision (some phones' WebGL) by 1e-3 or more, which is too coarse to train with.
 */
const TOLERANCE = 5e-4;

const BATCH = 2;
const HEIGHT = 9;
const WIDTH = 7;
const CLASSES = 3;

/** Shapes of the network's parameters, in the order in which gradients are returned. */
const SHAPES = {
  convKernel: [3, 3, 1, 4],
  scale: [4],
  shift: [4],
  depthwiseKernel: [3, 3, 4, 1],
  denseKernel: [4 * 3 * 2, CLASSES],
  denseBias: [CLASSES],
} as const;

/** Numbers in -1..1 that any machine makes alike, without a random generator. */
export function waves(size: number, phase: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i + 0.3 * ((i * i) % 11) + phase));
}

export function wavesTensor<R extends tf.Rank>(shape: readonly number[], phase: number): tf.Tensor<R> {
  return tf.tensor(waves(tf.util.sizeFromShape([...shape]), phase), [...shape] as tf.ShapeMap[R]);
}

/**
 * Conv, batch norm in training mode, ReLU, max pool, depthwise conv, dense; logits `[BATCH, CLASSES]`.
 * The constants keep every channel alive and the softmax unsaturated, so that each gradient says something.
 */
function network(x: tf.Tensor4D, parameters: tf.Tensor[]): tf.Tensor2D {
  const [convKernel, scale, shift, depthwiseKernel, denseKernel, denseBias] = parameters as [
    tf.Tensor4D,
    tf.Tensor1D,
    tf.Tensor1D,
    tf.Tensor4D,
    tf.Tensor2D,
    tf.Tensor1D,
  ];
  const convolved = tf.conv2d(x, convKernel, [2, 1], 'same');
  const { mean, variance } = tf.moments(convolved, [0, 1, 2]);
  const gain = tf.add<tf.Tensor1D>(tf.mul(scale, 0.3), 1);
  const normed = tf.batchNorm(convolved, mean as tf.Tensor1D, variance as tf.Tensor1D, shift, gain, 1e-3);
  const pooled = tf.maxPool(tf.relu(normed), [2, 2], [2, 2], 'same');
  const deep = tf.depthwiseConv2d(pooled, depthwiseKernel, 1, 'same');
  const flat = tf.reshape(tf.slice(deep, [0, 0, 0, 0], [BATCH, 3, 2, 4]), [BATCH, -1]);
  return tf.add<tf.Tensor2D>(tf.mul(tf.matMul(flat, denseKernel), 0.2), denseBias);
}

/**
 * Runs the tiny network on the current backend: logits, softmax, sigmoid, then the gradients of a
 * cross-entropy by every parameter and by the input, one array each.
 */
export async function computeSelfTest(): Promise<Float32Array[]> {
  const tensors = tf.tidy(() => {
    const x = wavesTensor<tf.Rank.R4>([BATCH, HEIGHT, WIDTH, 1], 0.5);
    const parameters = Object.values(SHAPES).map((shape, i) => wavesTensor(shape, i + 1));
    const truth = tf.oneHot(tf.tensor1d([0, 2], 'int32'), CLASSES);
    const loss = (input: tf.Tensor, ...rest: tf.Tensor[]): tf.Scalar =>
      tf.neg<tf.Scalar>(tf.mean(tf.mul(truth, tf.logSoftmax(network(input as tf.Tensor4D, rest)))));
    const logits = network(x, parameters);
    return [logits, tf.softmax(logits), tf.sigmoid(logits), ...tf.grads(loss)([x, ...parameters])];
  });
  try {
    return await Promise.all(tensors.map(async (tensor) => (await tensor.data()) as Float32Array));
  } finally {
    tf.dispose(tensors);
  }
}

/** @returns null when the current backend computes rightly, else a sentence that says what is wrong */
export async function runSelfTest(): Promise<string | null> {
  let values: Float32Array[];
  try {
    values = await computeSelfTest();
  } catch (error) {
    return tensorText.selfTest.stopped(error instanceof Error ? error.message : String(error));
  }
  let worst = 0;
  for (const [i, expected] of SELF_TEST_EXPECTED.entries()) {
    const actual = values[i];
    if (actual?.length !== expected.length) return tensorText.selfTest.wrongSize;
    for (const [j, value] of expected.entries()) {
      const difference = Math.abs((actual[j] ?? NaN) - value);
      if (Number.isNaN(difference)) return tensorText.selfTest.noNumbers;
      worst = Math.max(worst, difference);
    }
  }
  if (worst <= TOLERANCE) return null;
  return tensorText.selfTest.differed(worst);
}
