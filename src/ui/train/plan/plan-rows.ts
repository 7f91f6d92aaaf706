// The plan as rows and counts for the page. Pure.

import { naturalKey } from '../../../core/natural-order.ts';
import type { PlannedRecording, TrainingPlan } from '../../../core/training/plan.ts';

export const PARTS = ['train', 'watch', 'validation'] as const;
export type Part = (typeof PARTS)[number];

/** One recording, where it goes, and who goes with it. */
export interface PlanRow {
  recording: PlannedRecording;
  part: Part;
  /** Ids of all recordings of its patient: they move together. */
  groupIds: readonly string[];
  /** The side that a hand chose for any of them. */
  pinned: 'training' | 'validation' | null;
  /** Lower case; what a search looks through. */
  searchText: string;
}

/** In natural order of the file names. */
export function planRows({ recordings, watchIds, validationIds }: TrainingPlan): PlanRow[] {
  const [watched, validating] = [new Set(watchIds), new Set(validationIds)];
  const groups = new Map<string, PlannedRecording[]>();
  for (const recording of recordings) {
    const members = groups.get(recording.group);
    if (members === undefined) groups.set(recording.group, [recording]);
    else members.push(recording);
  }
  const keys = new Map(recordings.map(({ id, fileName }) => [id, naturalKey(fileName)]));
  const key = ({ recording: { id } }: PlanRow): string => keys.get(id) ?? '';
  return recordings
    .map((recording): PlanRow => {
      const { id, fileName, group, source } = recording;
      const members = groups.get(group) ?? [recording];
      return {
        recording,
        part: validating.has(id) ? 'validation' : watched.has(id) ? 'watch' : 'train',
        groupIds: members.map((member) => member.id),
        pinned: members.find(({ side }) => side !== null)?.side ?? null,
        searchText: `${fileName}\n${group === id ? '' : group}\n${source}`.toLowerCase(),
      };
    })
    .sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

export interface RowsAsked {
  text: string;
  part: Part | null;
  label: string | null;
}

export function askedRows(rows: readonly PlanRow[], { text, part, label }: RowsAsked): PlanRow[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (part === null || row.part === part) &&
      (label === null || row.recording.label === label) &&
      row.searchText.includes(wanted),
  );
}

export interface PlanCount {
  n: number;
  nGroups: number;
  durationSec: number;
}

/** Of each class and part, and of all classes together (label null). */
export function planCounts(
  rows: readonly PlanRow[],
  labels: readonly string[],
): { label: string | null; parts: Record<Part, PlanCount>; all: PlanCount }[] {
  return [...labels, null].map((label) => {
    const own = label === null ? rows : rows.filter(({ recording }) => recording.label === label);
    const of = (part: Part): PlanCount => countOf(own.filter((row) => row.part === part));
    return {
      label,
      parts: { train: of('train'), watch: of('watch'), validation: of('validation') },
      all: countOf(own),
    };
  });
}

function countOf(rows: readonly PlanRow[]): PlanCount {
  return {
    n: rows.length,
    nGroups: new Set(rows.map(({ recording }) => recording.group)).size,
    durationSec: rows.reduce((sum, { recording }) => sum + recording.durationSec, 0),
  };
}
