// Tables that name labels, row by row: a CSV with a header, or PhysioNet's REFERENCE.csv. Which recording a row means
// is found out in labels.ts. May import: core/errors, core/sliced, ./csv, ./labels-text.

import { AppError } from '../errors.ts';
import { mapSliced, type Sliced } from '../sliced.ts';
import { parseCsvSliced, type CsvRow } from './csv.ts';
import { MAX_NAME, plainText } from '../plain-text.ts';
import { labelsText } from './labels-text.ts';

/** A candidate label file: any CSV beside or among the recordings. */
export interface LabelFile {
  /** Relative to the data folder, with forward slashes. */
  path: string;
  text: string;
  /** True when a person named it: then it must be readable and no other is used. */
  chosen?: boolean;
}

export interface LabelRow {
  file: string;
  label: string;
  group: string | null;
  source: string | null;
  quality: 0 | 1 | null;
  /** Where the stethoscope lay, as the table writes it; absent where it does not say. */
  site?: string;
  labelFile: string;
  line: number;
}

/**
 * The labels that a table names; null where it is no table of labels.
 * @throws AppError `labels-invalid`, naming the line, where it cannot be understood
 */
export function* labelsNamedIn(file: LabelFile): Sliced<Set<string> | null> {
  const rows = yield* parseCsvSliced(file.text);
  const labelled = (yield* headedRows(file, rows)) ?? (yield* referenceRows(file, rows));
  return labelled && new Set(labelled.map(({ label }) => label));
}

/** Columns whose cells are names. */
const NAMES = ['label', 'group', 'source', 'site', 'position', 'location'];

/** Rows of a CSV whose header names `file` and `label`; null when it does not. */
export function* headedRows(file: LabelFile, rows: readonly CsvRow[]): Sliced<LabelRow[] | null> {
  const [header, ...body] = rows;
  const names = header?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  if (!names.includes('file') || !names.includes('label')) return null;
  const columns = new Map(names.map((name, at) => [name, at]));
  // A few labels, groups and sources are written thousands of times: each is kept once.
  const known = new Map<string, string>();
  const once = (text: string): string => {
    if (!known.has(text)) known.set(text, text);
    return known.get(text) ?? text;
  };
  return yield* mapSliced(body, ({ line, cells }): LabelRow => {
    const cell = (name: string) => plainText(cells[columns.get(name) ?? -1]?.trim() ?? '');
    const where = { labelFile: file.path, line };
    if (cell('file') === '') throw invalidRow(where, labelsText.row.noFile);
    if (cell('label') === '') throw invalidRow(where, labelsText.row.noLabel(cell('file')));
    const long = NAMES.find((name) => cell(name).length > MAX_NAME);
    if (long !== undefined) throw invalidRow(where, labelsText.row.tooLong(long, MAX_NAME));
    const quality = cell('quality');
    if (!['', '0', '1'].includes(quality)) throw invalidRow(where, labelsText.row.badQuality(quality));
    const site = cell('site') || cell('position') || cell('location');
    return {
      file: cell('file'),
      label: once(cell('label')),
      group: once(cell('group')) || null,
      source: once(cell('source')) || null,
      quality: quality === '' ? null : quality === '1' ? 1 : 0,
      ...(site === '' ? {} : { site: once(site) }),
      ...where,
    };
  });
}

/** PhysioNet/CinC 2016: `a0001,-1`, optionally a third column with the signal's quality (1 good, 0 poor). */
export function* referenceRows(file: LabelFile, rows: readonly CsvRow[]): Sliced<LabelRow[] | null> {
  const isReference = /^reference[^/]*\.csv$/i.test(baseName(file.path));
  if (!isReference && !file.chosen) return null;
  if (!isReference && !rows.every(({ cells }) => ['1', '-1'].includes(cells[1]?.trim() ?? ''))) return null;
  return yield* mapSliced(rows, ({ line, cells }): LabelRow => {
    const [name = '', value = '', quality = ''] = cells.map((cell) => cell.trim());
    const where = { labelFile: file.path, line };
    if (name === '') throw invalidRow(where, labelsText.row.noName);
    if (value !== '1' && value !== '-1') throw invalidRow(where, labelsText.row.badValue(value));
    return {
      file: name,
      label: value === '1' ? 'abnormal' : 'normal',
      group: null,
      // One REFERENCE.csv lies in the folder of each database.
      source: folderOf(file.path).split('/').at(-1) || null,
      quality: quality === '1' ? 1 : quality === '0' ? 0 : null,
      ...where,
    };
  });
}

export function invalidLabels(message: string): AppError {
  return new AppError('labels-invalid', message);
}

/** @param why the sentence after the place of the line */
export function invalidRow({ labelFile, line }: Pick<LabelRow, 'labelFile' | 'line'>, why: string): AppError {
  return invalidLabels(labelsText.where(labelFile, line) + why);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
