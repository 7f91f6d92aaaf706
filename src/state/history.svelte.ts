// The history as a person sees it: the list, what of it a search leaves, what is selected, and what was just
// deleted.

import { toAppError, type AppError } from '../core/errors.ts';
import type { BatchEntry, BatchStore } from '../storage/batch-record.ts';
import { searchable } from '../storage/searchable.ts';
import type { BatchLocks, Later } from './ports.ts';
import { Removal } from './removal.svelte.ts';
import { without } from './without.ts';

/** Names are searched when typing pauses. */
const TYPING_MS = 150;

const NONE: ReadonlySet<string> = new Set();

export type HistoryPhase = { kind: 'loading' } | { kind: 'ready' } | { kind: 'failed'; error: AppError };

export interface HistoryDependencies {
  store: Pick<BatchStore, 'list' | 'search' | 'remove'>;
  locks: Pick<BatchLocks, 'held'>;
  later: Later;
  /** Called before entries are removed for good: who shows one puts it away. */
  onRemove: (ids: readonly string[]) => void;
}

export class HistoryState {
  readonly #dependencies: HistoryDependencies;
  /** What was just deleted, and the way back. */
  readonly removal = new Removal<BatchEntry>({
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
  #phase = $state.raw<HistoryPhase>({ kind: 'loading' });
  #all = $state.raw<readonly BatchEntry[]>([]);
  /** Under way in any tab when the list was read. */
  #underWay = $state.raw<ReadonlySet<string>>(NONE);
  #query = $state('');
  /** By entry. */
  #nameMatches = $state.raw<Readonly<Record<string, number>>>({});
  #isSearching = $state(false);
  #picked = $state.raw<Readonly<Record<string, boolean>>>({});
  #error = $state.raw<AppError | null>(null);
  #callOffSearch = (): void => undefined;
  /** The latest asked for: what comes late is not shown. */
  #loading = 0;
  #searching = 0;

  readonly #entries = $derived(without(this.#all, this.removal.items));
  readonly #shown = $derived(this.#found(this.#entries, searchable(this.#query.trim())));
  readonly #selected = $derived(this.#shown.filter(({ id }) => this.isSelected(id)));
  readonly #nResults = $derived(this.#entries.reduce((sum, { counts }) => sum + nAnswered(counts), 0));

  constructor(dependencies: HistoryDependencies) {
    this.#dependencies = dependencies;
  }

  get phase(): HistoryPhase {
    return this.#phase;
  }

  /** Newest first, without what was just deleted. */
  get entries(): readonly BatchEntry[] {
    return this.#entries;
  }

  /** What the search leaves of them. */
  get shown(): readonly BatchEntry[] {
    return this.#shown;
  }

  get query(): string {
    return this.#query;
  }

  /** True until file names were searched, too. */
  get isSearching(): boolean {
    return this.#isSearching;
  }

  /** Of the entries shown: what is out of sight is never deleted along. */
  get selected(): readonly BatchEntry[] {
    return this.#selected;
  }

  /** Answers kept in all entries. */
  get nResults(): number {
    return this.#nResults;
  }

  /** Why a search or a deletion failed. */
  get error(): AppError | null {
    return this.#error;
  }

  /** How many file names of an entry hold the text that is searched for. */
  nameMatches(id: string): number {
    return this.#nameMatches[id] ?? 0;
  }

  /** Reads the list, again if it was read before: what is shown meanwhile stays. */
  async load(): Promise<void> {
    const turn = ++this.#loading;
    try {
      const [all, underWay] = await Promise.all([
        this.removal.listWhenRemoved(() => this.#dependencies.store.list()),
        this.#dependencies.locks.held(),
      ]);
      if (turn !== this.#loading) return;
      this.#all = all;
      this.#underWay = underWay;
      this.#phase = { kind: 'ready' };
    } catch (error) {
      if (turn === this.#loading) this.#phase = { kind: 'failed', error: toAppError(error) };
    }
  }

  /** It was broken off or cancelled, and no tab is at it: it can be gone on with. */
  isStopped({ id, state, counts, total }: BatchEntry): boolean {
    return state !== 'done' && nAnswered(counts) < total && !this.#underWay.has(id);
  }

  /** Titles and models are searched at once, file names when typing pauses. */
  setQuery(query: string): void {
    this.#query = query;
    this.#callOffSearch();
    const turn = ++this.#searching;
    this.#isSearching = query.trim() !== '';
    this.#nameMatches = {};
    if (this.#isSearching)
      this.#callOffSearch = this.#dependencies.later(() => void this.#searchNames(turn), TYPING_MS);
  }

  isSelected(id: string): boolean {
    return this.#picked[id] ?? false;
  }

  select(id: string, isSelected: boolean): void {
    this.#picked = { ...this.#picked, [id]: isSelected };
  }

  selectAll(): void {
    this.#picked = Object.fromEntries(this.#shown.map(({ id }) => [id, true]));
  }

  selectNone(): void {
    this.#picked = {};
  }

  /** Takes entries off the list, with a way back; see Removal. */
  remove(entries: readonly BatchEntry[]): void {
    this.removal.add(entries);
    this.selectNone();
  }

  dismissError(): void {
    this.#error = null;
  }

  async #searchNames(turn: number): Promise<void> {
    try {
      const found = await this.#dependencies.store.search(this.#query.trim());
      if (turn === this.#searching)
        this.#nameMatches = Object.fromEntries(found.map(({ id, nMatches }) => [id, nMatches]));
    } catch (error) {
      if (turn === this.#searching) this.#error = toAppError(error);
    } finally {
      if (turn === this.#searching) this.#isSearching = false;
    }
  }

  #found(entries: readonly BatchEntry[], text: string): readonly BatchEntry[] {
    if (text === '') return entries;
    return entries.filter(
      ({ id, title, model }) =>
        this.nameMatches(id) > 0 ||
        searchable(title).includes(text) ||
        searchable(`${model.name} ${model.version}`).includes(text),
    );
  }
}

/** Recordings that have their answer, a failure included. */
export function nAnswered(counts: BatchEntry['counts']): number {
  return counts.ok + counts.inconclusive + counts.error;
}

function idsOf(entries: readonly BatchEntry[]): string[] {
  return entries.map(({ id }) => id);
}
