// AdamW on the parameter vector: Adam with weight decay apart from the gradient.
// Source: Loshchilov and Hutter 2019, "Decoupled weight decay regularization", with PyTorch's constants.

import * as tf from '@tensorflow/tfjs-core';
import { readVector, type Parameters } from './parameters.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
/** Given explicitly: the WebGL backend's own can be 1e-4, which bends Adam. */
const EPSILON = 1e-7;

/** The optimizer's memory, as plain data. */
export interface AdamState {
  step: number;
  firstMoment: Float32Array;
  secondMoment: Float32Array;
}

export class AdamW {
  readonly #parameters: Parameters;
  readonly #decay: tf.Tensor1D;
  #step = 0;
  #first: tf.Tensor1D;
  #second: tf.Tensor1D;

  /** @param weightDecay fraction of a kernel weight that a step at learning rate 1 would take away */
  constructor(parameters: Parameters, weightDecay: number, state: AdamState | null = null) {
    this.#parameters = parameters;
    this.#decay = tf.tidy(() => tf.mul<tf.Tensor1D>(parameters.decayMask(), weightDecay));
    this.#step = state?.step ?? 0;
    this.#first = state ? tf.tensor1d(state.firstMoment.slice()) : tf.zeros([parameters.size]);
    this.#second = state ? tf.tensor1d(state.secondMoment.slice()) : tf.zeros([parameters.size]);
  }

  /** Moves the parameters one step against the gradient. */
  apply(gradients: tf.NamedTensorMap, rate: number): void {
    this.#step++;
    const firstCorrection = 1 - BETA1 ** this.#step;
    const secondCorrection = 1 - BETA2 ** this.#step;
    const [first, second] = tf.tidy((): [tf.Tensor1D, tf.Tensor1D] => {
      const gradient = this.#parameters.flattenGradients(gradients);
      const m = tf.add<tf.Tensor1D>(tf.mul(this.#first, BETA1), tf.mul(gradient, 1 - BETA1));
      const v = tf.add<tf.Tensor1D>(tf.mul(this.#second, BETA2), tf.mul(tf.square(gradient), 1 - BETA2));
      const size = tf.add(tf.sqrt(tf.div(v, secondCorrection)), EPSILON);
      const move = tf.div(tf.mul(m, rate / firstCorrection), size);
      const weights = this.#parameters.read();
      const shrunk = tf.sub(weights, tf.mul(tf.mul(weights, this.#decay), rate));
      this.#parameters.write(tf.sub(shrunk, move));
      return [m, v];
    });
    this.#first.dispose();
    this.#second.dispose();
    this.#first = tf.keep(first);
    this.#second = tf.keep(second);
  }

  async state(): Promise<AdamState> {
    return {
      step: this.#step,
      firstMoment: await readVector(this.#first),
      secondMoment: await readVector(this.#second),
    };
  }

  dispose(): void {
    tf.dispose([this.#first, this.#second, this.#decay]);
  }
}
