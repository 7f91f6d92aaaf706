// Which rows of a batch are shown: what a person has chosen, as data and as a test of a row. Pure.

import { searchable } from '../storage/searchable.ts';
import { isWrong, rowClass, rowStatus, type RowStatus } from './batch-columns.ts';
import type { BatchRow, RowAnswer } from './batch-row.ts';

/** All of it has to hold; null: whatever it is. */
export interface RowFilter {
  /** Part of the name, whatever the case. */
  text: string;
  status: RowStatus | null;
  /** Of conclusive answers. */
  predictedClass: string | null;
  quality: RowAnswer['quality'];
  /** Heard on another side than the label. */
  wrongOnly: boolean;
  /** A cell of the confusion matrix: by the side of the threshold, conclusive or not. */
  cell: ConfusionCell | null;
}

export interface ConfusionCell {
  label: string;
  predicted: string;
}

export const EVERYTHING: RowFilter = {
  text: '',
  status: null,
  predictedClass: null,
  quality: null,
  wrongOnly: false,
  cell: null,
};

/**
 * The test for a filter; null where every row passes.
 * @param names of all rows by index, through `searchable`; asked for only where there is a text
 */
export function rowTest(
  filter: RowFilter,
  names: () => readonly string[],
): ((row: BatchRow) => boolean) | null {
  const { status, predictedClass, quality, wrongOnly, cell } = filter;
  const text = searchable(filter.text.trim());
  const tests: ((row: BatchRow) => boolean)[] = [];
  if (status !== null) tests.push((row) => rowStatus(row) === status);
  if (predictedClass !== null) tests.push((row) => rowClass(row) === predictedClass);
  if (quality !== null) tests.push((row) => row.phase === 'done' && row.answer?.quality === quality);
  if (wrongOnly) tests.push(isWrong);
  if (cell)
    tests.push(
      (row) =>
        row.phase === 'done' && row.label === cell.label && row.answer?.predictedClass === cell.predicted,
    );
  if (text !== '') {
    const folded = names();
    tests.push((row) => folded[row.index]?.includes(text) ?? false);
  }
  return tests.length === 0 ? null : (row) => tests.every((test) => test(row));
}
