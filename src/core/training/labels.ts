// Which recording carries which label: read from class folders, PhysioNet's REFERENCE.csv, or a CSV with a header.
// Page and command line hand over relative paths and the text of label files; nothing is read here.
// May import: core/errors, ./csv.

import { AppError } from '../errors.ts';
import { parseCsv, type CsvRow } from './csv.ts';

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
}

/** Source of every recording when the labels name none. */
export const ALL_SOURCES = 'all';

/** A candidate label file: any CSV beside or among the recordings. */
export interface LabelFile {
  /** Relative to the data folder, with forward slashes. */
  path: string;
  text: string;
  /** True when a person named it: then it must be readable and no other is used. */
  chosen?: boolean;
}

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

/** Names of classes as archives use them; the first list comes first in `labelOrder`: it is the negative class. */
const NEGATIVE_LABELS = ['normal', 'healthy', 'no-murmur', 'no_murmur', 'absent', 'negative'];
const KNOWN_LABELS = new Set([
  ...NEGATIVE_LABELS,
  'abnormal',
  'murmur',
  'present',
  'positive',
  'extrastole',
  'artifact',
]);

interface LabelRow {
  file: string;
  label: string;
  group: string | null;
  source: string | null;
  quality: 0 | 1 | null;
  labelFile: string;
  line: number;
}

/**
 * Labels for the recordings at `paths`. A chosen file wins; else CSVs with `file` and `label` columns;
 * else REFERENCE files; else folders named after classes.
 * @throws AppError `labels-invalid`, naming file and line, for a label file that contradicts itself or cannot be
 *   understood; also when nothing at all is labelled
 */
export function readLabels(paths: readonly string[], labelFiles: readonly LabelFile[]): LabelReading {
  const ids = paths.map(withForwardSlashes).sort();
  const chosen = labelFiles.filter((file) => file.chosen);
  const tables = (chosen.length > 0 ? chosen : labelFiles).map((file) => ({
    file,
    rows: parseCsv(file.text),
  }));
  const headed = tables.flatMap(({ file, rows }) => headerRows(file, rows) ?? []);
  const reference =
    headed.length > 0 ? [] : tables.flatMap(({ file, rows }) => referenceRows(file, rows) ?? []);
  if (chosen.length > 0 && headed.length + reference.length === 0)
    throw invalid(
      `${chosen[0]?.path ?? ''} has no labels: its first line must name the columns "file" and "label", or its lines must read "a0001,-1".`,
    );
  const rows = headed.length > 0 ? headed : reference;
  const reading =
    rows.length > 0 ? fromRows(ids, rows, headed.length > 0 ? 'csv' : 'reference') : fromFolders(ids);
  if (reading.recordings.length === 0)
    throw invalid(
      rows.length > 0
        ? `${rows[0]?.labelFile ?? ''}, line ${rows[0]?.line ?? 1}: neither "${rows[0]?.file ?? ''}" nor any other file named in it is among the ${ids.length} recordings.`
        : 'No labels found: put the recordings into folders named after their classes, or add a CSV with the columns "file" and "label".',
    );
  return reading;
}

/** Class names in output order: the usual name of the negative class first, then by alphabet. */
export function labelOrder(recordings: readonly { label: string }[]): string[] {
  const rank = (label: string) => (NEGATIVE_LABELS.includes(label.toLowerCase()) ? 0 : 1);
  return [...new Set(recordings.map((r) => r.label))].sort(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0),
  );
}

/** Rows of a CSV whose header names `file` and `label`; null when it does not. */
function headerRows(file: LabelFile, rows: readonly CsvRow[]): LabelRow[] | null {
  const [header, ...body] = rows;
  const names = header?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const column = (name: string) => names.indexOf(name);
  if (column('file') < 0 || column('label') < 0) return null;
  return body.map(({ line, cells }) => {
    const cell = (name: string) => cells[column(name)]?.trim() ?? '';
    const where = `${file.path}, line ${line}`;
    if (cell('file') === '') throw invalid(`${where}: the file's name is missing.`);
    if (cell('label') === '') throw invalid(`${where}: "${cell('file')}" has no label.`);
    const quality = cell('quality');
    if (!['', '0', '1'].includes(quality))
      throw invalid(`${where}: quality is "${quality}"; write 1 for clean, 0 for noisy, or nothing.`);
    return {
      file: cell('file'),
      label: cell('label'),
      group: cell('group') || null,
      source: cell('source') || null,
      quality: quality === '' ? null : quality === '1' ? 1 : 0,
      labelFile: file.path,
      line,
    };
  });
}

/** PhysioNet/CinC 2016: `a0001,-1`, optionally a third column with the signal's quality (1 good, 0 poor). */
function referenceRows(file: LabelFile, rows: readonly CsvRow[]): LabelRow[] | null {
  const isReference = /^reference[^/]*\.csv$/i.test(baseName(file.path));
  if (!isReference && !file.chosen) return null;
  if (!isReference && !rows.every(({ cells }) => ['1', '-1'].includes(cells[1]?.trim() ?? ''))) return null;
  return rows.map(({ line, cells }) => {
    const [name = '', value = '', quality = ''] = cells.map((cell) => cell.trim());
    if (name === '') throw invalid(`${file.path}, line ${line}: the recording's name is missing.`);
    if (value !== '1' && value !== '-1')
      throw invalid(
        `${file.path}, line ${line}: "${value}" is no label; write 1 for abnormal or -1 for normal.`,
      );
    return {
      file: name,
      label: value === '1' ? 'abnormal' : 'normal',
      group: null,
      // One REFERENCE.csv lies in the folder of each database.
      source: folderOf(file.path).split('/').at(-1) || null,
      quality: quality === '1' ? 1 : quality === '0' ? 0 : null,
      labelFile: file.path,
      line,
    };
  });
}

function fromRows(
  ids: readonly string[],
  rows: readonly LabelRow[],
  from: 'csv' | 'reference',
): LabelReading {
  const find = createFinder(ids);
  const found = new Map<string, LabelRow>();
  const missing: LabelReading['missing'] = [];
  for (const row of rows) {
    const id = find(row);
    if (id === null) {
      missing.push({ labelFile: row.labelFile, line: row.line, file: row.file });
      continue;
    }
    const before = found.get(id);
    if (before !== undefined && before.label !== row.label)
      throw invalid(
        `${row.labelFile}, line ${row.line}: "${row.file}" is ${row.label} here but ${before.label} in ${before.labelFile}, line ${before.line}.`,
      );
    if (before === undefined || before.quality === null) found.set(id, row);
  }
  const hasGroups = rows.some((row) => row.group !== null);
  const recordings = ids.flatMap((id): LabelledRecording[] => {
    const row = found.get(id);
    if (row === undefined) return [];
    const { label, group, source, quality } = row;
    return [{ id, label, group: group ?? id, source: source ?? ALL_SOURCES, quality }];
  });
  const unmatched = ids
    .filter((id) => !found.has(id))
    .map((path) => ({ path, reason: 'not named in the labels' }));
  return { recordings, unmatched, missing, from, hasGroups, notes: notesOn(hasGroups, missing, unmatched) };
}

/** The deepest folder that bears the name of a known class, else the first folder; what lies above it is the source. */
function fromFolders(ids: readonly string[]): LabelReading {
  const unmatched: LabelReading['unmatched'] = [];
  const recordings = ids.flatMap((id): LabelledRecording[] => {
    const folders = id.split('/').slice(0, -1);
    const known = folders.findLastIndex((folder) => KNOWN_LABELS.has(folder.toLowerCase()));
    const at = Math.max(known, 0);
    const label = folders[at];
    if (label === undefined) {
      unmatched.push({ path: id, reason: 'lies in no class folder' });
      return [];
    }
    // An archive is not a place of recording.
    const above = folders.slice(0, at).filter((folder) => !/\.zip$/i.test(folder));
    const source = above.join('/') || ALL_SOURCES;
    return [{ id, label: known >= 0 ? label.toLowerCase() : label, group: id, source, quality: null }];
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
function createFinder(ids: readonly string[]): (row: LabelRow) => string | null {
  const exact = new Set(ids);
  const byBaseName = new Map<string, string[]>();
  for (const id of ids) {
    const key = baseName(stem(id)).toLowerCase();
    byBaseName.set(key, [...(byBaseName.get(key) ?? []), id]);
  }
  return (row) => {
    const name = withForwardSlashes(row.file);
    const folder = folderOf(row.labelFile);
    const beside = folder === '' ? name : `${folder}/${name}`;
    for (const path of [beside, name]) if (exact.has(path)) return path;
    const fits = (id: string, path: string) => {
      const [a, b] = [stem(id).toLowerCase(), stem(path).toLowerCase()];
      return a === b || a.endsWith(`/${b}`);
    };
    const sameName = byBaseName.get(baseName(stem(name)).toLowerCase()) ?? [];
    const closest = [beside, name].map((path) => sameName.filter((id) => fits(id, path)));
    const candidates = closest.find((list) => list.length > 0) ?? [];
    if (candidates.length > 1)
      throw invalid(
        `${row.labelFile}, line ${row.line}: "${row.file}" could be ${candidates[0] ?? ''} or ${candidates[1] ?? ''}; write its folder too.`,
      );
    return candidates[0] ?? null;
  };
}

function notesOn(hasGroups: boolean, missing: readonly unknown[], unmatched: readonly unknown[]): string[] {
  const notes: string[] = [];
  if (!hasGroups)
    notes.push(
      'The labels name no group (patient), so each recording counts as its own: recordings of one person may fall on both sides of a split, and the figures may flatter.',
    );
  if (missing.length > 0) notes.push(`${missing.length} rows name a file that is not there.`);
  if (unmatched.length > 0) notes.push(`${unmatched.length} recordings have no label and are left out.`);
  return notes;
}

function invalid(message: string): AppError {
  return new AppError('labels-invalid', message);
}

function withForwardSlashes(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Without its extension, if it has one of an audio file: a dot may also be part of a bare name. */
function stem(path: string): string {
  return path.replace(/\.(wav|wave|flac|mp3|ogg|oga|opus|m4a|aac|mp4|webm|dat|hea)$/i, '');
}
