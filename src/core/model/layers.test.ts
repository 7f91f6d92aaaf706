// The custom layers against plain loops and finite differences, on the cpu backend.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { BandStatistics, SeededDropout, StatisticsPooling } from './layers.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function noise(shape: number[], seed: number): tf.Tensor {
  const random = new Random(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

/** Population mean, SD and mean absolute difference of a list, in float64. */
function moments(values: number[]): { mean: number; variance: number; difference: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  const steps = values.slice(1).map((value, i) => Math.abs(value - (values[i] ?? 0)));
  return { mean, variance, difference: steps.reduce((a, b) => a + b, 0) / steps.length };
}

describe('StatisticsPooling', () => {
  it('gives the mean and SD over time of every region and channel', async () => {
    const [batch, frames, regions, channels] = [2, 7, 3, 4] as const;
    const x = noise([batch, frames, regions, channels], 1);
    const values = (await x.array()) as number[][][][];
    const pooled = new StatisticsPooling().apply(x) as tf.Tensor;
    const output = (await pooled.array()) as number[][];
    expect(pooled.shape).toEqual([batch, 2 * regions * channels]);
    for (let b = 0; b < batch; b++)
      for (let r = 0; r < regions; r++)
        for (let c = 0; c < channels; c++) {
          const series = Array.from({ length: frames }, (_, t) => values[b]?.[t]?.[r]?.[c] ?? NaN);
          const { mean, variance } = moments(series);
          expect(output[b]?.[r * channels + c]).toBeCloseTo(mean, 5);
          expect(output[b]?.[(regions + r) * channels + c]).toBeCloseTo(Math.sqrt(variance + 1e-4), 5);
        }
  });

  it('has the gradient that finite differences give', async () => {
    const x = noise([2, 5, 2, 3], 2);
    const direction = noise([2, 12], 3);
    const layer = new StatisticsPooling();
    const score = (input: tf.Tensor): tf.Scalar =>
      tf.sum<tf.Scalar>(tf.mul(layer.apply(input) as tf.Tensor, direction));
    const analytic = await tf.grad(score)(x).data();
    const base = await x.data();
    const step = 1e-2;
    for (let i = 0; i < base.length; i++) {
      const at = (delta: number): number => {
        const moved = base.slice();
        moved[i] = (moved[i] ?? 0) + delta;
        return score(tf.tensor(moved, x.shape)).arraySync();
      };
      const numeric = (at(step) - at(-step)) / (2 * step);
      expect(Math.abs((analytic[i] ?? NaN) - numeric)).toBeLessThan(2e-3);
    }
  });

  it('keeps the gradient of a constant input finite', async () => {
    const layer = new StatisticsPooling();
    const gradient = tf.grad((x) => tf.sum(layer.apply(x) as tf.Tensor))(tf.ones([1, 4, 1, 2]));
    expect([...(await gradient.data())].every(Number.isFinite)).toBe(true);
  });
});

describe('BandStatistics', () => {
  it('describes every band by mean, SD and mean absolute difference', async () => {
    const [batch, frames, bands] = [2, 9, 4] as const;
    const x = noise([batch, frames, bands, 1], 4);
    const values = (await x.array()) as number[][][][];
    const layer = new BandStatistics({ statistics: ['mean', 'sd', 'mean-absolute-difference'] });
    const output = (await (layer.apply(x) as tf.Tensor).array()) as number[][];
    for (let b = 0; b < batch; b++)
      for (let m = 0; m < bands; m++) {
        const { mean, variance, difference } = moments(values[b]?.map((row) => row[m]?.[0] ?? NaN) ?? []);
        expect(output[b]?.[m]).toBeCloseTo(mean, 5);
        expect(output[b]?.[bands + m]).toBeCloseTo(Math.sqrt(variance + 1e-4), 5);
        expect(output[b]?.[2 * bands + m]).toBeCloseTo(difference, 5);
      }
  });
});

describe('BandStatistics with periodicity', () => {
  it('gives the autocorrelation of each group, at its peak for the period of the beat', async () => {
    const [frames, bands, period] = [120, 8, 20] as const;
    const random = new Random(5);
    const rows = Array.from({ length: frames }, (_, t) =>
      Array.from({ length: bands }, (_, m) => (m < 4 && t % period < 4 ? 2 : 0) + 0.1 * random.normal()),
    );
    const periodicity = { groups: 2, framesPerStep: 2, firstLag: 3, lastLag: 15 };
    const layer = new BandStatistics({ statistics: ['skewness', 'periodicity'], periodicity });
    const output = await (layer.apply(tf.tensor(rows.flat(), [1, frames, bands, 1])) as tf.Tensor).data();
    expect(output.length).toBe(bands + 2 * 13);

    const first = output.slice(bands, bands + 13);
    expect(first.indexOf(Math.max(...first))).toBe(period / 2 - 3);
    // The plain loop: group envelope in steps of two frames, mean product over mean square.
    const bandMeans = Array.from({ length: bands }, (_, m) => moments(rows.map((row) => row[m] ?? NaN)).mean);
    const envelope = Array.from({ length: frames / 2 }, (_, step) => {
      let sum = 0;
      for (const t of [2 * step, 2 * step + 1])
        for (let m = 0; m < 4; m++) sum += (rows[t]?.[m] ?? NaN) - (bandMeans[m] ?? NaN);
      return sum / 8;
    });
    const energy = envelope.reduce((sum, e) => sum + e * e, 0) / envelope.length + 1e-3;
    for (let lag = 3; lag <= 15; lag++) {
      const products = envelope.slice(lag).map((e, i) => e * (envelope[i] ?? NaN));
      const expected = products.reduce((a, b) => a + b, 0) / products.length / energy;
      expect(first[lag - 3]).toBeCloseTo(expected, 4);
    }
  });

  it('tells peaks from troughs by skewness and soft extremes', async () => {
    const spiky = Array.from({ length: 50 }, (_, t) => (t % 10 === 0 ? 3 : 0));
    const layer = new BandStatistics({ statistics: ['skewness', 'soft-maximum', 'soft-minimum'] });
    const output = await (layer.apply(tf.tensor(spiky, [1, 50, 1, 1])) as tf.Tensor).data();
    const { mean, variance } = moments(spiky);
    const sd = Math.sqrt(variance + 1e-4);
    const centred = spiky.map((value) => value - mean);
    const skewness = centred.reduce((sum, c) => sum + (c / sd) ** 3, 0) / 50;
    expect(output[0]).toBeCloseTo(skewness / Math.sqrt(1 + Math.abs(skewness)), 4);
    const soft = (k: number): number =>
      Math.log(centred.reduce((sum, c) => sum + Math.exp(k * c), 0) / 50) / k;
    expect(output[1]).toBeCloseTo(soft(3), 4);
    expect(output[2]).toBeCloseTo(soft(-3), 4);
  });
});

describe('SeededDropout', () => {
  const ones = (): tf.Tensor => tf.ones([64, 100]);

  it('repeats a mask for a seed, changes it with the seed, and keeps the mean', async () => {
    const layer = new SeededDropout({ rate: 0.3 });
    const masked = async (seed: number): Promise<number[]> => {
      layer.reseed(seed);
      return [...(await (layer.apply(ones(), { training: true }) as tf.Tensor).data())];
    };
    const first = await masked(1);
    expect(await masked(1)).toEqual(first);
    expect(await masked(2)).not.toEqual(first);
    // 6400 draws of SD 0.65: the mean stays within 4 standard errors.
    expect(Math.abs(moments(first).mean - 1)).toBeLessThan(0.035);
  });

  it('passes everything through outside training', async () => {
    const layer = new SeededDropout({ rate: 0.3 });
    layer.reseed(1);
    const output = await (layer.apply(ones()) as tf.Tensor).data();
    expect(new Set(output)).toEqual(new Set([1]));
  });
});

/** Node collects garbage on demand only when it is told that it may. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
  }
}

describe('a network that was disposed of', () => {
  it('is forgotten after some others', async () => {
    const answerOnce = (): WeakRef<tfl.layers.Layer> => {
      const input = tfl.input({ shape: [2] });
      const hidden = tfl.layers.dense({ units: 2 });
      const network = tfl.model({
        inputs: input,
        outputs: tfl.layers.dense({ units: 1 }).apply(hidden.apply(input)) as tfl.SymbolicTensor,
      });
      tf.dispose(network.predict(tf.ones([1, 2])));
      network.dispose();
      return new WeakRef(hidden);
    };
    const first = answerOnce();
    for (let i = 0; i < 20; i++) answerOnce();
    await collectGarbage();
    expect(first.deref()).toBeUndefined();
  });
});
