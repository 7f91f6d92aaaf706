// Results as a table for spreadsheets: one row a recording, RFC 4180, text that a spreadsheet would run as
// a formula escaped. Screen and command line both export through here.

import Papa from 'papaparse';
import type { RecordingResult } from '../types.ts';

type Cell = string | number | null;

/** Columns before and after those of the classes' probabilities, in order. */
const LEADING: [name: string, cell: (result: RecordingResult) => Cell][] = [
  ['file_name', (r) => r.fileName],
  ['status', (r) => r.status],
  ['predicted_class', (r) => r.predictedClass],
  ['confidence', (r) => r.confidence],
];
const TRAILING: [name: string, cell: (result: RecordingResult) => Cell][] = [
  ['threshold', (r) => r.threshold],
  ['duration_seconds', (r) => r.durationSec],
  ['sample_rate_hz', (r) => r.sampleRateHz],
  ['quality', (r) => r.quality?.verdict ?? null],
  ['heart_rate_bpm', (r) => r.heartRateBpm],
  ['model_id', (r) => r.model.id],
  ['model_version', (r) => r.model.version],
  ['backend', (r) => r.backend],
  ['processing_ms', (r) => r.processingMs.total],
  ['timestamp', (r) => r.timestamp],
  ['error_code', (r) => r.error?.code ?? null],
  ['error_message', (r) => r.error?.message ?? null],
];

/**
 * Results as CSV text: a header, then one row a result; lines end in CRLF, nothing is an empty cell.
 * @param labels classes that have a column even if no result knows them, in the model's order
 */
export function formatResultsCsv(
  results: readonly RecordingResult[],
  labels: readonly string[] = [],
): string {
  const classes = [
    ...new Set([...labels, ...results.flatMap((result) => Object.keys(result.probabilities))]),
  ];
  const columns = [
    ...LEADING,
    ...classes.map((label): [string, (result: RecordingResult) => Cell] => [
      `probability_${label}`,
      (result) => result.probabilities[label] ?? null,
    ]),
    ...TRAILING,
  ];
  const fields = columns.map(([name]) => name);
  const data = results.map((result) => columns.map(([, cell]) => cell(result)));
  return Papa.unparse({ fields, data }, { escapeFormulae: true, newline: '\r\n' }) + '\r\n';
}
