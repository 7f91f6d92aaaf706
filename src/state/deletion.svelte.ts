// Deleting everything that was ever kept here, in one go and without a way back: the database in one transaction,
// settings and whatever else lies beside it. Refused while anything is under way, in any tab.

import { toAppError, type AppError } from '../core/errors.ts';
import type { Census } from '../storage/census.ts';
import type { Database } from '../storage/db.ts';
import type { BusyState } from './busy.svelte.ts';
import type { StorageNews } from './ports.ts';

export type DeletionPhase =
  | { kind: 'idle' }
  /** What would go; null: the database cannot be read, the rest can go all the same. */
  | { kind: 'asked'; census: Census | null }
  /** Something is under way, here or in another tab. */
  | { kind: 'busy'; where: 'here' | 'elsewhere' }
  | { kind: 'deleting' }
  /** Nothing, or not all, is gone. */
  | { kind: 'failed'; error: AppError };

export interface DeletionDependencies {
  database: Pick<Database, 'clear'>;
  census: () => Promise<Census>;
  /** What lies beside the database: settings, files that were shared with the program. */
  wipe: () => Promise<void>;
  busy: Pick<BusyState, 'quiet' | 'alone'>;
  news: Pick<StorageNews, 'tell'>;
  /** The program begins anew: nothing of it is left in memory either. */
  restart: () => void;
}

export class DeletionState {
  readonly #dependencies: DeletionDependencies;
  #phase = $state.raw<DeletionPhase>({ kind: 'idle' });

  constructor(dependencies: DeletionDependencies) {
    this.#dependencies = dependencies;
  }

  get phase(): DeletionPhase {
    return this.#phase;
  }

  /** The first of two steps: says what would go, or why not now. */
  async ask(): Promise<void> {
    const release = this.#unlessBusy(await this.#dependencies.busy.quiet());
    if (!release) return;
    release();
    const census = await this.#dependencies.census().catch(() => null);
    this.#phase = { kind: 'asked', census };
  }

  cancel(): void {
    if (this.#phase.kind !== 'deleting') this.#phase = { kind: 'idle' };
  }

  /** The second step: it is done. */
  async confirm(): Promise<void> {
    if (this.#phase.kind !== 'asked') return;
    const release = this.#unlessBusy(await this.#dependencies.busy.alone());
    if (!release) return;
    this.#phase = { kind: 'deleting' };
    const { database, wipe, news, restart } = this.#dependencies;
    // Where one of them cannot be reached, the other goes all the same.
    const done = await Promise.allSettled([database.clear(), wipe()]);
    const failed = done.find((outcome) => outcome.status === 'rejected');
    if (failed) {
      this.#phase = { kind: 'failed', error: toAppError(failed.reason) };
      release();
      return;
    }
    news.tell('deleted');
    restart();
  }

  /** What lets others be busy again; null: somebody is, and that is said. */
  #unlessBusy(answer: 'here' | 'elsewhere' | (() => void)): (() => void) | null {
    if (typeof answer === 'function') return answer;
    this.#phase = { kind: 'busy', where: answer };
    return null;
  }
}
