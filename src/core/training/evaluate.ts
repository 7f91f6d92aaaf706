// The whole report of an evaluation from a list of answers: pooled, per source, over unseen sources, calibration,
// coverage against risk, baselines, each with n and a 95 % interval. Same numbers for page, command line and card.
// May import: core/metrics, core/training/{answers,split,baselines}, core/random, core/errors.

import { AppError } from '../errors.ts';
import { bootstrapByGroup, RESAMPLES } from '../metrics/bootstrap.ts';
import {
  binaryCounts,
  binaryRates,
  confusionMatrix,
  multiClassRates,
  type ConfusionMatrix,
  type MultiClassRates,
} from '../metrics/confusion.ts';
import { wilsonRate, type Estimate, type Rate } from '../metrics/intervals.ts';
import { coverageRisk, reliability, type CoveragePoint, type Reliability } from '../metrics/reliability.ts';
import { averagePrecision } from '../metrics/roc.ts';
import { Random } from '../random.ts';
import { AnswerSet, meanOf, sureness, type EvaluationItem } from './answers.ts';
import { baselines, type Baselines } from './baselines.ts';
import { kFoldSplit } from './split.ts';

export const EVALUATION_SCHEMA = 'heartbeat-evaluation/1';

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

export interface UnseenSources {
  /** Each source answered by a model that never heard it. */
  perSource: Record<string, SubsetFigures>;
  meanAuroc: Estimate;
  meanMeanAccuracy: Estimate;
}

export interface CoverageFigures {
  /** Recordings answered outside the inconclusive band (or of good enough quality). */
  answered: Rate;
  /** Wrong among the answered, and among those left undecided. */
  riskAnswered: Rate;
  riskInconclusive: Rate;
  meanAccuracyAnswered: number | null;
  /** Risk as the answers nearest to the threshold are left out. */
  curve: CoveragePoint[];
}

export interface EvaluationReport {
  schema: typeof EVALUATION_SCHEMA;
  labels: string[];
  n: number;
  nGroups: number;
  pooled: SubsetFigures;
  perSource: Record<string, SubsetFigures>;
  /** Unweighted mean of the sources' AUROCs: what the model knows beyond the place of recording. */
  meanSourceAuroc: Estimate;
  /** Clean, noisy and unknown recordings apart. */
  perQuality: Record<string, SubsetFigures>;
  leaveOneSourceOut: UnseenSources | null;
  /** Two labels only. */
  baselines: Baselines | null;
  calibration: Reliability | null;
  coverage: CoverageFigures;
  intervals: {
    confidence: 0.95;
    rates: 'wilson';
    others: 'bootstrap by group inside each source';
    resamples: number;
    seed: number;
  };
}

export interface EvaluationOptions {
  /** Class names in output order; the second is the positive one of two. */
  labels: readonly string[];
  /** Fold of each item when the answers come from cross-validation: the baselines then use the same folds. */
  folds?: readonly string[];
  /** Answers about each source by a model trained without it. */
  unseen?: readonly EvaluationItem[];
  seed?: number;
  resamples?: number;
}

const DEFAULT_SEED = 1;
const BASELINE_FOLDS = 5;
const COVERAGES = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];

/**
 * @throws AppError `not-enough-examples` for an empty list; `labels-invalid` for a label that the model does not know
 */
export function evaluate(items: readonly EvaluationItem[], options: EvaluationOptions): EvaluationReport {
  if (items.length === 0)
    throw new AppError(
      'not-enough-examples',
      'There is nothing to evaluate: no recording has an answer and a label.',
    );
  const { labels, seed = DEFAULT_SEED, resamples = RESAMPLES } = options;
  const set = new AnswerSet(items, labels);
  const draw = { resamples, seed };
  const sources = [...new Set(items.map((item) => item.source))].sort();
  const qualities = new Map(items.map((item) => [qualityName(item.quality), item.quality]));
  return {
    schema: EVALUATION_SCHEMA,
    labels: [...labels],
    n: items.length,
    nGroups: set.nGroups,
    pooled: figuresOf(set, draw),
    perSource: bySource(items, labels, sources, draw),
    meanSourceAuroc: meanOverSources(set, sources, (part, weights) => part.auroc(weights), draw),
    perQuality: Object.fromEntries(
      [...qualities].map(([name, quality]) => [
        name,
        figuresOf(
          new AnswerSet(
            items.filter((item) => item.quality === quality),
            labels,
          ),
          draw,
        ),
      ]),
    ),
    leaveOneSourceOut:
      options.unseen && options.unseen.length > 0 ? unseenFigures(options.unseen, labels, draw) : null,
    baselines: labels.length === 2 ? baselineFigures(items, set, options.folds, seed) : null,
    calibration: labels.length === 2 ? reliability(set.scores[1] ?? [], set.isClass(1)) : null,
    coverage: coverageOf(set),
    intervals: {
      confidence: 0.95,
      rates: 'wilson',
      others: 'bootstrap by group inside each source',
      resamples,
      seed,
    },
  };
}

interface Draw {
  resamples: number;
  seed: number;
}

function figuresOf(set: AnswerSet, draw: Draw): SubsetFigures {
  const { items, labels } = set;
  const confusion = confusionMatrix(set.truth, set.predicted, labels.length);
  const { perClass, macro } = multiClassRates(confusion);
  const correct = confusion.reduce((sum, row, k) => sum + (row[k] ?? 0), 0);
  const [auroc, meanAccuracy] = bootstrapByGroup(
    designOf(items, draw),
    [set.auroc(null), set.meanAccuracy(null)],
    (weights) => [set.auroc(weights), set.meanAccuracy(weights)],
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

function bySource(
  items: readonly EvaluationItem[],
  labels: readonly string[],
  sources: readonly string[],
  draw: Draw,
) {
  return Object.fromEntries(
    sources.map((source) => [
      source,
      figuresOf(
        new AnswerSet(
          items.filter((item) => item.source === source),
          labels,
        ),
        draw,
      ),
    ]),
  );
}

/** Unweighted mean over the sources in which the figure is defined, with a bootstrap inside each source. */
function meanOverSources(
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
  const mean = (weights: Float64Array | null) =>
    meanOf(
      parts.map((part) => {
        if (weights === null) return figure(part.answers, null);
        part.indices.forEach((i, k) => (part.weights[k] = weights[i] as number));
        return figure(part.answers, part.weights);
      }),
    );
  const [estimate] = bootstrapByGroup(designOf(set.items, draw), [mean(null)], (weights) => [mean(weights)]);
  return estimate ?? undefinedEstimate(set.items.length);
}

function unseenFigures(
  items: readonly EvaluationItem[],
  labels: readonly string[],
  draw: Draw,
): UnseenSources {
  const set = new AnswerSet(items, labels);
  const sources = [...new Set(items.map((item) => item.source))].sort();
  return {
    perSource: bySource(items, labels, sources, draw),
    meanAuroc: meanOverSources(set, sources, (part, weights) => part.auroc(weights), draw),
    meanMeanAccuracy: meanOverSources(set, sources, (part, weights) => part.meanAccuracy(weights), draw),
  };
}

function baselineFigures(
  items: readonly EvaluationItem[],
  set: AnswerSet,
  folds: readonly string[] | undefined,
  seed: number,
): Baselines | null {
  const names = folds ?? ownFolds(items, set.nGroups, seed);
  if (names === null) return null;
  return baselines(
    items.map((item, i) => ({ source: item.source, positive: set.truth[i] === 1, fold: names[i] ?? '' })),
  );
}

/** Folds for the baselines of an evaluation that had none: the same grouped, stratified ones as in training. */
function ownFolds(items: readonly EvaluationItem[], nGroups: number, seed: number): string[] | null {
  if (nGroups < BASELINE_FOLDS) return null;
  const fold = new Map(
    kFoldSplit(items, BASELINE_FOLDS, seed).flatMap(({ name, testIds }) =>
      testIds.map((id) => [id, name] as const),
    ),
  );
  return items.map((item) => fold.get(item.id) ?? '');
}

function coverageOf(set: AnswerSet): CoverageFigures {
  const { items, labels } = set;
  const answered = new AnswerSet(
    items.filter((item) => !item.inconclusive),
    labels,
  );
  const inconclusive = new AnswerSet(
    items.filter((item) => item.inconclusive),
    labels,
  );
  const risk = (part: AnswerSet) =>
    wilsonRate(part.items.filter((_, i) => part.isWrong(i)).length, part.items.length);
  return {
    answered: wilsonRate(answered.items.length, items.length),
    riskAnswered: risk(answered),
    riskInconclusive: risk(inconclusive),
    meanAccuracyAnswered: answered.meanAccuracy(null),
    curve: coverageRisk(
      items.map((item) => sureness(item, labels.length)),
      items.map((_, i) => set.isWrong(i)),
      COVERAGES,
    ),
  };
}

function designOf(items: readonly EvaluationItem[], draw: Draw) {
  return {
    groups: items.map((item) => item.group),
    strata: items.map((item) => item.source),
    resamples: draw.resamples,
    random: new Random(draw.seed),
  };
}

function qualityName(quality: 0 | 1 | null): string {
  return quality === 1 ? 'clean' : quality === 0 ? 'noisy' : 'unknown';
}

function undefinedEstimate(n: number): Estimate {
  return { value: null, low: null, high: null, n };
}
