// Results as a table for spreadsheets: one row a recording. Screen and command line both export through here.

import { ofLabel } from '../by-label.ts';
import type { RecordingResult } from '../types.ts';
import { csvLines, type CsvCell } from './csv-lines.ts';
import { wholeText, type ResultsText } from './results-text.ts';

type Column = [name: string, cell: (result: RecordingResult) => CsvCell];

/** Columns before and after those of the classes' probabilities, in order. */
const LEADING: Column[] = [
  ['file_name', (r) => r.fileName],
  ['status', (r) => r.status],
  ['predicted_class', (r) => r.predictedClass],
  ['confidence', (r) => r.confidence],
];
const TRAILING: Column[] = [
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
 * Results as CSV: a header, then one row a result; lines end in CRLF, nothing is an empty cell.
 * @param labels the classes of the model that judged, in its order: each has a column
 */
export function resultsCsv(labels: readonly string[]): ResultsText {
  const columns: Column[] = [
    ...LEADING,
    ...labels.map((label): Column => [
      `probability_${label}`,
      (r) => ofLabel(r.probabilities, label) ?? null,
    ]),
    ...TRAILING,
  ];
  return {
    head: () => csvLines([columns.map(([name]) => name)]),
    rows: (results) => csvLines(results.map((result) => columns.map(([, cell]) => cell(result)))),
    tail: () => '',
  };
}

/** The document of results that are all there. */
export const formatResultsCsv = (results: readonly RecordingResult[], labels: readonly string[]): string =>
  wholeText(resultsCsv(labels), results);
