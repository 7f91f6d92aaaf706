// Can the probabilities be taken at their word, and what is gained by leaving some recordings undecided?
// Reliability bins, expected calibration error, Brier score, log loss; coverage against risk.
// May import: nothing.

/** Source: Naeini, Cooper & Hauskrecht, AAAI 2015 (equal-width bins). */
const N_BINS = 10;

export interface ReliabilityBin {
  /** Bin of the predicted probability of the positive class, [low, high). */
  low: number;
  high: number;
  n: number;
  meanProbability: number | null;
  /** Fraction of the bin's recordings that are positive. */
  positiveFraction: number | null;
}

export interface Reliability {
  /** Σ (n_bin / n) · |positive fraction − mean probability|. */
  expectedCalibrationError: number | null;
  /** Mean squared error of the probability. */
  brier: number | null;
  /** Mean negative log likelihood, natural logarithm, to 12 decimals. */
  logLoss: number | null;
  bins: ReliabilityBin[];
}

/** Keeps log loss finite when a probability was rounded to 0 or 1. */
const PROBABILITY_FLOOR = 1e-12;

/** Engines differ in the last bits of a logarithm: rounded so far, a log loss is the same in every one. */
const LOG_LOSS_DECIMALS = 12;

/** @param probabilities of the positive class, 0..1 */
export function reliability(probabilities: readonly number[], positives: readonly boolean[]): Reliability {
  const n = probabilities.length;
  const sums = Array.from({ length: N_BINS }, () => ({ n: 0, probability: 0, positives: 0 }));
  let squared = 0;
  let loss = 0;
  probabilities.forEach((p, i) => {
    const y = positives[i] ? 1 : 0;
    const bin = sums[Math.min(N_BINS - 1, Math.floor(p * N_BINS))];
    if (bin === undefined) throw new RangeError(`Probability ${p} is outside 0..1`);
    bin.n++;
    bin.probability += p;
    bin.positives += y;
    squared += (p - y) ** 2;
    loss -= Math.log(Math.max(PROBABILITY_FLOOR, y === 1 ? p : 1 - p));
  });
  const bins = sums.map((bin, k): ReliabilityBin => ({
    low: k / N_BINS,
    high: (k + 1) / N_BINS,
    n: bin.n,
    meanProbability: bin.n === 0 ? null : bin.probability / bin.n,
    positiveFraction: bin.n === 0 ? null : bin.positives / bin.n,
  }));
  const gaps = sums.reduce((sum, bin) => sum + Math.abs(bin.positives - bin.probability), 0);
  return {
    expectedCalibrationError: n === 0 ? null : gaps / n,
    brier: n === 0 ? null : squared / n,
    logLoss: n === 0 ? null : Number((loss / n).toFixed(LOG_LOSS_DECIMALS)),
    bins,
  };
}

export interface CoveragePoint {
  /** Fraction of recordings answered, the surest first. */
  coverage: number;
  /** Fraction of the answered that are wrong. */
  risk: number;
}

/**
 * Risk as the least sure answers are left out, at each of `coverages`.
 * Ties in sureness at the cut share their errors evenly, so that the order of the recordings does not matter.
 * @param sureness larger is surer, any scale
 */
export function coverageRisk(
  sureness: readonly number[],
  wrong: readonly boolean[],
  coverages: readonly number[],
): CoveragePoint[] {
  const n = sureness.length;
  if (n === 0) return [];
  const order = sureness.map((_, i) => i).sort((a, b) => (sureness[b] as number) - (sureness[a] as number));
  // errors[k]: expected errors among the k surest.
  const errors = new Float64Array(n + 1);
  for (let start = 0; start < n;) {
    let end = start;
    let wrongHere = 0;
    while (end < n && sureness[order[end] as number] === sureness[order[start] as number])
      wrongHere += wrong[order[end++] as number] ? 1 : 0;
    for (let k = start; k < end; k++)
      errors[k + 1] = (errors[start] as number) + (wrongHere * (k + 1 - start)) / (end - start);
    start = end;
  }
  return coverages.map((coverage) => {
    const answered = Math.max(1, Math.round(coverage * n));
    return { coverage: answered / n, risk: (errors[answered] as number) / answered };
  });
}
