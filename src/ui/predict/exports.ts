// What the page offers for download: results as JSON and CSV, in the one schema of screen, command line and file.

import type { SkippedFile } from '../../input/collect-files.ts';
import type { RecordingResult } from '../../core/types.ts';
import { download } from '../common/download.ts';

export const RESULTS_SCHEMA = 'heartbeat-results/1';

export function resultsJson(results: RecordingResult[], skipped: readonly SkippedFile[]): string {
  return JSON.stringify({ schema: RESULTS_SCHEMA, results, skipped }, null, 2);
}

export function downloadJson(results: RecordingResult[], skipped: readonly SkippedFile[]): void {
  download(`${baseName(results)}.json`, 'application/json', resultsJson(results, skipped));
}

export async function downloadCsv(results: RecordingResult[]): Promise<void> {
  const { formatResultsCsv } = await import('../../core/report/results-csv.ts');
  download(`${baseName(results)}.csv`, 'text/csv;charset=utf-8', formatResultsCsv(results));
}

/** One result: the recording's name; several: a name that says what it is. */
function baseName(results: RecordingResult[]): string {
  const only = results.length === 1 ? results[0] : undefined;
  if (!only) return 'heartbeat-results';
  return `${only.fileName
    .split('/')
    .at(-1)
    ?.replace(/\.[^.]+$/, '')}-heartbeat`;
}
