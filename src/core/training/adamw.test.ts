// AdamW against a plain loop in float64.

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { AdamW } from './adamw.ts';
import { Parameters } from './parameters.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Loshchilov and Hutter 2019, algorithm 2, for one number. */
function oracle(start: number, gradients: number[], rate: number, decay: number): number {
  let weight = start;
  let m = 0;
  let v = 0;
  gradients.forEach((gradient, i) => {
    m = 0.9 * m + 0.1 * gradient;
    v = 0.999 * v + 0.001 * gradient ** 2;
    const move = m / (1 - 0.9 ** (i + 1)) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-7);
    weight -= rate * decay * weight + rate * move;
  });
  return weight;
}

it('moves kernels with decay and biases without, as the formula says', async () => {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3] })] });
  const parameters = new Parameters(model);
  const optimizer = new AdamW(parameters, 0.1);
  const random = new Random(1);
  const before = await Promise.all(parameters.variables.map((variable) => variable.data()));
  const steps = Array.from({ length: 5 }, () =>
    parameters.variables.map(({ size }) => Float32Array.from({ length: size }, () => random.normal())),
  );
  for (const gradients of steps) {
    const named = parameters.variables.map(({ name, shape }, i) => [
      name,
      tf.tensor(gradients[i] ?? [], shape),
    ]);
    optimizer.apply(Object.fromEntries(named) as tf.NamedTensorMap, 0.05);
  }
  for (const [i, variable] of parameters.variables.entries()) {
    const decay = variable.rank > 1 ? 0.1 : 0;
    const after = await variable.data();
    after.forEach((value, k) => {
      const gradients = steps.map((step) => step[i]?.[k] ?? NaN);
      expect(value).toBeCloseTo(oracle(before[i]?.[k] ?? NaN, gradients, 0.05, decay), 5);
    });
  }
});
