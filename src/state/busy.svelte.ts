// Whether something is under way that nothing may break off: no update is taken and nothing is replaced meanwhile.
// Other tabs are asked through a lock that each holds while it is busy.

export interface BusyLock {
  /** Held beside those of other tabs, until the returned function is called or the tab is gone. */
  hold(): () => void;
  /** The same at once, or null: a tab has it alone. */
  join(): Promise<(() => void) | null>;
  /** Taken only while no tab holds it; null: one does. */
  takeAlone(): Promise<(() => void) | null>;
}

export class BusyState {
  readonly #isBusy: () => boolean;
  readonly #lock: BusyLock;

  /** @param isBusy reads runes: a recording, a batch, a training run and the like are under way in this tab */
  constructor(isBusy: () => boolean, lock: BusyLock) {
    this.#isBusy = isBusy;
    this.#lock = lock;
  }

  get isBusy(): boolean {
    return this.#isBusy();
  }

  /** From now on other tabs know. Returns a function that ends it. */
  tellOthers(): () => void {
    return $effect.root(() => {
      // Only when it changes: what it is made of changes with every step of what is under way.
      const isBusy = $derived(this.#isBusy());
      $effect(() => (isBusy ? this.#lock.hold() : undefined));
    });
  }

  /** For what must not begin while a tab has it `quiet`: a lock to be released when it is done; null: one has. */
  join(): Promise<(() => void) | null> {
    return this.#lock.join();
  }

  /** For what needs that nothing is under way: who is busy, or the lock, to be released when it is done. */
  async quiet(): Promise<'here' | 'elsewhere' | (() => void)> {
    if (this.#isBusy()) return 'here';
    return (await this.#lock.takeAlone()) ?? 'elsewhere';
  }
}
