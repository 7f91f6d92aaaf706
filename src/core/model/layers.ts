// The layers that TF.js does not have: pooling into statistics, a network's own long-term statistics,
// seeded dropout, a weighted mean of heads. Importing this file registers them, so that a model.json
// that names them loads. Gradients avoid what some backend gets wrong: no dilation, no padded average pooling.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Random } from '../random.ts';

type Config = tf.serialization.ConfigDict;

/** Added to a variance before its root: keeps the gradient of a constant channel finite. */
const DEFAULT_EPSILON = 1e-4;

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
    super(args as object);
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

/** What a window can say about each of its bands: `mean-absolute-difference` is from frame to frame. */
export type BandStatistic = 'mean' | 'sd' | 'mean-absolute-difference';

export interface BandStatisticsArgs {
  name?: string;
  statistics: BandStatistic[];
  /** Default 1e-4. */
  epsilon?: number;
}

/**
 * `[batch, frames, bands, 1]` → `[batch, nStatistics · bands]`: long-term statistics of a window's own log-mel
 * bands, in the order of `statistics`. Reads the network's input only, so nothing flows back through it.
 */
export class BandStatistics extends tfl.layers.Layer {
  static className = 'BandStatistics';
  readonly statistics: BandStatistic[];
  readonly epsilon: number;

  constructor(args: BandStatisticsArgs) {
    super(args as object);
    this.statistics = args.statistics;
    this.epsilon = args.epsilon ?? DEFAULT_EPSILON;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch = null, , bands] = oneShape(inputShape);
    return [batch, this.statistics.length * (bands ?? 0)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = only(inputs);
      const [batch = 0, frames = 0, bands = 0] = x.shape;
      const rows = tf.reshape(x, [batch, frames, bands]);
      const mean = tf.mean(rows, 1, true);
      const parts = this.statistics.map((statistic): tf.Tensor => {
        if (statistic === 'mean') return tf.squeeze(mean, [1]);
        if (statistic === 'sd') {
          const variance = tf.mean(tf.square(tf.sub(rows, mean)), 1);
          return tf.sqrt(tf.add(variance, this.epsilon));
        }
        const later = tf.slice(rows, [0, 1, 0], [batch, frames - 1, bands]);
        const earlier = tf.slice(rows, [0, 0, 0], [batch, frames - 1, bands]);
        return tf.mean(tf.abs(tf.sub(later, earlier)), 1);
      });
      return tf.concat(parts, 1);
    });
  }

  override getConfig(): Config {
    return { ...super.getConfig(), statistics: this.statistics, epsilon: this.epsilon };
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
    super(args as object);
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

export interface WeightedMeanArgs {
  name?: string;
  /** One per input. Not called `weights`, which TF.js takes for initial weights. */
  headWeights: number[];
}

/** Inputs of one shape → their weighted mean: how several heads give one logit. */
export class WeightedMean extends tfl.layers.Layer {
  static className = 'WeightedMean';
  readonly headWeights: number[];

  constructor(args: WeightedMeanArgs) {
    super(args as object);
    this.headWeights = args.headWeights;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return oneShape(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const heads = Array.isArray(inputs) ? inputs : [inputs];
    const sum = this.headWeights.reduce((a, b) => a + b, 0);
    return tf.tidy(() => tf.addN(heads.map((head, i) => tf.mul(head, (this.headWeights[i] ?? 0) / sum))));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), headWeights: this.headWeights };
  }
}

for (const layer of [StatisticsPooling, BandStatistics, SeededDropout, WeightedMean])
  tf.serialization.registerClass(
    layer as unknown as tf.serialization.SerializableConstructor<tfl.layers.Layer>,
  );
