// How many recordings lie at which probability, in equal steps from 0 to 1, conclusive ones apart from the others.
// Pure.

import { rowStatus } from '../../state/batch-columns.ts';
import type { BatchRow } from '../../state/batch-row.ts';

/** A step of 0.02: the threshold moves by half of one. */
export const BINS = 50;

export interface ProbabilityHistogram {
  /** Answered recordings per step, by class: `[label][bin]`. */
  answered: Uint32Array[];
  inconclusive: Uint32Array;
  /** Of the highest step, all of them together; at least 1. */
  peak: number;
}

/** By the probability of `labels[1]`; for two labels. */
export function probabilityHistogram(
  rows: readonly BatchRow[],
  labels: readonly string[],
): ProbabilityHistogram {
  const answered = labels.map(() => new Uint32Array(BINS));
  const inconclusive = new Uint32Array(BINS);
  const all = new Uint32Array(BINS);
  for (const row of rows) {
    const status = rowStatus(row);
    const probability = row.answer?.probabilities[1];
    if (probability === undefined || status === 'unheard' || status === 'failed') continue;
    const bin = Math.min(BINS - 1, Math.floor(probability * BINS));
    const counts =
      status === 'ok' ? answered[labels.indexOf(row.answer?.predictedClass ?? '')] : inconclusive;
    if (counts) counts[bin] = (counts[bin] ?? 0) + 1;
    all[bin] = (all[bin] ?? 0) + 1;
  }
  return { answered, inconclusive, peak: Math.max(1, ...all) };
}
