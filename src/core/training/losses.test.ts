// The loss of sets of right answers, and its gradient, against their definitions.

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { crossEntropy, writeTarget } from './losses.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const LOGITS = [
  [0.5, -1, 2],
  [3, 0.1, -0.4],
];
const SETS = [[1, 2], [0]];

function lossOf(logits: number[][]): number {
  const rows = logits.map((row, i) => {
    const sum = row.reduce((total, value) => total + Math.exp(value), 0);
    return -Math.log((SETS[i] ?? []).reduce((total, k) => total + Math.exp(row[k] ?? NaN), 0) / sum);
  });
  return rows.reduce((a, b) => a + b, 0) / rows.length;
}

describe('crossEntropy', () => {
  it('is -log of the probability of all right classes together, with the slope that this has', () => {
    const targets = new Float32Array(6);
    SETS.forEach((classes, row) => writeTarget(targets, row, 3, classes));
    const { value, grad } = tf.valueAndGrad((logits: tf.Tensor) =>
      crossEntropy(logits as tf.Tensor2D, tf.tensor2d(targets, [2, 3])),
    )(tf.tensor2d(LOGITS));
    expect(value.dataSync()[0]).toBeCloseTo(lossOf(LOGITS), 6);
    const step = 1e-5;
    grad.dataSync().forEach((slope, i) => {
      const moved = (by: number): number[][] =>
        LOGITS.map((row, r) => row.map((x, c) => (r * 3 + c === i ? x + by : x)));
      expect(slope).toBeCloseTo((lossOf(moved(step)) - lossOf(moved(-step))) / (2 * step), 5);
    });
  });

  it('takes one unit for two classes', () => {
    const targets = new Float32Array(2);
    [[1], [0]].forEach((classes, row) => writeTarget(targets, row, 1, classes));
    expect([...targets]).toEqual([1, 0]);
    const loss = crossEntropy(tf.tensor2d([[2], [-1]]), tf.tensor2d(targets, [2, 1])).dataSync()[0];
    expect(loss).toBeCloseTo((Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(-1))) / 2, 6);
  });
});
