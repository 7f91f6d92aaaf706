// Whole results on their way to storage, some at a time, and back again for downloads. What storage does not take
// stays in memory: a full disk costs the history, never an answer.

import { AppError, toAppError } from '../core/errors.ts';
import type { RecordingResult } from '../core/types.ts';
import type { BatchEntry, BatchFiles, BatchStore } from '../storage/batch-record.ts';
import { stateText } from './state-text.ts';

/** Results that are written in one transaction at most. */
const RESULTS_PER_WRITE = 256;

/** Results handed on at a time when they come from memory alone. */
const CHUNK = 200;

export class BatchKeeper {
  readonly #store: BatchStore;
  readonly #id: string;
  /** Not written yet, or refused. */
  readonly #unsaved = new Map<number, RecordingResult>();
  /** One write after the other; null: nothing of this batch is to be kept. */
  #writing: Promise<void> | null = null;
  /** Asked for and not begun: what is asked for meanwhile goes with it. */
  #next: BatchEntry | null = null;
  /** The storage has the batch, and may have results of it. */
  #hasStored = false;
  /** What it is made of there; null: nothing of it is to be kept. */
  #files: BatchFiles | null = null;
  #error: AppError | null = null;

  private constructor(store: BatchStore, id: string) {
    this.#store = store;
    this.#id = id;
  }

  /** A batch that begins; it is written behind the back of whoever calls. */
  static create(store: BatchStore, entry: BatchEntry, files: BatchFiles): BatchKeeper {
    const keeper = new BatchKeeper(store, entry.id);
    keeper.#writing = Promise.resolve();
    keeper.#files = files;
    void keeper.save(entry);
    return keeper;
  }

  /** A batch that is stored. */
  static open(store: BatchStore, id: string, files: BatchFiles): BatchKeeper {
    const keeper = new BatchKeeper(store, id);
    keeper.#writing = Promise.resolve();
    keeper.#files = files;
    keeper.#hasStored = true;
    return keeper;
  }

  /** A batch that leaves no trace. */
  static forget(store: BatchStore): BatchKeeper {
    return new BatchKeeper(store, '');
  }

  /** Why results are not kept; they stay in memory until the page is closed. */
  get error(): AppError | null {
    return this.#error;
  }

  /** Results that wait to be written. */
  get nWaiting(): number {
    return this.#unsaved.size;
  }

  add(index: number, result: RecordingResult): void {
    this.#unsaved.set(index, result);
  }

  /** Whether the whole result of an answer is in memory or, as far as is known, in the storage. */
  has(index: number): boolean {
    return this.#hasStored || this.#unsaved.has(index);
  }

  /**
   * After a refusal, or when the storage was cleared and has nothing of the batch any more: all that waits is tried
   * again with what is saved next. Resolves when nothing is being written.
   */
  async startAgain(isCleared: boolean): Promise<void> {
    this.#writing &&= this.#writing.then(() => {
      this.#error = null;
      if (isCleared) this.#hasStored = false;
    });
    await this.#writing;
  }

  /** Writes what waits, with the entry that counts it. Resolves when it is written or refused. */
  save(entry: BatchEntry): Promise<void> {
    if (this.#next === null)
      this.#writing &&= this.#writing.then(() => this.#guarded(() => this.#writeNext()));
    this.#next = entry;
    return this.#writing ?? Promise.resolve();
  }

  async #writeNext(): Promise<void> {
    const entry = this.#next;
    this.#next = null;
    if (entry && this.#files && !this.#hasStored) {
      await this.#store.create(entry, this.#files);
      this.#hasStored = true;
      if (this.#unsaved.size === 0) return;
    }
    const waiting = [...this.#unsaved].map(([index, result]) => ({ index, result }));
    let from = 0;
    do {
      const portion = waiting.slice(from, (from += RESULTS_PER_WRITE));
      if (entry && !(await this.#store.save(entry, portion))) throw removed();
      // One that was answered anew meanwhile is still to be written.
      for (const { index, result } of portion)
        if (this.#unsaved.get(index) === result) this.#unsaved.delete(index);
    } while (from < waiting.length);
  }

  /** After a refusal nothing more is tried by itself: half a history would pass for a whole one. */
  async #guarded(write: () => Promise<void>): Promise<void> {
    if (this.#error) {
      this.#next = null;
      return;
    }
    try {
      await write();
    } catch (error) {
      this.#error = toAppError(error);
    }
  }

  async read(index: number): Promise<RecordingResult | null> {
    return (
      this.#unsaved.get(index) ?? (this.#hasStored ? await this.#store.readResult(this.#id, index) : null)
    );
  }

  /** All results there are, in order of their place, some at a time. */
  async *all(): AsyncIterable<{ index: number; result: RecordingResult }[]> {
    await this.#writing;
    const waiting = [...this.#unsaved].map(([index, result]) => ({ index, result }));
    waiting.sort((a, b) => a.index - b.index);
    let next = 0;
    const upTo = (limit: number): typeof waiting => {
      const from = next;
      while (next < waiting.length && (waiting[next]?.index ?? Infinity) < limit) next++;
      return waiting.slice(from, next);
    };
    if (this.#hasStored)
      for await (const stored of this.#store.readResults(this.#id)) {
        const last = stored.at(-1)?.index ?? 0;
        const merged = new Map(stored.map((one) => [one.index, one]));
        for (const one of upTo(last + 1)) merged.set(one.index, one);
        yield [...merged.values()].sort((a, b) => a.index - b.index);
      }
    while (next < waiting.length) yield waiting.slice(next, (next += CHUNK));
  }
}

function removed(): AppError {
  return new AppError('storage-blocked', stateText.batch.deleted);
}
