// Which recordings of the collection are shown, in which order, and which are selected. Ids stand for recordings: the
// list changes under the view.

import type { CollectedRecording } from '../core/collection/types.ts';
import { searchText } from '../storage/search-text.ts';
import type { CollectionState } from './collection.svelte.ts';

/** All of it has to hold; null: whatever it is. */
export interface CollectionFilter {
  /** Part of the name, the patient or the source, whatever the case. */
  text: string;
  /** `unlabelled`: those without. */
  label: { is: string | null } | null;
  quality: CollectedRecording['quality']['verdict'] | null;
  duplicatesOnly: boolean;
}

export const ALL_RECORDINGS: CollectionFilter = {
  text: '',
  label: null,
  quality: null,
  duplicatesOnly: false,
};

export const COLLECTION_COLUMNS = [
  'name',
  'label',
  'group',
  'source',
  'site',
  'duration',
  'quality',
] as const;
export type CollectionColumn = (typeof COLLECTION_COLUMNS)[number];

const QUALITY_ORDER = ['poor', 'fair', 'good'];

/** What a column is sorted by. */
const SORT_VALUES: Record<CollectionColumn, (recording: CollectedRecording) => string | number> = {
  name: ({ fileName }) => fileName,
  label: ({ label }) => label ?? '',
  group: ({ group }) => group ?? '',
  source: ({ source }) => source,
  site: ({ site }) => site ?? '',
  duration: ({ durationSec }) => durationSec,
  quality: ({ quality }) => QUALITY_ORDER.indexOf(quality.verdict),
};

export class CollectionView {
  readonly #collection: Pick<CollectionState, 'recordings' | 'isDuplicate' | 'duplicates'>;
  #filter = $state.raw<CollectionFilter>(ALL_RECORDINGS);
  #sort = $state.raw<{ column: CollectionColumn; isDescending: boolean } | null>(null);
  #picked = $state.raw<ReadonlySet<string>>(new Set());
  /** Where a range of the selection begins. */
  #anchor: string | null = null;

  readonly #shown = $derived(this.#inOrder());
  readonly #selected = $derived(this.#shown.filter(({ id }) => this.#picked.has(id)).map(({ id }) => id));

  constructor(collection: Pick<CollectionState, 'recordings' | 'isDuplicate' | 'duplicates'>) {
    this.#collection = collection;
  }

  get filter(): CollectionFilter {
    return this.#filter;
  }

  get isFiltered(): boolean {
    const { text, label, quality, duplicatesOnly } = this.#filter;
    return text.trim() !== '' || label !== null || quality !== null || duplicatesOnly;
  }

  get sort(): { column: CollectionColumn; isDescending: boolean } | null {
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
    return this.#picked.has(id);
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
    const picked = new Set(this.#selected);
    if (!picked.delete(id)) picked.add(id);
    this.#picked = picked;
    this.#anchor = id;
  }

  /** Everything shown from the one that was selected last. */
  selectTo(id: string): void {
    const places = [this.#anchor, id].map((one) => this.#shown.findIndex((each) => each.id === one));
    const [from = -1, to = -1] = places;
    if (from < 0 || to < 0) {
      this.toggle(id);
      return;
    }
    const range = this.#shown.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.#picked = new Set([...this.#selected, ...range.map((recording) => recording.id)]);
  }

  selectAll(): void {
    this.#picked = new Set(this.#shown.map(({ id }) => id));
  }

  selectNone(): void {
    this.#picked = new Set();
    this.#anchor = null;
  }

  #inOrder(): readonly CollectedRecording[] {
    const { recordings } = this.#collection;
    const found = this.isFiltered ? recordings.filter(this.#test()) : recordings;
    if (this.#filter.duplicatesOnly) return this.#byGroup(found);
    if (this.#sort === null) return found;
    const { column, isDescending } = this.#sort;
    const valueOf = SORT_VALUES[column];
    const values = found.map((recording) => ({ recording, value: valueOf(recording) }));
    values.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
    if (isDescending) values.reverse();
    return values.map(({ recording }) => recording);
  }

  #test(): (recording: CollectedRecording) => boolean {
    const { label, quality, duplicatesOnly } = this.#filter;
    const text = searchText(this.#filter.text.trim());
    return (recording) =>
      (label === null || recording.label === label.is) &&
      (quality === null || recording.quality.verdict === quality) &&
      (!duplicatesOnly || this.#collection.isDuplicate(recording.id)) &&
      (text === '' ||
        searchText(`${recording.fileName}\0${recording.group ?? ''}\0${recording.source}`).includes(text));
  }

  /** Those that are the same sound stand together. */
  #byGroup(found: readonly CollectedRecording[]): readonly CollectedRecording[] {
    const byId = new Map(found.map((recording) => [recording.id, recording]));
    return this.#collection.duplicates.flatMap((ids) => ids.flatMap((id) => byId.get(id) ?? []));
  }
}
