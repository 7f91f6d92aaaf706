// The layers that TF.js does not have: pooling into statistics, a network's own long-term statistics,
// seeded dropout. Importing this file registers them, so that a model.json
// that names them loads. Gradients avoid what some backend gets wrong: no dilation, no padded average pooling.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Random } from '../random.ts';

type Config = tf.serialization.ConfigDict;

/** Added to a variance before its root: keeps the gradient of a constant channel finite. */
export const DEFAULT_EPSILON = 1e-4;

function only(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  const first = Array.isArray(inputs) ? inputs[0] : inputs;
  if (!first) throw new Error('a layer was called without an input');
  return first;
}

function oneShape(shape: tfl.Shape | tfl.Shape[]): tfl.Shape {
  return (Array.isArray(shape[0]) ? shape[0] : shape) as tfl.Shape;
}

export interface StatisticsPoolingArgs {
  name?: string;
  /** Default 1e-4. */
  epsilon?: number;
}

/**
 * `[batch, frames, regions, channels]` → `[batch, 2 · regions · channels]`: mean over time of every channel in
 * every frequency region, then the standard deviations `sqrt(variance + epsilon)` in the same order.
 * Source: Okabe et al. 2018, "Attentive statistics pooling", without the attention.
 */
export class StatisticsPooling extends tfl.layers.Layer {
  static className = 'StatisticsPooling';
  readonly epsilon: number;

  constructor(args: StatisticsPoolingArgs = {}) {
    super(args);
    this.epsilon = args.epsilon ?? DEFAULT_EPSILON;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch = null, , regions, channels] = oneShape(inputShape);
    return [batch, 2 * (regions ?? 0) * (channels ?? 0)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = only(inputs);
      const [batch = 0, frames = 0, regions = 0, channels = 0] = x.shape;
      return meanAndDeviation(tf.reshape(x, [batch, frames, regions * channels]), this.epsilon);
    });
  }

  override getConfig(): Config {
    return { ...super.getConfig(), epsilon: this.epsilon };
  }
}

/**
 * `[batch, frames, n]` → `[batch, 2n]`: means, then standard deviations. The gradient is written out,
 * dx = dMean / frames + dSd · (x − mean) / (frames · sd), because the chain of the parts costs several times more.
 */
function meanAndDeviation(input: tf.Tensor3D, epsilon: number): tf.Tensor2D {
  const operation = tf.customGrad((x, save) => {
    const matrix = x as tf.Tensor3D;
    const frames = matrix.shape[1];
    const mean = tf.mean(matrix, 1, true);
    const centred = tf.sub(matrix, mean);
    const sd = tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
    (save as (tensors: tf.Tensor[]) => void)([centred, sd]);
    const value = tf.squeeze(tf.concat([mean, sd], 2), [1]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [savedCentred, savedSd] = saved as [tf.Tensor, tf.Tensor];
      const [dMean, dSd] = tf.split(tf.expandDims(dy, 1), 2, 2) as [tf.Tensor, tf.Tensor];
      const slope = tf.div(tf.div(dSd, savedSd), frames);
      return tf.add(tf.mul(savedCentred, slope), tf.div(dMean, frames));
    };
    return { value, gradFunc };
  });
  return operation(input) as tf.Tensor2D;
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

export interface BandStatisticsArgs {
  name?: string;
  statistics: BandStatistic[];
  periodicity?: PeriodicitySettings;
  /** Default 1e-4. */
  epsilon?: number;
}

/** Sharpness of the soft extremes, and where centred values are clipped so that exp stays small. */
export const SOFTNESS = 3;
export const CLIP = 5;
/** Energy added under an autocorrelation: silence has no period. */
export const ENERGY_FLOOR = 1e-3;

/**
 * `[batch, frames, bands, 1]` → `[batch, n]`: long-term statistics of a window's own log-mel bands, in the order
 * of `statistics`; one number per band each, `periodicity` gives one per group and lag, group by group.
 * Reads the network's input only, so nothing flows back through it.
 */
export class BandStatistics extends tfl.layers.Layer {
  static className = 'BandStatistics';
  readonly statistics: BandStatistic[];
  readonly periodicity: PeriodicitySettings;
  readonly epsilon: number;

  constructor(args: BandStatisticsArgs) {
    super(args);
    this.statistics = args.statistics;
    this.periodicity = args.periodicity ?? DEFAULT_PERIODICITY;
    this.epsilon = args.epsilon ?? DEFAULT_EPSILON;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch = null, , bands] = oneShape(inputShape);
    const { groups, firstLag, lastLag } = this.periodicity;
    const sizes = this.statistics.map((statistic) =>
      statistic === 'periodicity' ? groups * (lastLag - firstLag + 1) : (bands ?? 0),
    );
    return [batch, sizes.reduce((a, b) => a + b, 0)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    // As one operation, so that no part of it is kept for a gradient that nobody wants.
    const operation = tf.customGrad((x) => ({
      value: tf.tidy(() => this.#describe(x as tf.Tensor)),
      gradFunc: () => tf.zerosLike(x as tf.Tensor),
    }));
    return operation(only(inputs));
  }

  #describe(x: tf.Tensor): tf.Tensor {
    const [batch = 0, frames = 0, bands = 0] = x.shape;
    const rows = tf.reshape(x, [batch, frames, bands]);
    const mean = tf.mean(rows, 1, true);
    const centred = tf.sub<tf.Tensor3D>(rows, mean);
    const sd = tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), this.epsilon));
    let powers: tf.Tensor | null = null;
    const softPowers = (): tf.Tensor =>
      (powers ??= tf.exp(tf.mul(tf.clipByValue(centred, -CLIP, CLIP), SOFTNESS)));
    const parts = this.statistics.map((statistic): tf.Tensor => {
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
          return autocorrelation(groupEnvelopes(centred, this.periodicity), this.periodicity);
      }
    });
    return tf.concat(parts, 1);
  }

  override getConfig(): Config {
    const { groups, framesPerStep, firstLag, lastLag } = this.periodicity;
    const periodicity = { groups, framesPerStep, firstLag, lastLag };
    return { ...super.getConfig(), statistics: this.statistics, periodicity, epsilon: this.epsilon };
  }
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

export interface SeededDropoutArgs {
  name?: string;
  /** Fraction of units silenced while training, 0..1. */
  rate: number;
}

/**
 * Inverted dropout whose mask is a function of the seed given before each training step (`reseed`): a run
 * can be repeated and resumed exactly. TF.js's own seeded Dropout repeats one mask at every step.
 * Masks are made on the CPU and uploaded, so it belongs behind pooling, where tensors are small.
 */
export class SeededDropout extends tfl.layers.Layer {
  static className = 'SeededDropout';
  readonly rate: number;
  #random: Random | null = null;

  constructor(args: SeededDropoutArgs) {
    super(args);
    this.rate = args.rate;
    this.supportsMasking = true;
  }

  /** @param seed null: no dropout, also while training (for taking batch-norm statistics anew) */
  reseed(seed: number | null): void {
    this.#random = seed === null ? null : new Random(seed);
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return oneShape(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    const x = only(inputs);
    const random = this.#random;
    if (kwargs.training !== true || random === null || this.rate === 0) return tf.clone(x);
    const kept = 1 / (1 - this.rate);
    const mask = new Float32Array(x.size);
    for (let i = 0; i < mask.length; i++) mask[i] = random.uniform() < this.rate ? 0 : kept;
    return tf.tidy(() => tf.mul(x, tf.tensor(mask, x.shape)));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), rate: this.rate };
  }
}

for (const layer of [StatisticsPooling, BandStatistics, SeededDropout]) tf.serialization.registerClass(layer);
