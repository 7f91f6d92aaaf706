// Whether something is under way that nothing may break off: no update is taken and nothing is replaced meanwhile.
// Other tabs are asked through a lock that each holds while it is busy. A tab that replaces what is kept stops them.

export interface BusyLock {
  /** Held beside those of other tabs, until the returned function is called or the tab is gone. */
  hold(): () => void;
  /** The same at once, or null: a tab has it alone. */
  join(): Promise<(() => void) | null>;
  /** Taken only while no tab holds it; null: one does. */
  takeAlone(): Promise<(() => void) | null>;
  /** While this tab has it alone: whether another one waits to hold it. */
  isAwaited(): Promise<boolean>;
  /** Other tabs, those that are opened later too, hear of it until the returned function is called or this tab is gone. */
  stopOthers(): Promise<() => void>;
  /** @param onStopped another tab stops this one, until `end` */
  whenStopped(onStopped: (end: Promise<void>) => void): void;
}

export class BusyState {
  readonly #isBusy: () => boolean;
  readonly #lock: BusyLock;
  #nStops = $state(0);

  /** @param isBusy reads runes: a recording, a batch, a training run and the like are under way in this tab */
  constructor(isBusy: () => boolean, lock: BusyLock) {
    this.#isBusy = isBusy;
    this.#lock = lock;
  }

  get isBusy(): boolean {
    return this.#isBusy();
  }

  /** Another tab replaces what is kept: nothing may begin here. */
  get isStopped(): boolean {
    return this.#nStops > 0;
  }

  /** From now on other tabs know. Returns a function that ends it. */
  tellOthers(): () => void {
    return $effect.root(() => {
      // Only when it changes: what it is made of changes with every step of what is under way.
      const isBusy = $derived(this.#isBusy());
      $effect(() => (isBusy ? this.#lock.hold() : undefined));
    });
  }

  /** From now on other tabs can stop this one. @param onStopped it has just been @param onEnd it goes on */
  heedOthers({ onStopped, onEnd }: { onStopped: () => void; onEnd: () => void }): void {
    this.#lock.whenStopped((end) => {
      this.#nStops++;
      onStopped();
      void end.then(() => {
        this.#nStops--;
        onEnd();
      });
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

  /** Like `quiet`, for what replaces all that is kept: other tabs are stopped until it is done. */
  async alone(): Promise<'here' | 'elsewhere' | (() => void)> {
    const release = await this.quiet();
    if (typeof release === 'string') return release;
    const letGo = await this.#lock.stopOthers();
    const end = (): void => {
      release();
      letGo();
    };
    // What began before it could know.
    const isAwaited = await this.isAwaited();
    if (!isAwaited && !this.#isBusy()) return end;
    end();
    return isAwaited ? 'elsewhere' : 'here';
  }

  /** While this tab is `alone`: another one has begun something all the same, before it heard of that. */
  isAwaited(): Promise<boolean> {
    return this.#lock.isAwaited();
  }
}
