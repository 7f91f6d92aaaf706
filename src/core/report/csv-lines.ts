// Tables for spreadsheets: RFC 4180, text that a spreadsheet would run as a formula escaped. Every CSV goes out here.

import Papa from 'papaparse';

export type CsvCell = string | number | null;

/** Of RFC 4180. */
const LINE_END = '\r\n';

/** What a spreadsheet takes for a formula, whatever follows: the library's own pattern lets a text of two lines through. */
const FORMULA = /^[=+\-@\t\r]/;

/** Rows as lines that each end in CRLF; nothing is an empty cell. */
export function csvLines(rows: CsvCell[][]): string {
  if (rows.length === 0) return '';
  return Papa.unparse(rows, { escapeFormulae: FORMULA, newline: LINE_END }) + LINE_END;
}
