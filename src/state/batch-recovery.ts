// What is done about a storage that has refused a batch or was cleared under it: what is in memory is kept again, and
// what is nowhere whole any more is heard again, by itself while the batch is under way, else when that is wished.

import type { BatchHearing } from './batch-hearing.svelte.ts';
import type { HeldBatch } from './held-batch.svelte.ts';
import type { OpenedRow } from './opened-row.svelte.ts';

export class BatchRecovery {
  readonly #shown: () => HeldBatch | null;
  readonly #hearing: BatchHearing;
  readonly #opened: OpenedRow;

  /** @param shown the batch on screen; null: none */
  constructor(shown: () => HeldBatch | null, hearing: BatchHearing, opened: OpenedRow) {
    this.#shown = shown;
    this.#hearing = hearing;
    this.#opened = opened;
  }

  /** The storage was cleared. Resolves when it is known what that has cost. */
  storageCleared(): Promise<void> {
    const recovery = this.#recover();
    this.#hearing.awaitRecovery(recovery);
    return recovery;
  }

  /** After a refusal, or when answers were lost: a person wants it all the same. */
  async keepAgain(): Promise<void> {
    const batch = this.#shown();
    await batch?.keepAgain(false);
    if (!batch || this.#shown() !== batch) return;
    const { lost } = batch;
    if (this.#hearing.isRunning || lost.length === 0) {
      this.#keepLost(batch);
      return;
    }
    await this.#hearing.hear(batch, lost);
    // Another model answers by now: they stay lost.
    if (batch.lost.length > 0) batch.tellLost();
  }

  async #recover(): Promise<void> {
    const batch = this.#shown();
    if (!batch || batch.isStored) return;
    await batch.keepAgain(true);
    if (this.#shown() !== batch) return;
    const { index, result } = this.#opened;
    if (index !== null && result) batch.keeper.add(index, result);
    if (this.#hearing.isRunning || batch.lost.length === 0) this.#keepLost(batch);
    else batch.tellLost();
  }

  /** What is lost is heard again in the run under way; what waits is written. */
  #keepLost(batch: HeldBatch): void {
    this.#hearing.requeue(batch, batch.lost);
    void batch.save();
  }
}
