// Downloads of results, as JSON and CSV in the one schema of screen, command line and file. However many there are,
// they are written in slices with room between them, and what is written leaves the page's memory in parts.

import { resultsJson, type SkippedFile } from '../../core/report/results-json.ts';
import type { ResultsText } from '../../core/report/results-text.ts';
import type { RecordingResult } from '../../core/types.ts';
import { breathe } from '../../input/breathe.ts';
import { download } from '../common/download.ts';

/** Results in order, in portions of any size. */
export type ResultPortions = Iterable<readonly RecordingResult[]> | AsyncIterable<readonly RecordingResult[]>;

/** Hears how many results are written. */
export type OnWritten = (n: number) => void;

/** Results written at a time: with their windows some milliseconds' worth of text. */
const SLICE = 25;
/** Characters gathered before they are handed to the browser, which may keep them on disk. */
const PART_CHARS = 4 << 20;

/** @param labels of the model, in its order: each has a column */
export async function saveCsv(
  results: ResultPortions,
  labels: readonly string[],
  fileName: string,
  onWritten?: OnWritten,
): Promise<void> {
  const { resultsCsv } = await import('../../core/report/results-csv.ts');
  await save(resultsCsv(labels), results, fileName, 'text/csv;charset=utf-8', onWritten);
}

export async function saveJson(
  results: ResultPortions,
  skipped: readonly SkippedFile[],
  fileName: string,
  onWritten?: OnWritten,
): Promise<void> {
  await save(resultsJson(skipped), results, fileName, 'application/json', onWritten);
}

/** A file's name from that of a recording or a batch: its own without folders and extension, and ours. */
export function exportName(title: string, extension: 'csv' | 'json'): string {
  const name = title.slice(title.lastIndexOf('/') + 1).replace(/\.[a-z0-9]{2,4}$/i, '');
  return `${name}-heartbeat.${extension}`;
}

async function save(
  text: ResultsText,
  results: ResultPortions,
  fileName: string,
  type: string,
  onWritten: OnWritten | undefined,
): Promise<void> {
  download(fileName, type, await writeDocument(text, results, onWritten));
}

/** The document in parts. */
export async function writeDocument(
  text: ResultsText,
  results: ResultPortions,
  onWritten?: OnWritten,
): Promise<Blob> {
  const parts: Blob[] = [];
  let part = text.head();
  let n = 0;
  for await (const portion of results)
    for (let from = 0; from < portion.length; from += SLICE) {
      const slice = portion.slice(from, from + SLICE);
      part += text.rows(slice);
      n += slice.length;
      if (part.length > PART_CHARS) {
        parts.push(new Blob([part]));
        part = '';
      }
      onWritten?.(n);
      await breathe();
    }
  return new Blob([...parts, part + text.tail()]);
}
