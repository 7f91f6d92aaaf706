// Deleting with a way back: what is deleted leaves the screen at once and the storage a little later, so that it can
// be undone. Whoever leaves the list or hides the page has decided (`flush`). Used by whatever shows a list.

import { toAppError, type AppError } from '../core/errors.ts';
import type { Later } from './ports.ts';

/** Long enough to read the notice and find its button; it stays while one is at it. */
const UNDO_MS = 10_000;
/** Removed in one transaction: few enough that the page goes on meanwhile. */
const REMOVE_AT_ONCE = 100;

export interface RemovalDependencies<T> {
  later: Later;
  /** For good, in one transaction. */
  remove: (items: readonly T[]) => Promise<void>;
  /** The time for undoing is over: they go now, and whoever shows one puts it away. */
  onGone: (items: readonly T[]) => void;
  /** These could not be removed: they are still there. */
  onFail: (items: readonly T[], error: AppError) => void;
}

export class Removal<T> {
  readonly #dependencies: RemovalDependencies<T>;
  #items = $state.raw<readonly T[]>([]);
  #callOff = (): void => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(dependencies: RemovalDependencies<T>) {
    this.#dependencies = dependencies;
  }

  /** Deleted and not yet gone. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** Takes these off the list; what was deleted before is gone for good then. */
  add(items: readonly T[]): void {
    void this.flush();
    this.#items = items;
    this.letGo();
  }

  undo(): void {
    this.#callOff();
    this.#items = [];
  }

  /** Somebody is at the notice: time stands still. */
  hold(): void {
    this.#callOff();
  }

  letGo(): void {
    this.#callOff();
    if (this.#items.length > 0) this.#callOff = this.#dependencies.later(() => void this.flush(), UNDO_MS);
  }

  /** What was deleted is removed now. */
  async flush(): Promise<void> {
    this.#callOff();
    const gone = this.#items;
    if (gone.length > 0) {
      this.#items = [];
      this.#dependencies.onGone(gone);
      this.#running = this.#running.then(() => this.#removeForGood(gone));
    }
    await this.#running;
  }

  /** What `list` gives when nothing is being removed: read meanwhile, it might still hold what goes. */
  async listWhenRemoved<L>(list: () => Promise<L>): Promise<L> {
    for (;;) {
      const running = this.#running;
      await running;
      const all = await list();
      if (running === this.#running) return all;
    }
  }

  async #removeForGood(gone: readonly T[]): Promise<void> {
    let nRemoved = 0;
    try {
      while (nRemoved < gone.length) {
        const portion = gone.slice(nRemoved, nRemoved + REMOVE_AT_ONCE);
        await this.#dependencies.remove(portion);
        nRemoved += portion.length;
      }
    } catch (error) {
      this.#dependencies.onFail(gone.slice(nRemoved), toAppError(error));
    }
  }
}
