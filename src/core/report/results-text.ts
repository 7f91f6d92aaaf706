// How a document of results is written: piece by piece, so that neither page nor command line ever holds the text
// of a large batch. The formats are results-csv.ts and results-json.ts.

import type { RecordingResult } from '../types.ts';

/** One document: its head, then rows as often as there are more in order, then its tail. Never used for a second one. */
export interface ResultsText {
  head(): string;
  rows(results: readonly RecordingResult[]): string;
  tail(): string;
}

/** The document of results that are all there already. */
export function wholeText(text: ResultsText, results: readonly RecordingResult[]): string {
  return text.head() + text.rows(results) + text.tail();
}
