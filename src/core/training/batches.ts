// Batches of training windows, assembled in two buffers that every batch shares: no garbage, one shape.

import type { Random } from '../random.ts';
import { augmentWindow, type AugmentationOptions } from './augment.ts';
import type { TrainingData } from './feature-store.ts';
import { writeTarget } from './losses.ts';

export class BatchAssembler {
  /** `[batchSize, nFrames · nMels]` of the batch assembled last. */
  readonly windows: Float32Array;
  /** `[batchSize, units]` of the batch assembled last. */
  readonly targets: Float32Array;
  readonly #data: TrainingData;
  readonly #batchSize: number;
  readonly #units: number;
  readonly #labelSmoothing: number;

  /** @param shape `units`: of the network's output; `labelSmoothing`: share of a target given to the other classes */
  constructor(data: TrainingData, shape: { batchSize: number; units: number; labelSmoothing: number }) {
    this.#data = data;
    this.#batchSize = shape.batchSize;
    this.#units = shape.units;
    this.#labelSmoothing = shape.labelSmoothing;
    this.windows = new Float32Array(shape.batchSize * data.nFrames * data.nMels);
    this.targets = new Float32Array(shape.batchSize * shape.units);
  }

  /**
   * A random window of each of the recordings drawn[first …].
   * @param augmentation null: the windows as they are
   */
  fill(
    drawn: readonly number[],
    first: number,
    augmentation: AugmentationOptions | null,
    random: Random,
  ): void {
    const { nFrames, nMels, layout, recordings } = this.#data;
    for (let i = 0; i < this.#batchSize; i++) {
      const index = drawn[first + i] ?? 0;
      this.#data.copyRandomWindow(index, random, this.windows, i);
      const place = { offset: i * nFrames * nMels, nFrames, nMels, layout };
      if (augmentation) augmentWindow(this.windows, place, augmentation, random);
      writeTarget(this.targets, i, this.#units, recordings[index]?.label ?? 0, this.#labelSmoothing);
    }
  }
}
