// How a person looks at a batch: which rows are shown, in which order, and which are selected. Thousands of rows
// may change several times a second: the order follows as often as a small share of the page's thread allows.

import { naturalRanks } from '../core/natural-order.ts';
import { searchable } from '../storage/searchable.ts';
import { sortKey, truthsOf, type Column, type SortContext } from './batch-columns.ts';
import type { BatchRow } from './batch-row.ts';
import { EVERYTHING, rowTest, type RowFilter } from './row-filter.ts';
import { allOf, extendedTo, NOTHING_SELECTED, shownOf, toggled, type RowSelection } from './row-selection.ts';

/** What of a batch is looked at. */
export interface BatchRows {
  /** One array a batch; its rows are replaced in place, and `version` tells of it. */
  readonly rows: readonly BatchRow[];
  readonly version: number;
  readonly isRunning: boolean;
  /** Of the model that judged, in its order. */
  readonly labels: readonly string[];
}

/** Null where rows are shown as they came. */
export type SortChoice = { column: Column; isDescending: boolean } | null;

/** What was chosen for the batch of these rows: another one begins anew. */
interface Choice {
  rows: readonly BatchRow[] | null;
  filter: RowFilter;
  sort: SortChoice;
  selection: RowSelection;
}

/** An order, what it was made of, when, and how long that took. */
interface Ordering {
  rows: readonly BatchRow[];
  version: number;
  filter: RowFilter;
  sort: SortChoice;
  ranks: Int32Array | null;
  order: Int32Array;
  atMs: number;
  costMs: number;
}

/** While a batch runs, ordering takes at most one part in so many of the time. */
const ORDERING_SHARE = 20;

const NO_CHOICE: Choice = { rows: null, filter: EVERYTHING, sort: null, selection: NOTHING_SELECTED };

export class BatchView {
  readonly #batch: BatchRows;
  readonly #now: () => number;
  readonly #pause: () => Promise<void>;
  #choice = $state.raw(NO_CHOICE);
  /** Natural order of the names of these rows; null ranks: being computed. */
  #naming = $state.raw<{ rows: readonly BatchRow[]; ranks: Int32Array | null } | null>(null);
  #folded: { rows: readonly BatchRow[]; names: string[] } | null = null;
  #latest: Ordering | null = null;

  readonly #current = $derived.by((): Choice => {
    const { rows } = this.#batch;
    return this.#choice.rows === rows ? this.#choice : NO_CHOICE;
  });
  readonly #truths = $derived.by(() => truthsOf(this.#batch.rows, this.#batch.labels));
  readonly #order = $derived.by(() => this.#follow(this.#current, this.#ranks()));

  readonly #selected = $derived.by((): ReadonlySet<number> => {
    const { selection } = this.#current;
    return selection.indices.size > 0 && this.isFiltered
      ? shownOf(selection, this.#order)
      : selection.indices;
  });

  /**
   * @param now milliseconds, for the cost of ordering
   * @param pause lets the page breathe between slices of work
   */
  constructor(batch: BatchRows, now: () => number, pause: () => Promise<void>) {
    this.#batch = batch;
    this.#now = now;
    this.#pause = pause;
  }

  /** Indices of the rows that are shown, from top to bottom. */
  get order(): Int32Array {
    return this.#order;
  }

  /** Of a row in the order that is shown, `step` places down; of none the first, or the last one up. */
  neighbour(index: number | null, step: number): number | undefined {
    const at = index === null ? -1 : this.#order.indexOf(index);
    const next = at < 0 ? (step > 0 ? 0 : this.#order.length - 1) : at + step;
    return this.#order[Math.min(this.#order.length - 1, Math.max(0, next))];
  }

  get filter(): RowFilter {
    return this.#current.filter;
  }

  get sort(): SortChoice {
    return this.#current.sort;
  }

  get isFiltered(): boolean {
    return rowTest(this.filter, () => []) !== null;
  }

  /** Indices of selected rows that are shown: a moved threshold may have taken others out of sight. */
  get selected(): ReadonlySet<number> {
    return this.#selected;
  }

  /** Narrows or widens what is shown. A selection does not outlive it: nobody acts on rows that they do not see. */
  setFilter(change: Partial<RowFilter>): void {
    this.#choose({ filter: { ...this.filter, ...change }, selection: NOTHING_SELECTED });
  }

  /** Only what is asked for, whatever the filter was. */
  showOnly(filter: Partial<RowFilter>): void {
    this.setFilter({ ...EVERYTHING, ...filter });
  }

  /** By a column: ascending, at the second time descending, at the third as the rows came. */
  sortBy(column: Column): void {
    const { sort } = this.#current;
    const isSame = sort?.column === column;
    this.#choose({ sort: isSame && sort.isDescending ? null : { column, isDescending: isSame } });
  }

  /** Selects a row, or takes it out of the selection. */
  toggle(index: number): void {
    this.#choose({ selection: toggled(this.#current.selection, index) });
  }

  /** Selects everything shown between the row selected last and this one. */
  selectTo(index: number): void {
    this.#choose({ selection: extendedTo(this.#current.selection, index, this.#order) });
  }

  selectAllShown(): void {
    this.#choose({ selection: allOf(this.#order) });
  }

  clearSelection(): void {
    this.#choose({ selection: NOTHING_SELECTED });
  }

  #choose(change: Partial<Choice>): void {
    this.#choice = { ...this.#current, ...change, rows: this.#batch.rows };
  }

  /** The latest order while a newer one would cost more than its share, else a new one. */
  #follow({ filter, sort }: Choice, ranks: Int32Array | null): Int32Array {
    const { rows, version, isRunning, labels } = this.#batch;
    const latest = this.#latest;
    const startMs = this.#now();
    const test = rowTest(filter, () => this.#foldedNames(rows));
    const isSameQuestion =
      latest?.rows === rows && latest.filter === filter && latest.sort === sort && latest.ranks === ranks;
    if (isSameQuestion) {
      if (version === latest.version || (!test && !sort)) return latest.order;
      if (isRunning && startMs - latest.atMs < latest.costMs * ORDERING_SHARE) return latest.order;
    }
    const order = shownRows(rows, test);
    if (sort) sortRows(order, rows, sort, { labels, truths: this.#truths, nameRanks: ranks });
    const atMs = this.#now();
    this.#latest = { rows, version, filter, sort, ranks, order, atMs, costMs: atMs - startMs };
    return order;
  }

  /** Null where they are not needed or not yet known: then the order follows once they are. */
  #ranks(): Int32Array | null {
    if (this.#current.sort?.column !== 'name') return null;
    const { rows } = this.#batch;
    if (this.#naming?.rows === rows) return this.#naming.ranks;
    queueMicrotask(() => void this.#rankNames(rows));
    return null;
  }

  async #rankNames(rows: readonly BatchRow[]): Promise<void> {
    if (this.#naming?.rows === rows) return;
    this.#naming = { rows, ranks: null };
    const ranks = await naturalRanks(
      rows.map(({ fileName }) => fileName),
      this.#pause,
    );
    if (this.#naming.rows === rows) this.#naming = { rows, ranks };
  }

  #foldedNames(rows: readonly BatchRow[]): string[] {
    if (this.#folded?.rows !== rows)
      this.#folded = { rows, names: rows.map(({ fileName }) => searchable(fileName)) };
    return this.#folded.names;
  }
}

/** Indices of the rows that pass, ascending. */
function shownRows(rows: readonly BatchRow[], test: ((row: BatchRow) => boolean) | null): Int32Array {
  const order = new Int32Array(rows.length);
  let n = 0;
  for (const row of rows) if (!test || test(row)) order[n++] = row.index;
  return order.subarray(0, n);
}

/** In place, stable in both directions; rows without a value come last in both. */
function sortRows(
  order: Int32Array,
  rows: readonly BatchRow[],
  { column, isDescending }: NonNullable<SortChoice>,
  context: SortContext,
): void {
  const keyOf = sortKey(column, context);
  const sign = isDescending ? -1 : 1;
  const keys = new Float64Array(rows.length);
  for (const row of rows) keys[row.index] = sign * keyOf(row);
  const keyAt = (index: number): number => keys[index] ?? NaN;
  const missing = order.filter((index) => Number.isNaN(keyAt(index)));
  const known = order.filter((index) => !Number.isNaN(keyAt(index)));
  order.set(known.sort((a, b) => keyAt(a) - keyAt(b) || a - b));
  order.set(missing, known.length);
}
