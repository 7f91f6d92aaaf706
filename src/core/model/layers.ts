// The layers that TF.js does not have: pooling into statistics, a network's own long-term statistics,
// seeded dropout. Importing this file registers them, so that a model.json
// that names them loads. Gradients avoid what some backend gets wrong: no dilation, no padded average pooling.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Random } from '../random.ts';
import { modelText } from './model-text.ts';
import { bandStatisticsWidth } from '../tensor/wasm-statistics.ts';
import {
  bandSettingsFault,
  DEFAULT_EPSILON,
  DEFAULT_PERIODICITY,
  describeBands,
  meanAndDeviation,
  type BandSettings,
  type BandStatistic,
  type PeriodicitySettings,
} from './statistics.ts';

/**
 * TF.js remembers for so many networks in what order their layers are computed, and with the order the layers, also
 * when they are disposed of; 100 by its own will. A worker has two or three networks at a time.
 */
const REMEMBERED_ORDERS = 8;
tf.env().set('TOPOLOGICAL_SORT_CACHE_MAX_ENTRIES', REMEMBERED_ORDERS);

type Config = tf.serialization.ConfigDict;

function only(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  const first = Array.isArray(inputs) ? inputs[0] : inputs;
  if (!first) throw new TypeError('a layer was called without an input');
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

export interface BandStatisticsArgs {
  name?: string;
  statistics: BandStatistic[];
  periodicity?: PeriodicitySettings;
  /** Default 1e-4. */
  epsilon?: number;
}

/**
 * `[batch, frames, bands, 1]` → `[batch, n]`: long-term statistics of a window's own log-mel bands, in the order
 * of `statistics`; one number per band each, `periodicity` gives one per group and lag, group by group.
 * Reads the network's input only, so nothing flows back through it.
 */
export class BandStatistics extends tfl.layers.Layer implements BandSettings {
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
    const [batch = null, frames, bands] = oneShape(inputShape);
    const fault = bandSettingsFault(this, frames ?? Infinity, bands ?? 0);
    if (fault !== null) throw new Error(modelText.badStatistics(fault));
    return [batch, bandStatisticsWidth(bands ?? 0, this)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    // As one operation, so that no part of it is kept for a gradient that nobody wants.
    const operation = tf.customGrad((x) => ({
      value: tf.tidy(() => describeBands(x as tf.Tensor4D, this)),
      gradFunc: () => tf.zerosLike(x as tf.Tensor),
    }));
    return operation(only(inputs));
  }

  override getConfig(): Config {
    const { groups, framesPerStep, firstLag, lastLag } = this.periodicity;
    const periodicity = { groups, framesPerStep, firstLag, lastLag };
    return { ...super.getConfig(), statistics: this.statistics, periodicity, epsilon: this.epsilon };
  }
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
