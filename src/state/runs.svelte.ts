// The training runs that are kept: the list, the one that is looked at, and deleting with a way back.

import { toAppError, type AppError } from '../core/errors.ts';
import type { RunDetails, RunEntry, RunStore } from '../storage/run-record.ts';
import type { Later } from './ports.ts';
import { Removal } from './removal.svelte.ts';
import { without } from './without.ts';

export type RunsPhase = { kind: 'loading' } | { kind: 'ready' } | { kind: 'failed'; error: AppError };

/** The run that is looked at. */
export type OpenRun =
  | { kind: 'loading' }
  | { kind: 'ready'; entry: RunEntry; details: RunDetails }
  /** Deleted, or never there. */
  | { kind: 'gone' }
  | { kind: 'failed'; error: AppError };

export interface RunsDependencies {
  store: Pick<RunStore, 'list' | 'read' | 'remove'>;
  /** Whether any tab trains now. */
  isTraining: () => Promise<boolean>;
  later: Later;
  /** Called before runs are removed for good: who shows one puts it away. */
  onRemove: (ids: readonly string[]) => void;
}

export class RunsState {
  readonly #dependencies: RunsDependencies;
  /** What was just deleted, and the way back. */
  readonly removal = new Removal<RunEntry>({
    later: (action, ms) => this.#dependencies.later(action, ms),
    remove: (entries) => this.#dependencies.store.remove(idsOf(entries)),
    onGone: (entries) => {
      this.#dependencies.onRemove(idsOf(entries));
      this.#all = without(this.#all, entries);
    },
    onFail: (entries, error) => {
      this.#error = error;
      this.#all = [...this.#all, ...entries].sort((a, b) => (a.id < b.id ? 1 : -1));
    },
  });
  #phase = $state.raw<RunsPhase>({ kind: 'loading' });
  #all = $state.raw<readonly RunEntry[]>([]);
  #isTraining = $state(false);
  #open = $state.raw<OpenRun>({ kind: 'loading' });
  #error = $state.raw<AppError | null>(null);
  /** The latest asked for: what comes late is not shown. */
  #loading = 0;
  #opening = 0;

  readonly #entries = $derived(without(this.#all, this.removal.items));
  /** One trains at a time: of those without an end it is the one that was written last. */
  readonly #latestRunning = $derived(
    this.#all
      .filter(({ state }) => state === 'running')
      .reduce<RunEntry | null>((a, b) => (a === null || b.updatedAt > a.updatedAt ? b : a), null)?.id ?? null,
  );

  constructor(dependencies: RunsDependencies) {
    this.#dependencies = dependencies;
  }

  get phase(): RunsPhase {
    return this.#phase;
  }

  /** Newest first, without what was just deleted. */
  get entries(): readonly RunEntry[] {
    return this.#entries;
  }

  get open(): OpenRun {
    return this.#open;
  }

  /** Why a deletion failed. */
  get error(): AppError | null {
    return this.#error;
  }

  /** Reads the list, again if it was read before: what is shown meanwhile stays. */
  async load(): Promise<void> {
    const turn = ++this.#loading;
    const { store, isTraining } = this.#dependencies;
    try {
      const [all, training] = await Promise.all([
        this.removal.listWhenRemoved(() => store.list()),
        isTraining(),
      ]);
      if (turn !== this.#loading) return;
      this.#all = all;
      this.#isTraining = training;
      this.#phase = { kind: 'ready' };
    } catch (error) {
      if (turn === this.#loading) this.#phase = { kind: 'failed', error: toAppError(error) };
    }
  }

  /** Reads the whole story of one, again if it is shown: it stays meanwhile. */
  async show(id: string): Promise<void> {
    const turn = ++this.#opening;
    if (this.#open.kind !== 'ready' || this.#open.entry.id !== id) this.#open = { kind: 'loading' };
    try {
      const found = await this.#dependencies.store.read(id);
      if (turn === this.#opening) this.#open = found ? { kind: 'ready', ...found } : { kind: 'gone' };
    } catch (error) {
      if (turn === this.#opening) this.#open = { kind: 'failed', error: toAppError(error) };
    }
  }

  /** It is being trained now, in this tab or another. Known once the list was read. */
  isUnderWay({ id }: RunEntry): boolean {
    return this.#isTraining && id === this.#latestRunning;
  }

  /** One under way is not deleted: it would be written again with its next epoch. */
  remove(entry: RunEntry): void {
    if (!this.isUnderWay(entry)) this.removal.add([entry]);
  }

  dismissError(): void {
    this.#error = null;
  }
}

function idsOf(entries: readonly RunEntry[]): string[] {
  return entries.map(({ id }) => id);
}
