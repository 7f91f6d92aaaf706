// From the network's outputs per window to one answer per recording: logits, calibration, threshold,
// the inconclusive band. Arithmetic only; the network itself is in classifier.ts.

import type { InconclusiveReason, Quality } from '../types.ts';
import type { ModelManifest } from './manifest.ts';

type Judgement = Pick<
  ModelManifest,
  'labels' | 'output' | 'aggregation' | 'calibration' | 'threshold' | 'inconclusiveBand'
>;

/** Keeps the logit of a probability finite: ±16.1. */
const PROBABILITY_FLOOR = 1e-7;

export function sigmoid(logit: number): number {
  return logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));
}

export function logit(probability: number): number {
  const p = Math.min(1 - PROBABILITY_FLOOR, Math.max(PROBABILITY_FLOOR, probability));
  return Math.log(p / (1 - p));
}

function softmax(logits: number[]): number[] {
  const peak = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - peak));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}

/** One number per output unit, before the sigmoid or softmax, whatever the last layer gives. */
export function toLogits(outputs: number[], output: ModelManifest['output']): number[] {
  if (output === 'sigmoid-probability') return outputs.map(logit);
  if (output === 'softmax-probability') return outputs.map((p) => Math.log(Math.max(p, PROBABILITY_FLOOR)));
  return outputs;
}

/**
 * One set of uncalibrated logits for a recording.
 * @param windows logits per window, `[nWindows][1]` or `[nWindows][nLabels]`, at least one window
 */
export function aggregateLogits(
  windows: number[][],
  manifest: Pick<Judgement, 'output' | 'aggregation'>,
): number[] {
  const mean = (rows: number[][]): number[] =>
    (rows[0] ?? []).map((_, i) => rows.reduce((sum, row) => sum + (row[i] ?? 0), 0) / rows.length);
  if (manifest.aggregation === 'mean-logit') return mean(windows);
  if (manifest.output.startsWith('sigmoid')) return mean(windows.map((row) => row.map(sigmoid))).map(logit);
  return mean(windows.map(softmax)).map((p) => Math.log(Math.max(p, PROBABILITY_FLOOR)));
}

/** Logit of `labels[1]` against `labels[0]`, for a two-label model of either output. */
export function binaryLogit(logits: number[]): number {
  return logits.length === 1 ? (logits[0] ?? 0) : (logits[1] ?? 0) - (logits[0] ?? 0);
}

/** Calibrated probabilities by label, in the manifest's label order; they sum to 1. */
export function calibratedProbabilities(
  logits: number[],
  manifest: Pick<Judgement, 'labels' | 'calibration'>,
): Record<string, number> {
  const { labels, calibration } = manifest;
  if (labels.length === 2) {
    const raw = binaryLogit(logits);
    const p = sigmoid(calibratedLogit(raw, calibration));
    return { [labels[0] ?? '']: 1 - p, [labels[1] ?? '']: p };
  }
  const scaled =
    calibration.kind === 'temperature' ? logits.map((value) => value / calibration.temperature) : logits;
  const probabilities = softmax(scaled);
  return Object.fromEntries(labels.map((label, i) => [label, probabilities[i] ?? 0]));
}

export function calibratedLogit(raw: number, calibration: ModelManifest['calibration']): number {
  if (calibration.kind === 'platt') return calibration.slope * raw + calibration.intercept;
  if (calibration.kind === 'temperature') return raw / calibration.temperature;
  return raw;
}

export interface Decision {
  status: 'ok' | 'inconclusive';
  inconclusiveReasons: InconclusiveReason[];
  predictedClass: string;
  /** Null when inconclusive. */
  confidence: number | null;
}

/**
 * The answer, or that there is none.
 * @param threshold on the calibrated probability of `labels[1]`; with more than two labels the likeliest wins
 */
export function decide(
  probabilities: Record<string, number>,
  threshold: number,
  quality: Pick<Quality, 'verdict'> | null,
  manifest: Pick<Judgement, 'labels' | 'threshold' | 'inconclusiveBand'>,
): Decision {
  const { labels } = manifest;
  const reasons: InconclusiveReason[] = quality?.verdict === 'poor' ? ['poor-quality'] : [];
  const decided = (predictedClass: string, confidence: number): Decision =>
    reasons.length > 0
      ? { status: 'inconclusive', inconclusiveReasons: reasons, predictedClass, confidence: null }
      : { status: 'ok', inconclusiveReasons: [], predictedClass, confidence };
  if (labels.length > 2) {
    const predictedClass = labels.reduce((best, label) =>
      (probabilities[label] ?? 0) > (probabilities[best] ?? 0) ? label : best,
    );
    return decided(predictedClass, probabilities[predictedClass] ?? 0);
  }
  const [negative = '', positive = ''] = labels;
  const p = probabilities[positive] ?? 0;
  const band = shiftedBand(manifest, threshold);
  if (band && p > band.low && p < band.high) reasons.push('near-threshold');
  return decided(p >= threshold ? positive : negative, confidenceAt(p, threshold));
}

/** 0.5 at the threshold, 1 at certainty on either side, linear between. */
function confidenceAt(p: number, threshold: number): number {
  const distance =
    p >= threshold
      ? (p - threshold) / Math.max(1 - threshold, PROBABILITY_FLOOR)
      : (threshold - p) / Math.max(threshold, PROBABILITY_FLOOR);
  return 0.5 + 0.5 * Math.min(1, distance);
}

/** The band of the manifest, moved along with a threshold that a person chose: equal steps in logits. */
export function shiftedBand(
  manifest: Pick<Judgement, 'threshold' | 'inconclusiveBand'>,
  threshold: number,
): { low: number; high: number } | null {
  const band = manifest.inconclusiveBand;
  if (!band || threshold === manifest.threshold) return band;
  const shift = logit(threshold) - logit(manifest.threshold);
  return { low: sigmoid(logit(band.low) + shift), high: sigmoid(logit(band.high) + shift) };
}
