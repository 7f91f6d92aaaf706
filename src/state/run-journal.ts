// The story of one run on its way to storage: entry, details and checkpoint. A storage that refuses costs what it
// would have kept, never the run: what was refused is tried again with the next thing that is written.

import { toAppError, type AppError, type ErrorCode } from '../core/errors.ts';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { RunDetails, RunEntry, RunStore } from '../storage/run-record.ts';
import { stateText } from './state-text.ts';

export class RunJournal {
  readonly #store: RunStore;
  readonly #timestamp: () => string;
  #entry: RunEntry;
  #details: RunDetails;
  #error: AppError | null = null;

  /** @param timestamp ISO 8601, UTC */
  constructor(store: RunStore, timestamp: () => string, entry: RunEntry, details: RunDetails) {
    this.#store = store;
    this.#timestamp = timestamp;
    this.#entry = entry;
    this.#details = details;
  }

  get entry(): RunEntry {
    return this.#entry;
  }

  get details(): RunDetails {
    return this.#details;
  }

  /** Why the latest state of the run is not stored: closed now, the page could not go on from here. */
  get error(): AppError | null {
    return this.#error;
  }

  /** Written with what is saved next. */
  note(text: string): void {
    const line = { at: this.#timestamp(), text };
    this.#details = { ...this.#details, log: [...this.#details.log, line] };
  }

  change(entry: Partial<RunEntry>, details: Partial<RunDetails> = {}): void {
    this.#entry = { ...this.#entry, ...entry };
    this.#details = { ...this.#details, ...details };
  }

  /**
   * @param checkpoint undefined leaves the one that is stored, null removes it
   * @returns whether it is stored; never rejects
   */
  async save(checkpoint?: Checkpoint | null): Promise<boolean> {
    this.#entry = { ...this.#entry, updatedAt: this.#timestamp() };
    try {
      await this.#store.save(this.#entry, this.#details, checkpoint);
      this.#error = null;
    } catch (error) {
      if (!this.#error) this.note(stateText.run.notStored(toAppError(error).message));
      this.#error = toAppError(error);
    }
    return this.#error === null;
  }

  /** Its end. Only a run that failed keeps the checkpoint: it can be resumed. */
  async end(
    state: Exclude<RunEntry['state'], 'running'>,
    error: { code: ErrorCode; message: string } | null = null,
  ): Promise<boolean> {
    this.change({ state, error: error && { code: error.code, message: error.message } });
    return await this.save(state === 'failed' ? undefined : null);
  }
}
