// Reads comma-, semicolon- or tab-separated text into rows that know their line, for label files.
// Own code rather than papaparse: a label error must name the line, also after a quoted line break, and
// papaparse's types bring Node's globals into the pure core. The tests hold the two against each other.
// May import: core/sliced.

import { AppError } from '../errors.ts';
import { labelsText } from './labels-text.ts';
import { runAtOnce, type Sliced } from '../sliced.ts';

export interface CsvRow {
  /** 1-based line on which the row begins. */
  line: number;
  cells: string[];
}

const BYTE_ORDER_MARK = '\uFEFF';
/** Characters between two pauses: some milliseconds. */
const SLICE_CHARS = 2 ** 17;
/** More than any table of labels has: each cell takes some ten times the room of its letters. */
const MAX_CELLS = 10_000_000;
const MAX_ROWS = 2 ** 20;
const DELIMITERS = [',', ';', '\t'] as const;

/**
 * RFC 4180 with any of the three line ends; rows without any text are left out, cells are not trimmed.
 * The delimiter is the one that the first line holds most often.
 */
export function parseCsv(text: string): CsvRow[] {
  return runAtOnce(parseCsvSliced(text));
}

/** The same for a page: a table may have 20 million characters. */
export function* parseCsvSliced(text: string): Sliced<CsvRow[]> {
  const source = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const delimiter = guessDelimiter(source);
  const rows: CsvRow[] = [];
  let nCells = 0;
  let line = 1;
  let row: CsvRow = { line, cells: [] };
  let cell = '';
  let quoted = false;
  const endRow = () => {
    row.cells.push(cell);
    cell = '';
    nCells += row.cells.length;
    if (nCells > MAX_CELLS || rows.length > MAX_ROWS)
      throw new AppError('labels-invalid', labelsText.tooManyRows(MAX_ROWS));
    if (row.cells.some((c) => c.trim() !== '')) rows.push(row);
  };
  for (let i = 0; i < source.length; i++) {
    if (i % SLICE_CHARS === 0) yield;
    const char = source[i] as string;
    const lineEnds = char === '\n' || (char === '\r' && source[i + 1] !== '\n');
    if (lineEnds) line++;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (source[i + 1] === '"') {
        cell += char;
        i++;
      } else quoted = false;
    } else if (char === '"' && cell.trim() === '') {
      // Also after a space, as people write it.
      quoted = true;
      cell = '';
    } else if (char === delimiter) {
      row.cells.push(cell);
      cell = '';
    } else if (lineEnds) {
      endRow();
      row = { line, cells: [] };
    } else if (char !== '\r') cell += char;
  }
  endRow();
  return rows;
}

function guessDelimiter(source: string): string {
  const firstLine = source.slice(0, source.search(/[\r\n]|$/));
  const count = (delimiter: string) => firstLine.split(delimiter).length;
  return DELIMITERS.reduce<string>(
    (best, delimiter) => (count(delimiter) > count(best) ? delimiter : best),
    ',',
  );
}
