// The recordings of the collection as rows: which pass a filter, in which order they stand, and what a click or a key
// makes of a selection. Pure.

import type { CollectedRecording } from '../core/collection/types.ts';
import { searchable } from '../storage/searchable.ts';

/** All of it has to hold; null: whatever it is. */
export interface CollectionFilter {
  /** Part of the name, the patient or the source, whatever the case. */
  text: string;
  /** Null in it: those without. */
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

export interface CollectionSort {
  column: CollectionColumn;
  isDescending: boolean;
}

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

export function filtered(
  recordings: readonly CollectedRecording[],
  { text, label, quality, duplicatesOnly }: CollectionFilter,
  isDuplicate: (id: string) => boolean,
): CollectedRecording[] {
  const wanted = searchable(text.trim());
  return recordings.filter(
    (recording) =>
      (label === null || recording.label === label.is) &&
      (quality === null || recording.quality.verdict === quality) &&
      (!duplicatesOnly || isDuplicate(recording.id)) &&
      (wanted === '' || searchedText(recording).includes(wanted)),
  );
}

function searchedText({ fileName, group, source }: CollectedRecording): string {
  return searchable(`${fileName}\0${group ?? ''}\0${source}`);
}

/** @param groups ids that stand together, in this order and whatever the sort; null: there are none */
export function inOrder(
  recordings: readonly CollectedRecording[],
  sort: CollectionSort | null,
  groups: readonly (readonly string[])[] | null,
): readonly CollectedRecording[] {
  if (groups !== null) {
    const byId = byIds(recordings);
    return groups.flatMap((ids) => ids.flatMap((id) => byId.get(id) ?? []));
  }
  if (sort === null) return recordings;
  const valueOf = SORT_VALUES[sort.column];
  const sign = sort.isDescending ? -1 : 1;
  const rows = recordings.map((recording) => ({ recording, value: valueOf(recording) }));
  rows.sort((a, b) => (a.value < b.value ? -sign : a.value > b.value ? sign : 0));
  return rows.map(({ recording }) => recording);
}

export function byIds(recordings: readonly CollectedRecording[]): Map<string, CollectedRecording> {
  return new Map(recordings.map((recording) => [recording.id, recording]));
}

export function idSet(groups: readonly (readonly string[])[]): ReadonlySet<string> {
  return new Set(groups.flat());
}

export interface CollectionSelection {
  ids: ReadonlySet<string>;
  /** Where a range begins: the one that was selected last. */
  anchor: string | null;
}

export const NONE_SELECTED: CollectionSelection = { ids: new Set(), anchor: null };

/** With a recording, or without it where it was selected. */
export function withToggled(selected: readonly string[], id: string): CollectionSelection {
  const ids = new Set(selected);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: id };
}

/** With everything shown from the anchor to a recording; with that alone where the anchor is not shown. */
export function withRange(
  selected: readonly string[],
  anchor: string | null,
  id: string,
  shown: readonly CollectedRecording[],
): CollectionSelection {
  const to = shown.findIndex((recording) => recording.id === id);
  if (to < 0) return { ids: new Set(selected), anchor };
  const at = shown.findIndex((recording) => recording.id === anchor);
  const from = at < 0 ? to : at;
  const range = shown.slice(Math.min(from, to), Math.max(from, to) + 1);
  return {
    ids: new Set([...selected, ...range.map((recording) => recording.id)]),
    anchor: at < 0 ? id : anchor,
  };
}
