// Whether the program is kept on this device, so that it opens without a network.

/** Keeps every file of the program; resolves when all are there. Null where the browser has no way to. */
export type KeepProgram = (() => Promise<void>) | null;

export type OfflinePhase = 'unsupported' | 'waiting' | 'keeping' | 'ready' | 'failed';

export class OfflineState {
  readonly #keep: KeepProgram;
  #phase = $state<OfflinePhase>('waiting');

  constructor(keep: KeepProgram) {
    this.#keep = keep;
    if (!keep) this.#phase = 'unsupported';
  }

  get phase(): OfflinePhase {
    return this.#phase;
  }

  /** A failure is tried again at the next visit. */
  async prepare(): Promise<void> {
    if (!this.#keep || this.#phase === 'keeping' || this.#phase === 'ready') return;
    this.#phase = 'keeping';
    try {
      await this.#keep();
      this.#phase = 'ready';
    } catch {
      this.#phase = 'failed';
    }
  }
}
