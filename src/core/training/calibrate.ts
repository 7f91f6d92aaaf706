// From raw scores to probabilities that mean what they say, and to the cut between two classes:
// Platt scaling, temperature, the threshold of best MAcc, the inconclusive band. Whose predictions these are
// fitted on is held-out.ts's business. May import: core/errors, core/metrics, core/model/{aggregate,manifest}.

import { AppError } from '../errors.ts';
import { calibratedLogit, logit, sigmoid } from '../model/aggregate.ts';
import type { Calibration } from '../model/manifest.ts';
import { quantile } from '../metrics/bootstrap.ts';
import { trainingText } from './training-text.ts';

const MAX_ITERATIONS = 100;
/** Keeps the Hessian invertible when the scores separate the classes. Source: Lin, Lin & Weng 2007. */
const RIDGE = 1e-12;
const GRADIENT_TOLERANCE = 1e-7;
/**
 * Smallest slope of a calibration: scores that speak against the truth on the recordings at hand are flattened,
 * never turned round. Calibration says how sure to be; which way a score points is the network's to say.
 */
const MIN_SLOPE = 0.05;
/** Logit of a probability indistinguishable from 0 or 1, the ends of the search for an intercept. */
const MAX_INTERCEPT = 40;

/**
 * `p = sigmoid(slope · logit + intercept)`, fitted by Newton's method with backtracking on Platt's softened targets
 * (n₊+1)/(n₊+2) and 1/(n₋+2), which keep a separable set from an infinite slope. The slope is at least MIN_SLOPE.
 * Source: Platt 1999; Lin, Lin & Weng, Machine Learning 68 (2007) 267–276.
 * @throws AppError `not-enough-examples` when a class is missing
 */
export function fitPlatt(
  logits: readonly number[],
  positives: readonly boolean[],
): Calibration & { kind: 'platt' } {
  const nPositive = positives.filter(Boolean).length;
  const nNegative = positives.length - nPositive;
  requireBothClasses(nPositive, nNegative);
  const high = (nPositive + 1) / (nPositive + 2);
  const low = 1 / (nNegative + 2);
  const targets = positives.map((positive) => (positive ? high : low));
  let slope = 0;
  let intercept = Math.log((nPositive + 1) / (nNegative + 1));
  let loss = plattLoss(logits, targets, slope, intercept);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    let gradientSlope = 0;
    let gradientIntercept = 0;
    let h11 = RIDGE;
    let h22 = RIDGE;
    let h21 = 0;
    logits.forEach((x, i) => {
      const p = sigmoid(slope * x + intercept);
      const error = p - (targets[i] as number);
      const curvature = p * (1 - p);
      gradientSlope += x * error;
      gradientIntercept += error;
      h11 += x * x * curvature;
      h22 += curvature;
      h21 += x * curvature;
    });
    if (Math.max(Math.abs(gradientSlope), Math.abs(gradientIntercept)) < GRADIENT_TOLERANCE) break;
    const determinant = h11 * h22 - h21 * h21;
    const stepSlope = -(h22 * gradientSlope - h21 * gradientIntercept) / determinant;
    const stepIntercept = -(h11 * gradientIntercept - h21 * gradientSlope) / determinant;
    let size = 1;
    let next = plattLoss(logits, targets, slope + stepSlope, intercept + stepIntercept);
    while (next > loss && size > 1e-10) {
      size /= 2;
      next = plattLoss(logits, targets, slope + size * stepSlope, intercept + size * stepIntercept);
    }
    if (next > loss) break;
    slope += size * stepSlope;
    intercept += size * stepIntercept;
    loss = next;
  }
  if (slope >= MIN_SLOPE) return { kind: 'platt', slope, intercept };
  return { kind: 'platt', slope: MIN_SLOPE, intercept: interceptAt(MIN_SLOPE, logits, targets) };
}

/** Intercept at which the mean probability is the mean target, by bisection: it rises with the intercept. */
function interceptAt(slope: number, logits: readonly number[], targets: readonly number[]): number {
  const wanted = targets.reduce((a, b) => a + b, 0);
  let low = -MAX_INTERCEPT;
  let high = MAX_INTERCEPT;
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const middle = (low + high) / 2;
    const sum = logits.reduce((total, x) => total + sigmoid(slope * x + middle), 0);
    if (sum < wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function plattLoss(
  logits: readonly number[],
  targets: readonly number[],
  slope: number,
  intercept: number,
): number {
  let loss = 0;
  logits.forEach((x, i) => {
    const z = slope * x + intercept;
    // −t·log p − (1−t)·log(1−p) without overflow: log(1 + eᶻ) − t·z.
    loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (targets[i] as number) * z;
  });
  return loss;
}

const MAX_TEMPERATURE = 100;
const MIN_TEMPERATURE = 0.01;

/**
 * One temperature for all classes that minimises the log loss of `softmax(logits / temperature)`.
 * Newton's method on 1/temperature, in which the loss is convex. Source: Guo et al., ICML 2017.
 * @param logits `[n][nLabels]`; with one column the softmax is over (0, logit)
 * @param labels index of each example's class
 */
export function fitTemperature(
  logits: readonly (readonly number[])[],
  labels: readonly number[],
): Calibration & { kind: 'temperature' } {
  if (logits.length === 0) throw new AppError('not-enough-examples', trainingText.nothingToCalibrate);
  const rows = logits.map((row) => (row.length === 1 ? [0, ...row] : row));
  let inverse = 1;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    let gradient = 0;
    let curvature = RIDGE;
    rows.forEach((row, i) => {
      const peak = Math.max(...row);
      const powers = row.map((value) => Math.exp(inverse * (value - peak)));
      const sum = powers.reduce((a, b) => a + b, 0);
      const mean = row.reduce((total, value, k) => total + (value * (powers[k] as number)) / sum, 0);
      const square = row.reduce(
        (total, value, k) => total + (value * value * (powers[k] as number)) / sum,
        0,
      );
      gradient += mean - (row[labels[i] as number] as number);
      curvature += square - mean * mean;
    });
    const wanted = inverse - gradient / curvature;
    // At most a factor of two a step: far from the optimum the curvature all but vanishes.
    const next = Math.min(
      Math.max(wanted, inverse / 2, 1 / MAX_TEMPERATURE),
      inverse * 2,
      1 / MIN_TEMPERATURE,
    );
    const done = Math.abs(next - inverse) < 1e-10;
    inverse = next;
    if (done) break;
  }
  return { kind: 'temperature', temperature: 1 / inverse };
}

/**
 * About one standard error of MAcc on a thousand recordings: cuts this close to the best are equals, and the middle
 * one of them is likelier to hold on new recordings than the peak of a jagged curve.
 * Over seven models' out-of-fold scores the nested MAcc was .861 at 0.01, .859 at 0.002.
 */
const PLATEAU_TOLERANCE = 0.01;

/**
 * The cut on a probability with the best MAcc: `probability >= threshold` is positive. Candidates lie midway
 * between neighbouring scores; the middle one of those within PLATEAU_TOLERANCE of the best is taken.
 * @throws AppError `not-enough-examples` when a class is missing
 */
export function chooseThreshold(probabilities: readonly number[], positives: readonly boolean[]): number {
  const nPositive = positives.filter(Boolean).length;
  const nNegative = positives.length - nPositive;
  requireBothClasses(nPositive, nNegative);
  const order = probabilities
    .map((_, i) => i)
    .sort((a, b) => (probabilities[a] as number) - (probabilities[b] as number));
  const score = (rank: number) => probabilities[order[rank] as number] as number;
  // Below the lowest score everything is positive.
  const cuts = [{ threshold: score(0) / 2, meanAccuracy: 0.5 }];
  let missed = 0;
  let spared = 0;
  for (let rank = 0; rank < order.length; rank++) {
    if (positives[order[rank] as number]) missed++;
    else spared++;
    const next = rank + 1 < order.length ? score(rank + 1) : 1;
    if (next === score(rank)) continue;
    const meanAccuracy = (1 - missed / nPositive + spared / nNegative) / 2;
    cuts.push({ threshold: (score(rank) + next) / 2, meanAccuracy });
  }
  const best = Math.max(...cuts.map((cut) => cut.meanAccuracy));
  const equals = cuts.filter((cut) => cut.meanAccuracy >= best - PLATEAU_TOLERANCE);
  return equals[Math.floor((equals.length - 1) / 2)]?.threshold ?? 0.5;
}

/**
 * The band of calibrated probabilities in which a stated fraction of the recordings is left undecided: those whose
 * logit is nearest to the threshold's. Errors gather there, so giving up few answers avoids many of them.
 * @param inconclusiveFraction of the given predictions inside the band, 0..1
 * @returns null for a fraction of 0
 */
export function chooseBand(
  probabilities: readonly number[],
  threshold: number,
  inconclusiveFraction: number,
): { low: number; high: number } | null {
  if (inconclusiveFraction <= 0 || probabilities.length === 0) return null;
  const cut = logit(threshold);
  const distances = Float64Array.from(probabilities, (p) => Math.abs(logit(p) - cut)).sort();
  const half = quantile(distances, Math.min(1, inconclusiveFraction));
  return { low: sigmoid(cut - half), high: sigmoid(cut + half) };
}

/** What turns a raw logit into an answer between two classes. */
export interface BinaryJudgement {
  calibration: Calibration & { kind: 'platt' };
  threshold: number;
  band: { low: number; high: number } | null;
}

/** Calibration, then threshold and band on the calibrated probabilities, all from the same predictions. */
export function fitJudgement(
  logits: readonly number[],
  positives: readonly boolean[],
  inconclusiveFraction: number,
): BinaryJudgement {
  const calibration = fitPlatt(logits, positives);
  const probabilities = logits.map((value) => sigmoid(calibratedLogit(value, calibration)));
  const threshold = chooseThreshold(probabilities, positives);
  return { calibration, threshold, band: chooseBand(probabilities, threshold, inconclusiveFraction) };
}

function requireBothClasses(nPositive: number, nNegative: number): void {
  if (nPositive === 0 || nNegative === 0)
    throw new AppError('not-enough-examples', trainingText.calibrateBoth);
}
