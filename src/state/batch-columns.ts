// What the columns of the batch table say of a row, as words and as numbers to sort by. Pure.

import type { BatchRow, RowAnswer } from './batch-row.ts';

export const COLUMNS = [
  'status',
  'name',
  'class',
  'probability',
  'confidence',
  'quality',
  'heartRate',
  'duration',
  'label',
] as const;
export type Column = (typeof COLUMNS)[number];

/** Best first, as they sort. */
export const QUALITIES = ['good', 'fair', 'poor'] as const;

/** What became of a recording. `unheard`: waiting, under way, or never come to. */
export const ROW_STATUSES = ['ok', 'inconclusive', 'failed', 'unheard'] as const;
export type RowStatus = (typeof ROW_STATUSES)[number];

export function rowStatus({ phase, answer }: Pick<BatchRow, 'phase' | 'answer'>): RowStatus {
  if (phase !== 'done' || !answer) return 'unheard';
  return answer.status === 'error' ? 'failed' : answer.status;
}

/** The class that a row is counted under; null without a conclusive answer. */
export function rowClass(row: BatchRow): string | null {
  return rowStatus(row) === 'ok' ? (row.answer?.predictedClass ?? null) : null;
}

/** The probability that the table shows: of two classes that of the second, of more that of the likeliest; 0..1. */
export function shownProbability(answer: RowAnswer | null, labels: readonly string[]): number | null {
  if (!answer || answer.probabilities.length === 0) return null;
  if (labels.length === 2) return answer.probabilities[1] ?? null;
  return answer.probabilities[labels.indexOf(answer.predictedClass ?? '')] ?? null;
}

/** Heard on another side than its label, as an evaluation counts: by the side of the threshold, conclusive or not. */
export function isWrong({ phase, answer, label }: BatchRow): boolean {
  const side = phase === 'done' ? (answer?.predictedClass ?? null) : null;
  return side !== null && label !== null && side !== label;
}

/** The labels of a model, then those that only the truth knows, by alphabet. */
export function truthsOf(rows: readonly BatchRow[], labels: readonly string[]): readonly string[] {
  const others = new Set<string>();
  for (const { label } of rows) if (label !== null && !labels.includes(label)) others.add(label);
  return [...labels, ...[...others].sort()];
}

/** What more than the row itself its number in a column depends on. */
export interface SortContext {
  /** Of the model, in its order. */
  labels: readonly string[];
  /** Truths in the order in which they sort. */
  truths: readonly string[];
  /** The place of each row's name in natural order; null while it is not known: rows stay as they came. */
  nameRanks: Int32Array | null;
}

/** Rows under way, waiting and cancelled come after all that is answered, in this order. */
const UNHEARD_PHASES: readonly BatchRow['phase'][] = ['working', 'queued', 'cancelled', 'done'];

/** A row's number in a column, ascending; NaN where it has none. */
export function sortKey(column: Column, context: SortContext): (row: BatchRow) => number {
  const orMissing = (value: number | null | undefined): number => value ?? NaN;
  const placeIn = (list: readonly string[], value: string | null): number => {
    const place = value === null ? -1 : list.indexOf(value);
    return place < 0 ? NaN : place;
  };
  switch (column) {
    case 'status':
      return (row) => {
        const status = rowStatus(row);
        const place = ROW_STATUSES.indexOf(status);
        return status === 'unheard' ? place + UNHEARD_PHASES.indexOf(row.phase) : place;
      };
    case 'name':
      return (row) => context.nameRanks?.[row.index] ?? row.index;
    case 'class':
      return (row) => placeIn(context.labels, rowClass(row));
    case 'probability':
      return (row) => orMissing(shownProbability(row.answer, context.labels));
    case 'confidence':
      return (row) => orMissing(row.answer?.confidence);
    case 'quality':
      return (row) => placeIn(QUALITIES, row.answer?.quality ?? null);
    case 'heartRate':
      return (row) => orMissing(row.answer?.heartRateBpm);
    case 'duration':
      return (row) => orMissing(row.answer?.durationSec);
    case 'label':
      return (row) => placeIn(context.truths, row.label);
  }
}
