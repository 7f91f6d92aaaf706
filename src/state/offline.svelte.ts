// Whether the program is kept on this device, so that it opens without a network.

import type { ProgramKeeper } from '../input/keep-program.ts';
import type { KeyValueStore } from './ports.ts';

export type OfflinePhase = 'unsupported' | 'waiting' | 'keeping' | 'ready' | 'failed';

const SAID_KEY = 'offline-said';

export class OfflineState {
  readonly #keeper: Pick<ProgramKeeper, 'keep'> | null;
  readonly #store: KeyValueStore;
  #phase = $state<OfflinePhase>('waiting');
  #isNews = $state(false);

  /** @param keeper null where the browser has no way to keep it */
  constructor(keeper: Pick<ProgramKeeper, 'keep'> | null, store: KeyValueStore) {
    this.#keeper = keeper;
    this.#store = store;
    if (!keeper) this.#phase = 'unsupported';
  }

  get phase(): OfflinePhase {
    return this.#phase;
  }

  /** It has just become ready, for the first time on this device: to be said once. */
  get isNews(): boolean {
    return this.#isNews;
  }

  /** A failure is tried again at the next visit. */
  async prepare(): Promise<void> {
    if (!this.#keeper || this.#phase === 'keeping' || this.#phase === 'ready') return;
    this.#phase = 'keeping';
    try {
      await this.#keeper.keep();
      this.#phase = 'ready';
      this.#isNews = this.#store.read(SAID_KEY) !== true;
      this.#store.write(SAID_KEY, true);
    } catch {
      this.#phase = 'failed';
    }
  }

  /** It has been read. */
  dismiss(): void {
    this.#isNews = false;
  }
}
