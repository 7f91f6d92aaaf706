// A batch of an earlier visit that stopped half way, because its page was closed or went down: found at the start,
// gone on with when a person wants it. Its files are taken up from what the browser lent at the drop, where it
// lends; else they have to be handed over once more.

import { toAppError, type AppError } from '../core/errors.ts';
import type { Collection } from '../input/collect-files.ts';
import type { HandOver } from '../input/found-file.ts';
import type { BatchEntry, BatchStore } from '../storage/batch-record.ts';
import type { BatchState } from './batch.svelte.ts';
import type { BatchLocks } from './ports.ts';

export interface UnfinishedDependencies {
  batch: Pick<BatchState, 'resumeWith'>;
  store: Pick<BatchStore, 'list' | 'read' | 'save'>;
  locks: Pick<BatchLocks, 'held'>;
  collect: (handOver: HandOver) => Promise<Collection>;
  /** Asks the person where the browser wants that; null: the files have to be handed over again. */
  reopen: (handles: readonly FileSystemHandle[]) => Promise<HandOver | null>;
}

export class UnfinishedState {
  readonly #dependencies: UnfinishedDependencies;
  #entry = $state.raw<BatchEntry | null>(null);
  #needsFiles = $state(false);
  #isBusy = $state(false);
  #error = $state.raw<AppError | null>(null);

  constructor(dependencies: UnfinishedDependencies) {
    this.#dependencies = dependencies;
  }

  /** The latest one, or null. */
  get entry(): BatchEntry | null {
    return this.#entry;
  }

  /** Its files have to be handed over again: `resumeWith`. */
  get needsFiles(): boolean {
    return this.#needsFiles;
  }

  /** Its files are being looked through, or it is being put away. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Why it could not be gone on with, or put away. */
  get error(): AppError | null {
    return this.#error;
  }

  /** Looks for one that no tab is at. A history that cannot be read has none. */
  async look(): Promise<void> {
    const { store, locks } = this.#dependencies;
    try {
      const [entries, held] = await Promise.all([store.list(), locks.held()]);
      this.offer(entries.find(({ id, state }) => state === 'running' && !held.has(id)) ?? null);
    } catch {
      this.offer(null);
    }
  }

  /** Chooses one, from the history for example. */
  offer(entry: BatchEntry | null): void {
    this.#entry = entry;
    this.#needsFiles = false;
    this.#error = null;
  }

  /** Goes on with it, or learns that its files are needed. Call it in a click: the browser may ask. */
  async resume(): Promise<void> {
    await this.#attempt(async ({ id }) => {
      const { store, reopen } = this.#dependencies;
      const handles = (await store.read(id))?.files.handles ?? [];
      const handOver = handles.length > 0 ? await reopen(handles) : null;
      if (handOver) await this.#goOn(id, handOver);
      else this.#needsFiles = true;
    });
  }

  /** Goes on with the same files or folder, handed over again. */
  async resumeWith(handOver: HandOver | Promise<HandOver>): Promise<void> {
    await this.#attempt(async ({ id }) => this.#goOn(id, await handOver));
  }

  /** It stays in the history as it is, and is not offered again, unless the storage refuses to remember that. */
  async forget(): Promise<void> {
    await this.#attempt(async (entry) => {
      await this.#dependencies.store.save({ ...entry, state: 'cancelled' }, []);
      this.offer(null);
    });
  }

  async #goOn(id: string, handOver: HandOver): Promise<void> {
    const { batch, collect, locks } = this.#dependencies;
    const { recordings } = await collect(handOver);
    // Another tab offered it, too.
    if ((await locks.held()).has(id)) return this.look();
    await batch.resumeWith(id, recordings);
    this.offer(null);
  }

  async #attempt(work: (entry: BatchEntry) => Promise<void>): Promise<void> {
    const entry = this.#entry;
    if (!entry || this.#isBusy) return;
    this.#isBusy = true;
    this.#error = null;
    try {
      await work(entry);
    } catch (error) {
      this.#error = toAppError(error);
    } finally {
      this.#isBusy = false;
    }
  }
}
