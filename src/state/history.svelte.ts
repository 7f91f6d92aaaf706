// The history as a person sees it: the list, what of it a search leaves, what is selected, and what was just
// deleted. Deleting takes an entry off the screen at once and out of the storage a little later, so that it can
// be undone; whoever leaves the list or hides the page has decided (`flush`).

import { toAppError, type AppError } from '../core/errors.ts';
import type { BatchEntry, BatchStore } from '../storage/batch-record.ts';
import { searchText } from '../storage/search-text.ts';
import type { BatchLocks, Later } from './ports.ts';

/** Long enough to read the notice and find its button; it stays while one is at it. */
const UNDO_MS = 10_000;
/** Entries removed in one transaction: few enough that the page goes on meanwhile. */
const REMOVE_AT_ONCE = 100;
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
  #phase = $state.raw<HistoryPhase>({ kind: 'loading' });
  #all = $state.raw<readonly BatchEntry[]>([]);
  /** Under way in any tab when the list was read. */
  #underWay = $state.raw<ReadonlySet<string>>(NONE);
  #query = $state('');
  /** By entry. */
  #nameMatches = $state.raw<Readonly<Record<string, number>>>({});
  #isSearching = $state(false);
  #picked = $state.raw<Readonly<Record<string, boolean>>>({});
  #removed = $state.raw<readonly BatchEntry[]>([]);
  #error = $state.raw<AppError | null>(null);
  #callOffRemoval = (): void => undefined;
  #callOffSearch = (): void => undefined;
  /** The latest asked for: what comes late is not shown. */
  #loading = 0;
  #searching = 0;
  #removing: Promise<void> = Promise.resolve();

  readonly #entries = $derived(without(this.#all, this.#removed));
  readonly #shown = $derived(this.#found(this.#entries, searchText(this.#query.trim())));
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

  /** Deleted and not yet gone. */
  get removed(): readonly BatchEntry[] {
    return this.#removed;
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
      const [all, underWay] = await Promise.all([this.#listWhenRemoved(), this.#dependencies.locks.held()]);
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

  /** Takes entries off the list; what was deleted before is gone for good then. */
  remove(entries: readonly BatchEntry[]): void {
    void this.flush();
    this.#removed = entries;
    this.selectNone();
    this.letGo();
  }

  undo(): void {
    this.#callOffRemoval();
    this.#removed = [];
  }

  /** Somebody is at the notice: time stands still. */
  hold(): void {
    this.#callOffRemoval();
  }

  letGo(): void {
    this.#callOffRemoval();
    if (this.#removed.length > 0)
      this.#callOffRemoval = this.#dependencies.later(() => void this.flush(), UNDO_MS);
  }

  /** What was deleted is removed now. What cannot be removed comes back, with the error. */
  async flush(): Promise<void> {
    this.#callOffRemoval();
    const gone = this.#removed;
    if (gone.length > 0) {
      this.#all = without(this.#all, gone);
      this.#removed = [];
      this.#removing = this.#removing.then(() => this.#removeForGood(gone));
    }
    await this.#removing;
  }

  dismissError(): void {
    this.#error = null;
  }

  /** A list read while something is being removed may still hold it. */
  async #listWhenRemoved(): Promise<BatchEntry[]> {
    for (;;) {
      const removing = this.#removing;
      await removing;
      const all = await this.#dependencies.store.list();
      if (removing === this.#removing) return all;
    }
  }

  async #removeForGood(gone: readonly BatchEntry[]): Promise<void> {
    this.#dependencies.onRemove(gone.map(({ id }) => id));
    let nRemoved = 0;
    try {
      while (nRemoved < gone.length) {
        const portion = gone.slice(nRemoved, nRemoved + REMOVE_AT_ONCE);
        await this.#dependencies.store.remove(portion.map(({ id }) => id));
        nRemoved += portion.length;
      }
    } catch (error) {
      this.#error = toAppError(error);
      this.#all = [...this.#all, ...gone.slice(nRemoved)].sort((a, b) => (a.id < b.id ? 1 : -1));
    }
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
        searchText(title).includes(text) ||
        searchText(`${model.name} ${model.version}`).includes(text),
    );
  }
}

/** Recordings that have their answer, a failure included. */
export function nAnswered(counts: BatchEntry['counts']): number {
  return counts.ok + counts.inconclusive + counts.error;
}

function without(entries: readonly BatchEntry[], removed: readonly BatchEntry[]): readonly BatchEntry[] {
  if (removed.length === 0) return entries;
  const ids = new Set(removed.map(({ id }) => id));
  return entries.filter(({ id }) => !ids.has(id));
}
