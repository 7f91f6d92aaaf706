// The mean of the trainable weights at the ends of the last epochs: a flatter, steadier place than any one of them.
// Source: Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", UAI 2018.
// Batch-norm statistics do not average: batch-norm.ts takes them anew. May import: TF.js, its neighbours.

import * as tf from '@tensorflow/tfjs-core';
import type { Checkpoint } from './checkpoint.ts';
import { readVector, type Parameters } from './parameters.ts';

/** Holds one tensor of all trainable weights; `dispose` when done. */
export class WeightAverage {
  readonly #parameters: Parameters;
  #sum: tf.Tensor1D | null;
  #count: number;

  /** @param saved where an earlier run left off */
  constructor(parameters: Parameters, saved: Checkpoint['average']) {
    this.#parameters = parameters;
    this.#sum = saved && tf.tensor1d(saved.sum.slice());
    this.#count = saved?.count ?? 0;
  }

  /** How many epochs are in it. */
  get count(): number {
    return this.#count;
  }

  /** Takes the weights as they are now into the mean. */
  add(): void {
    const before = this.#sum;
    const sum = tf.tidy(() => {
      const weights = this.#parameters.read();
      return before ? tf.add<tf.Tensor1D>(before, weights) : weights;
    });
    before?.dispose();
    this.#sum = tf.keep(sum);
    this.#count++;
  }

  /** Makes the mean the network's weights; nothing happens while no epoch is in it. */
  write(): void {
    const sum = this.#sum;
    if (sum) tf.tidy(() => this.#parameters.write(tf.div<tf.Tensor1D>(sum, this.#count)));
  }

  async state(): Promise<Checkpoint['average']> {
    return this.#sum && { sum: await readVector(this.#sum), count: this.#count };
  }

  dispose(): void {
    this.#sum?.dispose();
  }
}
