// Figures that need no threshold: AUROC, the ROC curve and the precision–recall curve.
// One ordering by score serves all of them and thousands of bootstrap resamples, which only change weights.
// May import: nothing.

/** Examples ordered from the highest score to the lowest, equal scores side by side. */
export interface ScoreOrder {
  /** Index of the example at each rank. */
  index: Int32Array;
  /** 1 where the example at this rank has the same score as the one before it. */
  tied: Uint8Array;
  /** 1 where the example at this rank is positive. */
  positive: Uint8Array;
}

/** @throws RangeError for a score that is not a number: NaN has no rank */
export function orderByScore(scores: ArrayLike<number>, positives: ArrayLike<boolean>): ScoreOrder {
  const n = scores.length;
  for (let i = 0; i < n; i++) if (Number.isNaN(scores[i])) throw new RangeError(`Score ${i} is not a number`);
  const index = Int32Array.from({ length: n }, (_, i) => i);
  index.sort((a, b) => compareDescending(scores[a] as number, scores[b] as number) || a - b);
  const tied = new Uint8Array(n);
  const positive = new Uint8Array(n);
  for (let rank = 0; rank < n; rank++) {
    const example = index[rank] as number;
    positive[rank] = positives[example] ? 1 : 0;
    tied[rank] = rank > 0 && scores[example] === scores[index[rank - 1] as number] ? 1 : 0;
  }
  return { index, tied, positive };
}

/** Not a difference: infinite logits must compare as equal, and ∞ − ∞ is NaN. */
function compareDescending(a: number, b: number): number {
  return a === b ? 0 : a > b ? -1 : 1;
}

/**
 * Area under the ROC curve: the probability that a random positive scores higher than a random negative,
 * ties counted half (Mann–Whitney U / (n₊ n₋)). Null when a class is missing.
 * @param weights of each example, by its original index; null: all 1
 */
export function aurocOf(order: ScoreOrder, weights: ArrayLike<number> | null = null): number | null {
  const { index, tied, positive } = order;
  let positivesAbove = 0;
  let negatives = 0;
  let won = 0;
  let tiePositives = 0;
  let tieNegatives = 0;
  for (let rank = 0; rank < index.length; rank++) {
    if (tied[rank] === 0) {
      won += tieNegatives * (positivesAbove + tiePositives / 2);
      positivesAbove += tiePositives;
      negatives += tieNegatives;
      tiePositives = 0;
      tieNegatives = 0;
    }
    const weight = weights === null ? 1 : (weights[index[rank] as number] as number);
    if (positive[rank] === 1) tiePositives += weight;
    else tieNegatives += weight;
  }
  won += tieNegatives * (positivesAbove + tiePositives / 2);
  const pairs = (positivesAbove + tiePositives) * (negatives + tieNegatives);
  return pairs === 0 ? null : won / pairs;
}

/** `aurocOf` for scores used once. */
export function auroc(scores: ArrayLike<number>, positives: ArrayLike<boolean>): number | null {
  return aurocOf(orderByScore(scores, positives));
}

/** In columns, from the strictest threshold to the laxest: one point for each distinct score. */
export interface RocCurve {
  /** The score from which on an example is called positive. */
  thresholds: Float64Array;
  sensitivity: Float64Array;
  /** 1 − specificity. */
  falsePositiveRate: Float64Array;
}

/** The curve begins at (0, 0), which no score reaches and which is left out. Null when a class is missing. */
export function rocCurve(scores: ArrayLike<number>, positives: ArrayLike<boolean>): RocCurve | null {
  const steps = cumulate(scores, positives);
  const total = steps.at(-1);
  if (total === undefined || total.positives === 0 || total.negatives === 0) return null;
  return {
    thresholds: Float64Array.from(steps, (step) => step.score),
    sensitivity: Float64Array.from(steps, (step) => step.positives / total.positives),
    falsePositiveRate: Float64Array.from(steps, (step) => step.negatives / total.negatives),
  };
}

export interface PrecisionRecallPoint {
  threshold: number;
  precision: number;
  recall: number;
}

/** From the strictest threshold to the laxest, one point for each distinct score. Empty without positives. */
export function precisionRecallCurve(
  scores: ArrayLike<number>,
  positives: ArrayLike<boolean>,
): PrecisionRecallPoint[] {
  const steps = cumulate(scores, positives);
  const nPositive = steps.at(-1)?.positives ?? 0;
  if (nPositive === 0) return [];
  return steps.map((step) => ({
    threshold: step.score,
    precision: step.positives / (step.positives + step.negatives),
    recall: step.positives / nPositive,
  }));
}

/** Area under the precision–recall steps: Σ (recallₖ − recallₖ₋₁) · precisionₖ, without interpolation. */
export function averagePrecision(scores: ArrayLike<number>, positives: ArrayLike<boolean>): number | null {
  const curve = precisionRecallCurve(scores, positives);
  if (curve.length === 0) return null;
  let area = 0;
  let recall = 0;
  for (const point of curve) {
    area += (point.recall - recall) * point.precision;
    recall = point.recall;
  }
  return area;
}

/** Positives and negatives at or above each distinct score. */
function cumulate(scores: ArrayLike<number>, positives: ArrayLike<boolean>) {
  const order = orderByScore(scores, positives);
  const steps: { score: number; positives: number; negatives: number }[] = [];
  let above = 0;
  let below = 0;
  for (let rank = 0; rank < order.index.length; rank++) {
    if (order.positive[rank] === 1) above++;
    else below++;
    const step = { score: scores[order.index[rank] as number] as number, positives: above, negatives: below };
    if (order.tied[rank] === 1) steps[steps.length - 1] = step;
    else steps.push(step);
  }
  return steps;
}
