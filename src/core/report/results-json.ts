// Results as JSON for programs: the whole of every result, and what was left out with the reason.
// Screen and command line both export through here.

import type { RecordingResult } from '../types.ts';

export const RESULTS_SCHEMA = 'heartbeat-results/1';

/** A file that was not heard, because it is no recording or cannot be opened. */
export interface SkippedFile {
  fileName: string;
  /** One sentence. */
  reason: string;
}

export interface ResultsDocument {
  schema: typeof RESULTS_SCHEMA;
  results: readonly RecordingResult[];
  skipped: readonly SkippedFile[];
}

/** The document as indented JSON text that ends in a newline. */
export function formatResultsJson(
  results: readonly RecordingResult[],
  skipped: readonly SkippedFile[] = [],
): string {
  const document: ResultsDocument = { schema: RESULTS_SCHEMA, results, skipped };
  return JSON.stringify(document, null, 2) + '\n';
}
