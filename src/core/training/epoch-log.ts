// What the network answered to the windows of an epoch, gathered on the device and read a few steps at a time:
// every reading stalls a GPU. Gives the training curves.

import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '../errors.ts';
import { crossEntropyOf, scoresOf, type Scores } from './scores.ts';
import { trainingText } from './training-text.ts';

export class EpochLog {
  #waiting: tf.Tensor2D[] = [];
  readonly #truth: number[] = [];
  readonly #logits: number[][] = [];
  #lossSum = 0;

  /** @param logits `[n, units]`, kept until read  @param truth index of the label of each */
  add(logits: tf.Tensor2D, truth: readonly number[]): void {
    this.#waiting.push(logits);
    this.#truth.push(...truth);
  }

  /**
   * Brings over what was added since the last reading.
   * @returns mean loss of all so far
   * @throws AppError `training-diverged` when it is no number
   */
  async read(): Promise<number> {
    const units = this.#waiting[0]?.shape[1] ?? 1;
    const all = tf.tidy(() => tf.concat2d(this.#waiting, 0));
    this.#drop();
    const values = (await all.data().finally(() => all.dispose())) as Float32Array;
    for (let first = 0; first < values.length; first += units) {
      const row = Array.from(values.subarray(first, first + units));
      this.#lossSum += crossEntropyOf(row, this.#truth[this.#logits.length] ?? 0);
      this.#logits.push(row);
    }
    const loss = this.#lossSum / this.#logits.length;
    if (Number.isFinite(loss)) return loss;
    throw new AppError('training-diverged', trainingText.diverged);
  }

  /** Of all that was read. */
  scores(): Scores {
    return scoresOf(this.#logits, this.#truth);
  }

  dispose(): void {
    this.#drop();
  }

  #drop(): void {
    tf.dispose(this.#waiting);
    this.#waiting = [];
  }
}
