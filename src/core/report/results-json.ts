// Results as JSON for programs: the whole of every result, and what was left out with the reason.
// Screen and command line both export through here.

import type { RecordingResult } from '../types.ts';
import { wholeText, type ResultsText } from './results-text.ts';

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

const INDENT = 2;
/** Where the results stand in the document: inside its object and its list. */
const RESULT_DEPTH = 2 * INDENT;

/**
 * The document as JSON, byte for byte what JSON.stringify makes of a ResultsDocument at an indent of 2, with a
 * newline at its end.
 */
export function resultsJson(skipped: readonly SkippedFile[]): ResultsText {
  let isEmpty = true;
  return {
    head: () => `{\n  "schema": ${JSON.stringify(RESULTS_SCHEMA)},\n  "results": [`,
    rows(results) {
      const texts = results.map((result) => indented(result, RESULT_DEPTH));
      const separator = isEmpty ? '' : ',';
      if (texts.length === 0) return '';
      isEmpty = false;
      return separator + texts.join(',');
    },
    tail: () => `${isEmpty ? '' : '\n  '}],\n  "skipped": ${indented(skipped, INDENT).trimStart()}\n}\n`,
  };
}

/** A value on lines of its own, this many spaces in. Line breaks inside its texts are escaped: all others are layout. */
function indented(value: unknown, depth: number): string {
  return `\n${JSON.stringify(value, null, INDENT)}`.replaceAll('\n', `\n${' '.repeat(depth)}`);
}

/** The document of results that are all there. */
export const formatResultsJson = (
  results: readonly RecordingResult[],
  skipped: readonly SkippedFile[] = [],
): string => wholeText(resultsJson(skipped), results);
