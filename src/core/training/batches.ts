// Batches of training windows, assembled in two buffers that every batch shares: no garbage, one shape. The last
// windows of a batch are replayed ones where there is a replay set.

import type { Random } from '../random.ts';
import { augmentWindow, type AugmentationOptions } from './augment.ts';
import type { TrainingData } from './feature-store.ts';
import { writeTarget } from './losses.ts';
import { replayedPerBatch } from './replay-mix.ts';
import { drawPass } from './sampler.ts';

/** What an epoch goes through, in order: indices of recordings and of replayed windows. */
export interface DrawnPass {
  recordings: number[];
  replayed: number[];
}

export class BatchAssembler {
  /** `[batchSize, nFrames · nMels]` of the batch assembled last. */
  readonly windows: Float32Array;
  /** `[batchSize, units]` of the batch assembled last. */
  readonly targets: Float32Array;
  /** `[replayed windows, width]` of the batch assembled last: the embeddings to hold to; empty: none. */
  readonly embeddings: Float32Array;
  /** Windows of recordings in a batch; replayed ones come behind them. */
  readonly nOwn: number;
  readonly #data: TrainingData;
  readonly #batchSize: number;
  readonly #units: number;

  /** @param shape `units`: of the network's output */
  constructor(data: TrainingData, shape: { batchSize: number; units: number }) {
    this.#data = data;
    this.#batchSize = shape.batchSize;
    this.#units = shape.units;
    this.nOwn = shape.batchSize - (data.replay ? replayedPerBatch(shape.batchSize) : 0);
    this.windows = new Float32Array(shape.batchSize * data.nFrames * data.nMels);
    this.targets = new Float32Array(shape.batchSize * shape.units);
    const width = data.replay?.embeddings?.[0]?.length ?? 0;
    this.embeddings = new Float32Array((shape.batchSize - this.nOwn) * width);
  }

  /** @param probabilities of each recording at one draw; replayed windows are drawn evenly */
  draw(probabilities: Float64Array, nBatches: number, random: Random): DrawnPass {
    const { replay } = this.#data;
    const recordings = drawPass(probabilities, nBatches * this.nOwn, random);
    const nReplayed = nBatches * (this.#batchSize - this.nOwn);
    const evenly = new Float64Array(replay?.classes.length ?? 0).fill(1 / (replay?.classes.length ?? 1));
    return { recordings, replayed: nReplayed > 0 ? drawPass(evenly, nReplayed, random) : [] };
  }

  /**
   * Batch number `step` of a pass: a random window of each of its recordings, and the windows replayed.
   * @param augmentation null: the windows as they are
   * @returns index of the label of each of the first `nOwn` windows
   */
  fill(drawn: DrawnPass, step: number, augmentation: AugmentationOptions | null, random: Random): number[] {
    const { recordings, replay } = this.#data;
    const labels: number[] = [];
    for (let i = 0; i < this.nOwn; i++) {
      const index = drawn.recordings[step * this.nOwn + i] ?? 0;
      this.#data.copyRandomWindow(index, random, this.windows, i);
      const label = recordings[index]?.label ?? 0;
      labels.push(label);
      this.#finish(i, [label], augmentation, random);
    }
    const nReplayed = this.#batchSize - this.nOwn;
    for (let i = 0; i < nReplayed; i++) {
      const index = drawn.replayed[step * nReplayed + i] ?? 0;
      const embedding = replay?.embeddings?.[index];
      replay?.copyWindow(index, this.windows, this.nOwn + i);
      if (embedding) this.embeddings.set(embedding, i * embedding.length);
      // An embedding to hold to is of the window as it is.
      this.#finish(this.nOwn + i, replay?.classes[index] ?? [], embedding ? null : augmentation, random);
    }
    return labels;
  }

  #finish(
    place: number,
    classes: readonly number[],
    augmentation: AugmentationOptions | null,
    random: Random,
  ): void {
    const { nFrames, nMels, layout } = this.#data;
    const window = { offset: place * nFrames * nMels, nFrames, nMels, layout };
    if (augmentation) augmentWindow(this.windows, window, augmentation, random);
    writeTarget(this.targets, place, this.#units, classes);
  }
}
