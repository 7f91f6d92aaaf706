// Statistics over time, as the layers of layers.ts take them: by this program's own kernels where the backend has
// them, else composed of TF.js's operations. Imports tfjs and the kernels' names.

import * as tf from '@tensorflow/tfjs-core';
import { modelText } from './model-text.ts';
import { CLIP, SOFTNESS } from '../tensor/simd-statistics.ts';
import {
  BAND_STATISTICS,
  ENERGY_FLOOR,
  hasStatisticsKernels,
  TIME_MOMENTS,
} from '../tensor/wasm-statistics.ts';

const { statistics: statisticsText } = modelText;

/** Added to a variance before its root: keeps the gradient of a constant channel finite. */
export const DEFAULT_EPSILON = 1e-4;

/**
 * `[batch, frames, n]` → `[batch, 2n]`: means, then standard deviations. The gradient is written out,
 * dx = dMean / frames + dSd · (x − mean) / (frames · sd), because the chain of the parts costs several times more.
 */
export function meanAndDeviation(input: tf.Tensor3D, epsilon: number): tf.Tensor2D {
  const operation = tf.customGrad((x, save) => {
    const matrix = x as tf.Tensor3D;
    const frames = matrix.shape[1];
    const value = momentsOverTime(matrix, epsilon);
    (save as (tensors: tf.Tensor[]) => void)([matrix, value]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const halves = (tensor: tf.Tensor): tf.Tensor[] => tf.split(tf.expandDims(tensor, 1), 2, 2);
      const [savedMatrix, savedValue] = saved as [tf.Tensor, tf.Tensor];
      const [mean, sd] = halves(savedValue) as [tf.Tensor, tf.Tensor];
      const [dMean, dSd] = halves(dy) as [tf.Tensor, tf.Tensor];
      const slope = tf.div(tf.div(dSd, sd), frames);
      return tf.add(tf.mul(tf.sub(savedMatrix, mean), slope), tf.div(dMean, frames));
    };
    return { value, gradFunc };
  });
  return operation(input) as tf.Tensor2D;
}

function momentsOverTime(matrix: tf.Tensor3D, epsilon: number): tf.Tensor {
  if (hasStatisticsKernels())
    return tf.engine().runKernel<tf.Tensor>(TIME_MOMENTS, { x: matrix }, { epsilon });
  const mean = tf.mean(matrix, 1, true);
  const variance = tf.mean(tf.square(tf.sub(matrix, mean)), 1, true);
  return tf.squeeze(tf.concat([mean, tf.sqrt(tf.add(variance, epsilon))], 2), [1]);
}

/**
 * What a window can say about each of its bands, over time: mean; standard deviation; mean absolute difference
 * from frame to frame; skewness k as k / √(1 + |k|); soft maximum and minimum of the centred values,
 * ±ln(mean(exp(±3x))) / 3; and `periodicity`: the autocorrelation of the envelopes of groups of bands.
 */
export type BandStatistic =
  'mean' | 'sd' | 'mean-absolute-difference' | 'skewness' | 'soft-maximum' | 'soft-minimum' | 'periodicity';

/** How `periodicity` listens; lags are in steps of `framesPerStep` frames. */
export interface PeriodicitySettings {
  /** Groups of adjacent bands, each averaged to one envelope; divides the number of bands. */
  groups: number;
  framesPerStep: number;
  firstLag: number;
  lastLag: number;
}

/** With 20 ms frames: envelopes at 25 Hz, lags of 0.12 to 1.28 s, the beat of hearts at 47 to 500 per minute. */
export const DEFAULT_PERIODICITY: PeriodicitySettings = {
  groups: 4,
  framesPerStep: 2,
  firstLag: 3,
  lastLag: 32,
};

export interface BandSettings {
  statistics: readonly BandStatistic[];
  periodicity: PeriodicitySettings;
  /** Added to variances before the root. */
  epsilon: number;
}

const STATISTICS: ReadonlySet<unknown> = new Set<BandStatistic>([
  'mean',
  'sd',
  'mean-absolute-difference',
  'skewness',
  'soft-maximum',
  'soft-minimum',
  'periodicity',
]);

/**
 * Settings may come from anybody's model.json, and the kernel reads where they say.
 * @returns why they cannot be used; null where they can
 */
export function bandSettingsFault(
  { statistics, periodicity, epsilon }: BandSettings,
  frames: number,
  bands: number,
): string | null {
  const isKnown = Array.isArray(statistics) && statistics.every((name) => STATISTICS.has(name));
  if (!isKnown || new Set(statistics).size < statistics.length) return statisticsText.unknown;
  if (!(epsilon > 0)) return statisticsText.epsilon;
  if (!statistics.includes('periodicity')) return null;
  const { groups, framesPerStep, firstLag, lastLag } = periodicity;
  const areCounts = [groups, framesPerStep, firstLag, lastLag].every((n) => Number.isInteger(n) && n > 0);
  if (!areCounts || bands % groups !== 0) return statisticsText.groups;
  return firstLag <= lastLag && lastLag < Math.floor(frames / framesPerStep) ? null : statisticsText.lags;
}

/** Bands that the kernel takes at a time. */
const KERNEL_BANDS = 4;

/** `[batch, frames, bands, 1]` → `[batch, n]`; no gradient flows through it. */
export function describeBands(x: tf.Tensor4D, settings: BandSettings): tf.Tensor {
  const [, , bands] = x.shape;
  if (hasStatisticsKernels() && bands % KERNEL_BANDS === 0 && bands % settings.periodicity.groups === 0) {
    const { statistics, periodicity, epsilon } = settings;
    const attributes = { statistics, periodicity, epsilon } as unknown as tf.NamedAttrMap;
    return tf.engine().runKernel<tf.Tensor>(BAND_STATISTICS, { x }, attributes);
  }
  return composedStatistics(x, settings);
}

function composedStatistics(x: tf.Tensor4D, settings: BandSettings): tf.Tensor {
  const [batch, frames, bands] = x.shape;
  const rows = tf.reshape(x, [batch, frames, bands]);
  const mean = tf.mean(rows, 1, true);
  const centred = tf.sub<tf.Tensor3D>(rows, mean);
  const sd = tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), settings.epsilon));
  let powers: tf.Tensor | null = null;
  const softPowers = (): tf.Tensor =>
    (powers ??= tf.exp(tf.mul(tf.clipByValue(centred, -CLIP, CLIP), SOFTNESS)));
  const parts = settings.statistics.map((statistic): tf.Tensor => {
    switch (statistic) {
      case 'mean':
        return tf.squeeze(mean, [1]);
      case 'sd':
        return tf.squeeze(sd, [1]);
      case 'mean-absolute-difference':
        return meanAbsoluteDifference(centred);
      case 'skewness':
        return compressedSkewness(tf.div(centred, sd));
      case 'soft-maximum':
        return tf.div(tf.log(tf.mean(softPowers(), 1)), SOFTNESS);
      case 'soft-minimum':
        return tf.div(tf.log(tf.mean(tf.reciprocal(softPowers()), 1)), -SOFTNESS);
      case 'periodicity':
        return autocorrelation(groupEnvelopes(centred, settings.periodicity), settings.periodicity);
    }
  });
  return tf.concat(parts, 1);
}

function meanAbsoluteDifference(rows: tf.Tensor3D): tf.Tensor {
  const [batch, frames, bands] = rows.shape;
  const later = tf.slice(rows, [0, 1, 0], [batch, frames - 1, bands]);
  const earlier = tf.slice(rows, [0, 0, 0], [batch, frames - 1, bands]);
  return tf.mean(tf.abs(tf.sub(later, earlier)), 1);
}

function compressedSkewness(standardized: tf.Tensor): tf.Tensor {
  const skewness = tf.mean(tf.mul(tf.square(standardized), standardized), 1);
  return tf.div(skewness, tf.sqrt(tf.add(tf.abs(skewness), 1)));
}

/** `[framesPerStep · bands, groups]`: the share of each value of a step in the average of its group. */
export function groupShares(
  bands: number,
  { groups, framesPerStep }: PeriodicitySettings,
): Float32Array<ArrayBuffer> {
  const perGroup = bands / groups;
  const shares = new Float32Array(framesPerStep * bands * groups);
  for (let i = 0; i < framesPerStep * bands; i++)
    shares[i * groups + Math.floor((i % bands) / perGroup)] = 1 / (framesPerStep * perGroup);
  return shares;
}

/** `[batch, frames, bands]` → `[batch, groups, steps]`: means over groups of bands and `framesPerStep` frames. */
function groupEnvelopes(centred: tf.Tensor3D, settings: PeriodicitySettings): tf.Tensor3D {
  const { groups, framesPerStep } = settings;
  const [batch, frames, bands] = centred.shape;
  const steps = Math.floor(frames / framesPerStep);
  const whole = tf.slice(centred, [0, 0, 0], [batch, steps * framesPerStep, bands]);
  const average = tf.tensor2d(groupShares(bands, settings), [framesPerStep * bands, groups]);
  const envelopes = tf.matMul(tf.reshape(whole, [batch * steps, framesPerStep * bands]), average);
  return tf.transpose(tf.reshape<tf.Rank.R3>(envelopes, [batch, steps, groups]), [0, 2, 1]);
}

/**
 * `[batch, groups, steps]` → `[batch, groups · lags]`: mean product of an envelope with itself `lag` steps later,
 * over its mean square. All lags at once: an envelope, zero-padded to `width` and written over and over, read in
 * rows of `width − 1` is shifted by one more step in every row.
 */
function autocorrelation(envelopes: tf.Tensor3D, { firstLag, lastLag }: PeriodicitySettings): tf.Tensor2D {
  const [batch, groups, steps] = envelopes.shape;
  const n = batch * groups;
  const width = steps + lastLag;
  const nLags = lastLag - firstLag + 1;
  const rows = tf.reshape<tf.Rank.R2>(envelopes, [n, steps]);
  const padded = tf.pad2d(rows, [
    [0, 0],
    [0, lastLag],
  ]);
  const repeated = tf.slice(tf.tile(padded, [1, lastLag + 1]), [0, 0], [n, (lastLag + 1) * (width - 1)]);
  const shifted = tf.reshape(repeated, [n, lastLag + 1, width - 1]);
  const once = tf.slice(padded, [0, 0], [n, width - 1]);
  const sums = tf.reshape<tf.Rank.R2>(tf.matMul(shifted, tf.expandDims(once, 2)), [n, lastLag + 1]);
  const counts = tf.tensor1d(Float32Array.from({ length: nLags }, (_, k) => steps - firstLag - k));
  const energy = tf.add(tf.mean(tf.square(rows), 1, true), ENERGY_FLOOR);
  const products = tf.div(tf.slice(sums, [0, firstLag], [n, nLags]), counts);
  return tf.reshape(tf.div(products, energy), [batch, groups * nLags]);
}
