// Answers with their truth, in columns: what the figures of an evaluation are computed from, as they are and over
// thousands of resamples. May import: core/errors, core/metrics.

import { AppError } from '../errors.ts';
import { aurocOf, orderByScore, rocCurve, type RocCurve } from '../metrics/roc.ts';
import { trainingText } from './training-text.ts';

/** One recording, its truth, and what was answered. */
export interface EvaluationItem {
  id: string;
  label: string;
  group: string;
  source: string;
  quality: 0 | 1 | null;
  /** Calibrated, in the order of `labels`; they sum to 1. */
  probabilities: number[];
  /** On the probability of `labels[1]`, chosen without this recording; ignored with more than two labels. */
  threshold: number;
  /** The program would not have answered: too near the threshold, or too poor a recording. */
  inconclusive: boolean;
}

/** A curve, and the class that counts as positive in it. */
export interface LabelledRocCurve extends RocCurve {
  label: string;
}

/** Answers in columns, with the orderings that thousands of resamples share. */
export class AnswerSet {
  readonly items: readonly EvaluationItem[];
  readonly labels: readonly string[];
  readonly truth: number[];
  readonly predicted: number[];
  /** `[label][item]` */
  readonly scores: number[][];
  readonly nGroups: number;
  /** One against the rest for each class; for two classes the second alone says it all. */
  readonly #classes: number[];
  readonly #orders;

  constructor(items: readonly EvaluationItem[], labels: readonly string[]) {
    this.items = items;
    this.labels = labels;
    this.truth = items.map((item) => {
      const index = labels.indexOf(item.label);
      if (index < 0)
        throw new AppError('labels-invalid', trainingText.unknownLabel(item.id, item.label, labels));
      return index;
    });
    this.predicted = items.map((item) => predictedIndex(item, labels.length));
    this.scores = labels.map((_, k) => items.map((item) => item.probabilities[k] ?? 0));
    this.nGroups = new Set(items.map((item) => item.group)).size;
    this.#classes = labels.length === 2 ? [1] : labels.map((_, k) => k);
    this.#orders = this.#classes.map((k) => orderByScore(this.scores[k] ?? [], this.isClass(k)));
  }

  isClass(k: number): boolean[] {
    return this.truth.map((truth) => truth === k);
  }

  isWrong(i: number): boolean {
    return this.truth[i] !== this.predicted[i];
  }

  auroc(weights: ArrayLike<number> | null): number | null {
    return meanOf(this.#orders.map((order) => aurocOf(order, weights)));
  }

  /** Of the classes that the AUROC is about; one that has no recordings, or all of them, has no curve. */
  rocCurves(): LabelledRocCurve[] {
    return this.#classes.flatMap((k) => {
      const curve = rocCurve(this.scores[k] ?? [], this.isClass(k));
      return curve === null ? [] : [{ label: this.labels[k] ?? '', ...curve }];
    });
  }

  /** Mean recall of the classes present, which for two classes is MAcc; null if one of two is missing. */
  meanAccuracy(weights: ArrayLike<number> | null): number | null {
    const total = new Float64Array(this.labels.length);
    const right = new Float64Array(this.labels.length);
    const { truth, predicted } = this;
    for (let i = 0; i < truth.length; i++) {
      const k = truth[i] as number;
      const weight = weights === null ? 1 : (weights[i] as number);
      total[k] = (total[k] as number) + weight;
      if (predicted[i] === k) right[k] = (right[k] as number) + weight;
    }
    const recalls = Array.from(total, (n, k) => (n === 0 ? null : (right[k] as number) / n));
    return this.labels.length === 2 && recalls.includes(null) ? null : meanOf(recalls);
  }
}

/** The rule of the program itself: at or above the threshold is positive; of many labels the likeliest. */
function predictedIndex(item: EvaluationItem, nLabels: number): number {
  if (nLabels === 2) return (item.probabilities[1] ?? 0) >= item.threshold ? 1 : 0;
  return item.probabilities.reduce((best, p, k) => (p > (item.probabilities[best] ?? 0) ? k : best), 0);
}

/** Distance of the answer from its threshold in logits; with many labels the probability of the answer. */
export function sureness(item: EvaluationItem, nLabels: number): number {
  if (nLabels !== 2) return Math.max(...item.probabilities);
  const logit = (p: number) => Math.log(p) - Math.log1p(-p);
  const distance = Math.abs(logit(item.probabilities[1] ?? 0) - logit(item.threshold));
  return Number.isNaN(distance) ? Infinity : distance;
}

/** Of the numbers that are defined; null when none is. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}
