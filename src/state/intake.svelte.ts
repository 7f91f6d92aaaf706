// Everything that is handed to the program comes in here, from whichever page and in whichever way:
// it is sorted into recordings, and those are listened to.

import { toAppError, type AppError } from '../core/errors.ts';
import type { Collection } from '../input/collect-files.ts';
import { foundFile, type HandOver } from '../input/found-file.ts';
import type { BatchState } from './batch.svelte.ts';

/** Unpacks and sorts. @throws AppError `nothing-to-do` */
export type CollectRecordings = (handOver: HandOver) => Promise<Collection>;

export class IntakeState {
  readonly #collect: CollectRecordings;
  readonly #batch: Pick<BatchState, 'listen'>;
  #isSorting = $state(false);
  #error = $state.raw<AppError | null>(null);
  /** Number of the latest hand-over: an earlier one that is sorted later must not take its place. */
  #attempt = 0;

  constructor(collect: CollectRecordings, batch: Pick<BatchState, 'listen'>) {
    this.#collect = collect;
    this.#batch = batch;
  }

  /** Folders are being read or zips unpacked. */
  get isSorting(): boolean {
    return this.#isSorting;
  }

  /** Why the latest hand-over led to nothing. */
  get error(): AppError | null {
    return this.#error;
  }

  /** Listens to what was found. Resolves when all is heard. */
  async take(handOver: HandOver | Promise<HandOver>): Promise<void> {
    const attempt = ++this.#attempt;
    this.#error = null;
    this.#isSorting = true;
    try {
      const collection = await this.#collect(await handOver);
      if (attempt !== this.#attempt) return;
      this.#isSorting = false;
      await this.#batch.listen(collection);
    } catch (error) {
      if (attempt === this.#attempt) this.#error = toAppError(error);
    } finally {
      if (attempt === this.#attempt) this.#isSorting = false;
    }
  }

  /** Listens to a sound that the program made itself. */
  async takeSimulated(file: File): Promise<void> {
    this.#attempt++;
    this.#error = null;
    this.#isSorting = false;
    const recordings = [foundFile(file)];
    await this.#batch.listen({ recordings, skipped: [], labelFiles: [], handles: [] }, true);
  }

  dismissError(): void {
    this.#error = null;
  }
}
