// The whole report of an evaluation from a list of answers: pooled, per source, over unseen sources, calibration,
// coverage against risk, baselines, each with n and a 95 % interval. Same numbers for page, command line and card.
// May import: core/metrics, core/training/{answers,figures,split,baselines}, core/errors.

import { AppError } from '../errors.ts';
import { RESAMPLES } from '../metrics/bootstrap.ts';
import { wilsonRate, type Estimate, type Rate } from '../metrics/intervals.ts';
import { coverageRisk, reliability, type CoveragePoint, type Reliability } from '../metrics/reliability.ts';
import { AnswerSet, sureness, type EvaluationItem } from './answers.ts';
import { baselines, type Baselines } from './baselines.ts';
import { figuresByPart, figuresOf, meanOverSources, type Draw, type SubsetFigures } from './figures.ts';
import { kFoldSplit } from './split.ts';
import { trainingText } from './training-text.ts';

export const EVALUATION_SCHEMA = 'heartbeat-evaluation/1';

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
  /** Fires some hundred times while intervals are drawn, which is what takes time: the fraction done, 0..1. */
  onProgress?: (fraction: number) => void;
}

const DEFAULT_SEED = 1;
const BASELINE_FOLDS = 5;
const COVERAGES = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];

/**
 * @throws AppError `not-enough-examples` for an empty list; `labels-invalid` for a label that the model does not know
 */
export function evaluate(items: readonly EvaluationItem[], options: EvaluationOptions): EvaluationReport {
  if (items.length === 0) throw new AppError('not-enough-examples', trainingText.nothingToEvaluate);
  const { labels, unseen = [], seed = DEFAULT_SEED, resamples = RESAMPLES } = options;
  const set = new AnswerSet(items, labels);
  const sources = sourcesOf(items);
  const qualities = [...new Set(items.map(qualityName))];
  const nDrawn = nRecordingsToDraw(items.length, sources.length, qualities.length, unseen.length);
  const draw = { resamples, seed, onDrawn: progressOf(nDrawn * resamples, options.onProgress) };
  const pooled = figuresOf(set, draw);
  return {
    schema: EVALUATION_SCHEMA,
    labels: [...labels],
    n: items.length,
    nGroups: set.nGroups,
    pooled,
    perSource: figuresByPart(set, sourceName, sources, pooled, draw),
    meanSourceAuroc:
      sources.length === 1
        ? pooled.auroc
        : meanOverSources(set, sources, (part, weights) => part.auroc(weights), draw),
    perQuality: figuresByPart(set, qualityName, qualities, pooled, draw),
    leaveOneSourceOut: unseen.length > 0 ? unseenFigures(unseen, labels, draw) : null,
    baselines: labels.length === 2 ? baselineFigures(items, set, options.folds, seed) : null,
    calibration: labels.length === 2 ? reliability(set.scores[1] ?? [], set.isClass(1)) : null,
    coverage: coverageOf(set),
    intervals: {
      confidence: 0.95,
      rates: 'wilson',
      // eslint-disable-next-line words/phrases -- a word of the document's schema
      others: 'bootstrap by group inside each source',
      resamples,
      seed,
    },
  };
}

/** Recordings in one resample of everything that has an interval. */
function nRecordingsToDraw(n: number, nSources: number, nQualities: number, nUnseen: number): number {
  const bySource = nSources > 1 ? 2 * n : 0;
  const byQuality = nQualities > 1 ? n : 0;
  return n + bySource + byQuality + 3 * nUnseen;
}

/** How many times progress is told, at most. */
const PROGRESS_STEPS = 100;

function progressOf(total: number, onProgress: EvaluationOptions['onProgress']): (n: number) => void {
  let done = 0;
  let told = 0;
  return (n) => {
    done += n;
    const steps = Math.floor((done / total) * PROGRESS_STEPS);
    if (steps === told) return;
    told = steps;
    onProgress?.(steps / PROGRESS_STEPS);
  };
}

function unseenFigures(
  items: readonly EvaluationItem[],
  labels: readonly string[],
  draw: Draw,
): UnseenSources {
  const set = new AnswerSet(items, labels);
  const sources = sourcesOf(items);
  return {
    perSource: figuresByPart(set, sourceName, sources, null, draw),
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

function sourcesOf(items: readonly EvaluationItem[]): string[] {
  return [...new Set(items.map(sourceName))].sort();
}

function sourceName({ source }: EvaluationItem): string {
  return source;
}

function qualityName({ quality }: EvaluationItem): string {
  return quality === 1 ? 'clean' : quality === 0 ? 'noisy' : 'unknown';
}
