// A worker that dies takes every call under way along, also those of recordings that did it no harm. Work
// lost that way is done once more, alone: then only the one that kills its worker fails. Imports core/errors.

import { AppError } from '../core/errors.ts';

function isWorkerLost(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'worker-crashed' || error.code === 'worker-stalled');
}

export class CrashRetry {
  readonly #together = new Set<Promise<unknown>>();
  /** The end of all the work that was promised to run alone. */
  #alone: Promise<unknown> = Promise.resolve();

  /**
   * Runs `work` beside other work, and once more with nothing beside it where its worker was lost. `work` has
   * to start from nothing: what it handed to the worker is gone.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#runTogether(work);
    } catch (error) {
      if (!isWorkerLost(error)) throw error;
      return await this.#runAlone(work);
    }
  }

  async #runTogether<T>(work: () => Promise<T>): Promise<T> {
    for (let alone: unknown = null; alone !== this.#alone;) {
      alone = this.#alone;
      await this.#alone;
    }
    const running = work();
    this.#together.add(running);
    try {
      return await running;
    } finally {
      this.#together.delete(running);
    }
  }

  #runAlone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#alone;
    const mine = (async () => {
      await before;
      await Promise.allSettled(this.#together);
      return work();
    })();
    this.#alone = mine.catch(() => undefined);
    return mine;
  }
}
