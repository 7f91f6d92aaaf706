// The last change to what is kept, and the way back from it for a while. A change is carried out at once; undoing it
// is another. Has the same handles as a `Removal`, so that one notice shows either.

import type { Later } from './ports.ts';

/** Long enough to read the notice and find its button; it stays while one is at it. */
const UNDO_MS = 10_000;

export class LastChange<T> {
  readonly #later: Later;
  readonly #takeBack: (items: readonly T[]) => void;
  #items = $state.raw<readonly T[]>([]);
  #callOff = (): void => undefined;

  /** @param takeBack undoes the change of these */
  constructor(later: Later, takeBack: (items: readonly T[]) => void) {
    this.#later = later;
    this.#takeBack = takeBack;
  }

  /** What was changed, as it was before. */
  get items(): readonly T[] {
    return this.#items;
  }

  offer(items: readonly T[]): void {
    this.#items = items;
    this.letGo();
  }

  /** There is no way back any more. */
  forget(): void {
    this.#callOff();
    this.#items = [];
  }

  undo(): void {
    const items = this.#items;
    this.forget();
    this.#takeBack(items);
  }

  /** Somebody is at the notice: time stands still. */
  hold(): void {
    this.#callOff();
  }

  letGo(): void {
    this.#callOff();
    if (this.#items.length > 0) this.#callOff = this.#later(() => this.forget(), UNDO_MS);
  }
}
