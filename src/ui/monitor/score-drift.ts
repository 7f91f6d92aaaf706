// The scores of late against those of a model's evaluation, in tenths. Pure. Comparable, because an evaluation keeps
// how many of its held-out scores fell into each tenth, on the same calibrated scale.

import { histogramDistance, type HistogramDistance } from '../../core/metrics/drift.ts';
import { histogram, type RecentAnswer } from '../../state/usage.ts';
import { asEvaluation } from '../evaluation/stored-evaluation.ts';

/** With fewer scores, chance would hide any difference. */
export const MIN_SCORES = 30;

export interface ScoreDrift extends HistogramDistance {
  nNow: number;
  nEvaluation: number;
  bins: { low: number; high: number; now: number; evaluation: number }[];
  hasDrifted: boolean;
}

/** Scores of one model among the latest answers. */
export function scoresOf(recent: readonly RecentAnswer[], modelSha256: string): number[] {
  return recent.flatMap(({ modelSha256: of, probability }) =>
    of === modelSha256 && probability !== null ? [probability] : [],
  );
}

/** How many times what chance makes a distance has to be before it is called drift. */
const CHANCE_FACTOR = 2;

/**
 * @param metrics of the model, as stored
 * @returns null where the evaluation has no scores of two classes
 */
export function scoreDrift(scores: readonly number[], metrics: unknown): ScoreDrift | null {
  const bins = asEvaluation(metrics)?.calibration?.bins ?? [];
  const now = histogram(scores, bins.length);
  const evaluation = bins.map(({ n }) => n);
  const [nNow, nEvaluation] = [scores.length, evaluation.reduce((sum, n) => sum + n, 0)];
  const distance = histogramDistance(now, evaluation);
  if (!distance) return null;
  return {
    ...distance,
    nNow,
    nEvaluation,
    bins: bins.map(({ low, high, n }, i) => ({
      low,
      high,
      now: (now[i] ?? 0) / nNow,
      evaluation: n / nEvaluation,
    })),
    hasDrifted: distance.distance > CHANCE_FACTOR * distance.byChance,
  };
}

/** Whether there is anything to compare scores with. */
export function hasScores(metrics: unknown): boolean {
  return (asEvaluation(metrics)?.calibration?.bins ?? []).some(({ n }) => n > 0);
}
