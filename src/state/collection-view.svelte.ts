// Which recordings of the collection are shown, in which order, and which are selected. Ids stand for recordings: the
// list changes under the view.

import type { CollectedRecording } from '../core/collection/types.ts';
import {
  ALL_RECORDINGS,
  filtered,
  inOrder,
  NONE_SELECTED,
  withRange,
  withToggled,
  type CollectionColumn,
  type CollectionFilter,
  type CollectionSelection,
  type CollectionSort,
} from './collection-rows.ts';
import type { CollectionState } from './collection.svelte.ts';

type Shown = Pick<CollectionState, 'recordings' | 'isDuplicate' | 'duplicates'>;

export class CollectionView {
  readonly #collection: Shown;
  #filter = $state.raw<CollectionFilter>(ALL_RECORDINGS);
  #sort = $state.raw<CollectionSort | null>(null);
  #selection = $state.raw<CollectionSelection>(NONE_SELECTED);

  readonly #shown = $derived.by(() => this.#inOrder());
  readonly #selected = $derived(
    this.#shown.filter(({ id }) => this.#selection.ids.has(id)).map(({ id }) => id),
  );

  constructor(collection: Shown) {
    this.#collection = collection;
  }

  get filter(): CollectionFilter {
    return this.#filter;
  }

  get isFiltered(): boolean {
    const { text, label, quality, duplicatesOnly } = this.#filter;
    return text.trim() !== '' || label !== null || quality !== null || duplicatesOnly;
  }

  get sort(): CollectionSort | null {
    return this.#sort;
  }

  get shown(): readonly CollectedRecording[] {
    return this.#shown;
  }

  /** Of those shown. */
  get selected(): readonly string[] {
    return this.#selected;
  }

  isSelected(id: string): boolean {
    return this.#selection.ids.has(id);
  }

  setFilter(change: Partial<CollectionFilter>): void {
    this.#filter = { ...this.#filter, ...change };
  }

  /** Once up, once down, then as they came. */
  sortBy(column: CollectionColumn): void {
    const current = this.#sort?.column === column ? this.#sort : null;
    this.#sort = current?.isDescending ? null : { column, isDescending: current !== null };
  }

  toggle(id: string): void {
    this.#selection = withToggled(this.#selected, id);
  }

  /** Everything shown from the one that was selected last. */
  selectTo(id: string): void {
    this.#selection = withRange(this.#selected, this.#selection.anchor, id, this.#shown);
  }

  selectAll(): void {
    this.#selection = withRange([], this.#shown[0]?.id ?? null, this.#shown.at(-1)?.id ?? '', this.#shown);
  }

  selectNone(): void {
    this.#selection = NONE_SELECTED;
  }

  #inOrder(): readonly CollectedRecording[] {
    const { recordings, duplicates } = this.#collection;
    const isDuplicate = (id: string): boolean => this.#collection.isDuplicate(id);
    const found = this.isFiltered ? filtered(recordings, this.#filter, isDuplicate) : recordings;
    return inOrder(found, this.#sort, this.#filter.duplicatesOnly ? duplicates : null);
  }
}
