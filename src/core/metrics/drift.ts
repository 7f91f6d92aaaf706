// How far two histograms lie apart, and how far chance alone would put them: what a claim of drift rests on.
// May import: nothing.

export interface HistogramDistance {
  /** Total variation: the fraction of either that would have to move for the two to be alike, 0..1. */
  distance: number;
  /** What that would be on average if both were drawn from one source. */
  byChance: number;
}

/** Mean of the absolute value of a standard normal number. */
const MEAN_DEVIATION = Math.sqrt(2 / Math.PI);

/**
 * The chance part takes each bin's difference of two proportions as normal, which holds for some thirty in each.
 * @param a counts by bin
 * @param b counts by the same bins
 * @returns null where one of them is empty
 */
export function histogramDistance(a: readonly number[], b: readonly number[]): HistogramDistance | null {
  const [nA, nB] = [total(a), total(b)];
  if (nA === 0 || nB === 0) return null;
  let distance = 0;
  let byChance = 0;
  for (let bin = 0; bin < Math.max(a.length, b.length); bin++) {
    const [inA, inB] = [a[bin] ?? 0, b[bin] ?? 0];
    distance += Math.abs(inA / nA - inB / nB) / 2;
    const pooled = (inA + inB) / (nA + nB);
    byChance += (MEAN_DEVIATION * Math.sqrt(pooled * (1 - pooled) * (1 / nA + 1 / nB))) / 2;
  }
  return { distance, byChance };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, n) => sum + n, 0);
}
