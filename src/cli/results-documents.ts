// The documents of a run of predict, written while its results come. Imports core/report and output.

import { resultsCsv } from '../core/report/results-csv.ts';
import { resultsJson, type SkippedFile } from '../core/report/results-json.ts';
import type { ResultsText } from '../core/report/results-text.ts';
import type { RecordingResult } from '../core/types.ts';
import { GrowingFile, StandardOutput, type Output } from './output.ts';

interface Document {
  text: ResultsText;
  output: Output;
}

export class ResultsDocuments {
  readonly #documents: readonly Document[];

  private constructor(documents: readonly Document[]) {
    this.#documents = documents;
  }

  /**
   * Begins the files named; where none is, a table on standard output.
   * @param labels of the model, in its order: columns of the table
   * @throws OutputError
   */
  static async open(
    files: { csv?: string; json?: string },
    labels: readonly string[],
    skipped: readonly SkippedFile[],
  ): Promise<ResultsDocuments> {
    const documents: Document[] = [];
    if (files.csv !== undefined)
      documents.push({ text: resultsCsv(labels), output: await GrowingFile.create(files.csv) });
    if (files.json !== undefined)
      documents.push({ text: resultsJson(skipped), output: await GrowingFile.create(files.json) });
    if (documents.length === 0) documents.push({ text: resultsCsv(labels), output: new StandardOutput() });
    for (const { text, output } of documents) await output.write(text.head());
    return new ResultsDocuments(documents);
  }

  /** The next results, in the recordings' order. @throws OutputError */
  async write(results: readonly RecordingResult[]): Promise<void> {
    for (const { text, output } of this.#documents) await output.write(text.rows(results));
  }

  /** Ends every document, also when another cannot be. @throws OutputError the first there was */
  async finish(): Promise<void> {
    const ends = this.#documents.map(async ({ text, output }) => {
      try {
        await output.write(text.tail());
      } finally {
        await output.finish();
      }
    });
    const failed = (await Promise.allSettled(ends)).find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
