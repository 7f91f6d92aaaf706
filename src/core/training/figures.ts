// The figures of one set of answers, with their intervals, and their mean over sources. A set that is the whole of
// another has its figures already: they are not drawn twice.
// May import: core/metrics, core/training/answers, core/random.

import { bootstrapByGroup } from '../metrics/bootstrap.ts';
import {
  binaryCounts,
  binaryRates,
  confusionMatrix,
  multiClassRates,
  type ConfusionMatrix,
  type MultiClassRates,
} from '../metrics/confusion.ts';
import { wilsonRate, type Estimate, type Rate } from '../metrics/intervals.ts';
import { averagePrecision } from '../metrics/roc.ts';
import { Random } from '../random.ts';
import { AnswerSet, meanOf, type EvaluationItem } from './answers.ts';

export interface SubsetFigures {
  n: number;
  nGroups: number;
  /** Recordings of each class, in the order of `labels`. */
  nPerLabel: number[];
  /** Of labels[1]; with more than two labels the mean of one-against-the-rest over the classes present. */
  auroc: Estimate;
  /** MAcc: mean of sensitivity and specificity; with more than two labels the mean recall of the classes present. */
  meanAccuracy: Estimate;
  /** Null with more than two labels. */
  sensitivity: Rate | null;
  specificity: Rate | null;
  accuracy: Rate;
  /** Two labels: area under the precision–recall steps, no interval. */
  averagePrecision: number | null;
  f1: number | null;
  precision: number | null;
  /** `[truth][predicted]`. */
  confusion: ConfusionMatrix;
  perClass: MultiClassRates['perClass'];
  macro: MultiClassRates['macro'];
}

/** How intervals are drawn. */
export interface Draw {
  resamples: number;
  seed: number;
  /** Called as resamples are drawn, with how many recordings they held: a measure of the work done. */
  onDrawn?: (nRecordings: number) => void;
}

/** A figure that weights may be given to: how often each recording counts; null: once. */
type Statistic = (weights: Float64Array | null) => number | null;

export function figuresOf(set: AnswerSet, draw: Draw): SubsetFigures {
  const { items, labels } = set;
  const confusion = confusionMatrix(set.truth, set.predicted, labels.length);
  const { perClass, macro } = multiClassRates(confusion);
  const correct = confusion.reduce((sum, row, k) => sum + (row[k] ?? 0), 0);
  const [auroc, meanAccuracy] = estimate(
    items,
    [(weights) => set.auroc(weights), (weights) => set.meanAccuracy(weights)],
    draw,
  );
  const counts = labels.length === 2 ? binaryCounts(confusion) : null;
  const rates = counts && binaryRates(counts);
  return {
    n: items.length,
    nGroups: set.nGroups,
    nPerLabel: perClass.map((rate) => rate.support),
    auroc: auroc ?? undefinedEstimate(items.length),
    meanAccuracy: meanAccuracy ?? undefinedEstimate(items.length),
    sensitivity: counts && wilsonRate(counts.truePositive, counts.truePositive + counts.falseNegative),
    specificity: counts && wilsonRate(counts.trueNegative, counts.trueNegative + counts.falsePositive),
    accuracy: wilsonRate(correct, items.length),
    averagePrecision: counts && averagePrecision(set.scores[1] ?? [], set.isClass(1)),
    f1: rates ? rates.f1 : macro.f1,
    precision: rates ? rates.precision : macro.precision,
    confusion,
    perClass,
    macro,
  };
}

/** Figures of each part of a set by the part's name. @param whole figures of the whole set */
export function figuresByPart(
  set: AnswerSet,
  nameOf: (item: EvaluationItem) => string,
  names: readonly string[],
  whole: SubsetFigures | null,
  draw: Draw,
): Record<string, SubsetFigures> {
  return Object.fromEntries(
    names.map((name) => {
      const part = set.items.filter((item) => nameOf(item) === name);
      const isWhole = whole !== null && part.length === set.items.length;
      return [name, isWhole ? whole : figuresOf(new AnswerSet(part, set.labels), draw)];
    }),
  );
}

/** Unweighted mean over the sources in which the figure is defined, with a bootstrap inside each source. */
export function meanOverSources(
  set: AnswerSet,
  sources: readonly string[],
  figure: (part: AnswerSet, weights: Float64Array | null) => number | null,
  draw: Draw,
): Estimate {
  const parts = sources.map((source) => {
    const indices = set.items.flatMap((item, i) => (item.source === source ? [i] : []));
    const items = indices.map((i) => set.items[i] as EvaluationItem);
    return { indices, answers: new AnswerSet(items, set.labels), weights: new Float64Array(indices.length) };
  });
  const mean: Statistic = (weights) =>
    meanOf(
      parts.map((part) => {
        if (weights === null) return figure(part.answers, null);
        for (let k = 0; k < part.indices.length; k++)
          part.weights[k] = weights[part.indices[k] as number] as number;
        return figure(part.answers, part.weights);
      }),
    );
  return estimate(set.items, [mean], draw)[0] ?? undefinedEstimate(set.items.length);
}

function estimate(
  items: readonly EvaluationItem[],
  statistics: readonly Statistic[],
  { resamples, seed, onDrawn }: Draw,
): Estimate[] {
  const design = {
    groups: items.map((item) => item.group),
    strata: items.map((item) => item.source),
    resamples,
    random: new Random(seed),
  };
  return bootstrapByGroup(
    design,
    statistics.map((statistic) => statistic(null)),
    (weights) => {
      onDrawn?.(items.length);
      return statistics.map((statistic) => statistic(weights));
    },
  );
}

function undefinedEstimate(n: number): Estimate {
  return { value: null, low: null, high: null, n };
}
