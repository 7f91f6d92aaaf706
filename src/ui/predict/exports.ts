// What the page offers for download: results as JSON and CSV, in the one schema of screen, command line and file.

import { formatResultsJson, type SkippedFile } from '../../core/report/results-json.ts';
import type { RecordingResult } from '../../core/types.ts';
import { download } from '../common/download.ts';

export function downloadJson(results: RecordingResult[], skipped: readonly SkippedFile[]): void {
  download(`${baseName(results)}.json`, 'application/json', formatResultsJson(results, skipped));
}

/** @param labels of the model, in its order: each has a column */
export async function downloadCsv(results: RecordingResult[], labels: readonly string[]): Promise<void> {
  const { formatResultsCsv } = await import('../../core/report/results-csv.ts');
  download(`${baseName(results)}.csv`, 'text/csv;charset=utf-8', formatResultsCsv(results, labels));
}

/** One result: the recording's name; several: a name that says what it is. */
function baseName(results: RecordingResult[]): string {
  const only = results.length === 1 ? results[0] : undefined;
  if (!only) return 'heartbeat-results';
  const name = only.fileName.slice(only.fileName.lastIndexOf('/') + 1);
  return `${name.replace(/\.[^.]+$/, '')}-heartbeat`;
}
