// Which recording carries which label: read from class folders, PhysioNet's REFERENCE.csv, or a CSV with a header.
// Page and command line hand over relative paths and the text of label files; nothing is read here.
// May import: core/sliced, ./csv, ./label-names, ./label-table, ./labels-text.

import { forEachSliced, runAtOnce, type Sliced } from '../sliced.ts';
import { parseCsvSliced, type CsvRow } from './csv.ts';
import {
  folderOf,
  headedRows,
  invalidLabels,
  invalidRow,
  referenceRows,
  type LabelFile,
  type LabelRow,
} from './label-table.ts';
import { foldLabel, isKnownLabel } from './label-names.ts';
import { labelsText } from './labels-text.ts';

export type { LabelFile };

/** A recording with its label: what splits, training and evaluation work on. */
export interface LabelledRecording {
  /** Path relative to the data folder, with forward slashes. */
  id: string;
  label: string;
  /** What a split may never cut through: a patient; the recording itself where the labels name no group. */
  group: string;
  /** Where it was recorded; ALL_SOURCES where the labels do not say. */
  source: string;
  /** 1 clean, 0 noisy, null unknown. */
  quality: 0 | 1 | null;
  /** Where the stethoscope lay, as the labels write it; absent where they do not say. */
  site?: string;
}

/** Source of every recording when the labels name none. */
export const ALL_SOURCES = 'all';

export interface LabelReading {
  /** In order of path. */
  recordings: LabelledRecording[];
  /** Recordings without a label, with the reason. */
  unmatched: { path: string; reason: string }[];
  /** Rows that name a file which is not there. */
  missing: { labelFile: string; line: number; file: string }[];
  /** What the labels were read from. */
  from: 'csv' | 'reference' | 'folders';
  /** False when every recording is its own group: splits cannot keep a patient together then. */
  hasGroups: boolean;
  /** Sentences for the person who trains or evaluates. */
  notes: string[];
}

/**
 * Labels for the recordings at `paths`. A chosen file wins; else CSVs with `file` and `label` columns;
 * else REFERENCE files; else folders named after classes.
 * @throws AppError `labels-invalid`, naming file and line, for a label file that contradicts itself or cannot be
 *   understood; also when nothing at all is labelled
 */
export function readLabels(paths: readonly string[], labelFiles: readonly LabelFile[]): LabelReading {
  return runAtOnce(readLabelsSliced(paths, labelFiles));
}

/** The same for a page, with pauses. */
export function* readLabelsSliced(
  paths: readonly string[],
  labelFiles: readonly LabelFile[],
): Sliced<LabelReading> {
  const ids = paths.map(withForwardSlashes).sort();
  yield;
  const chosen = labelFiles.filter((file) => file.chosen);
  const tables: Table[] = [];
  for (const file of chosen.length > 0 ? chosen : labelFiles)
    tables.push({ file, rows: yield* parseCsvSliced(file.text) });
  const headed = yield* rowsOf(tables, headedRows);
  const reference = headed.length > 0 ? [] : yield* rowsOf(tables, referenceRows);
  if (chosen.length > 0 && headed.length + reference.length === 0)
    throw invalidLabels(labelsText.noLabels(chosen[0]?.path ?? ''));
  const rows = headed.length > 0 ? headed : reference;
  const reading =
    rows.length > 0
      ? yield* fromRows(ids, rows, headed.length > 0 ? 'csv' : 'reference')
      : yield* fromFolders(ids);
  if (reading.recordings.length === 0) {
    const [row] = rows;
    throw row
      ? invalidRow(row, labelsText.row.noneThere(row.file, ids.length))
      : invalidLabels(labelsText.nothingLabelled);
  }
  return reading;
}

interface Table {
  file: LabelFile;
  rows: CsvRow[];
}

function* rowsOf(
  tables: readonly Table[],
  read: (file: LabelFile, rows: readonly CsvRow[]) => Sliced<LabelRow[] | null>,
): Sliced<LabelRow[]> {
  const all: LabelRow[][] = [];
  for (const { file, rows } of tables) all.push((yield* read(file, rows)) ?? []);
  return all.flat();
}

function* fromRows(
  ids: readonly string[],
  rows: readonly LabelRow[],
  from: 'csv' | 'reference',
): Sliced<LabelReading> {
  const find = yield* createFinder(ids);
  const found = new Map<string, LabelRow>();
  const missing: LabelReading['missing'] = [];
  yield* forEachSliced(rows, (row) => {
    const id = find(row);
    if (id === null) {
      missing.push({ labelFile: row.labelFile, line: row.line, file: row.file });
      return;
    }
    const before = found.get(id);
    if (before !== undefined && foldLabel(before.label) !== foldLabel(row.label))
      throw invalidRow(
        row,
        labelsText.row.contradiction(row.file, row.label, before.label, before.labelFile, before.line),
      );
    if (before === undefined || before.quality === null) found.set(id, row);
  });
  const hasGroups = rows.some((row) => row.group !== null);
  const recordings: LabelledRecording[] = [];
  const unmatched: LabelReading['unmatched'] = [];
  yield* forEachSliced(ids, (id) => {
    const row = found.get(id);
    if (row === undefined) unmatched.push({ path: id, reason: labelsText.unnamed });
    else {
      const { group, source, quality, site } = row;
      recordings.push({
        id,
        label: foldLabel(row.label),
        group: group ?? id,
        source: source ?? ALL_SOURCES,
        quality,
        ...(site === undefined ? {} : { site }),
      });
    }
  });
  return { recordings, unmatched, missing, from, hasGroups, notes: notesOn(hasGroups, missing, unmatched) };
}

/** The deepest folder that bears the name of a known class, else the first folder; what lies above it is the source. */
function* fromFolders(ids: readonly string[]): Sliced<LabelReading> {
  const unmatched: LabelReading['unmatched'] = [];
  const recordings: LabelledRecording[] = [];
  yield* forEachSliced(ids, (id) => {
    const folders = id.split('/').slice(0, -1);
    const known = folders.findLastIndex(isKnownLabel);
    const at = Math.max(known, 0);
    const label = folders[at];
    if (label === undefined) {
      unmatched.push({ path: id, reason: labelsText.noClassFolder });
      return;
    }
    // An archive is not a place of recording.
    const above = folders.slice(0, at).filter((folder) => !/\.zip$/i.test(folder));
    const source = above.join('/') || ALL_SOURCES;
    recordings.push({
      id,
      label: known >= 0 ? label.toLowerCase() : label,
      group: id,
      source,
      quality: null,
    });
  });
  return {
    recordings,
    unmatched,
    missing: [],
    from: 'folders',
    hasGroups: false,
    notes: notesOn(false, [], unmatched),
  };
}

/**
 * A label file names recordings as its author had them: relative to itself or to the data folder, with or without
 * folders and extension (FLAC here, WAV there). An exact path is preferred; a name that fits several is an error.
 */
function* createFinder(ids: readonly string[]): Sliced<(row: LabelRow) => string | null> {
  const exact = new Set(ids);
  /** By every end of a path: `normal/p1/a` is also `p1/a` and `a`. */
  const byEnd = new Map<string, string[]>();
  yield* forEachSliced(ids, (id) => {
    for (const end of endsOf(stem(id).toLowerCase())) {
      const sameEnd = byEnd.get(end);
      if (sameEnd === undefined) byEnd.set(end, [id]);
      else sameEnd.push(id);
    }
  });
  return (row) => {
    const name = withForwardSlashes(row.file);
    const folder = folderOf(row.labelFile);
    const beside = folder === '' ? name : `${folder}/${name}`;
    for (const path of [beside, name]) if (exact.has(path)) return path;
    const [candidate, another] =
      byEnd.get(stem(beside).toLowerCase()) ?? byEnd.get(stem(name).toLowerCase()) ?? [];
    if (another !== undefined)
      throw invalidRow(row, labelsText.row.ambiguous(row.file, candidate ?? '', another));
    return candidate ?? null;
  };
}

/** Folders by which a table names a recording at most: all ends of a deep path together are its length squared. */
const MAX_NAMED_FOLDERS = 32;

/** `a/b/c`, `b/c`, `c`. */
function endsOf(path: string): string[] {
  const ends: string[] = [];
  for (let at = path.length; at >= 0 && ends.length <= MAX_NAMED_FOLDERS;) {
    at = path.lastIndexOf('/', at - 1);
    ends.push(path.slice(at + 1));
    if (at <= 0) break;
  }
  return ends;
}

function notesOn(hasGroups: boolean, missing: readonly unknown[], unmatched: readonly unknown[]): string[] {
  const notes: string[] = [];
  if (!hasGroups) notes.push(labelsText.noGroups);
  if (missing.length > 0) notes.push(labelsText.missing(missing.length));
  if (unmatched.length > 0) notes.push(labelsText.unlabelled(unmatched.length));
  return notes;
}

function withForwardSlashes(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');
}

/** Without its extension, if it has one of an audio file: a dot may also be part of a bare name. */
function stem(path: string): string {
  return path.replace(/\.(wav|wave|flac|mp3|ogg|oga|opus|m4a|aac|mp4|webm|dat|hea)$/i, '');
}
