// Whether a trained model is better than the one in use, on the same recordings that neither learned from here,
// and what it has forgotten. The rules of the recommendation are ./recommend.ts.
// May import: core/metrics, ./answers, ./common-task, ./evaluate, ./paired, ./recommend.

import { RESAMPLES } from '../metrics/bootstrap.ts';
import type { Estimate } from '../metrics/intervals.ts';
import { AnswerSet, type EvaluationItem } from './answers.ts';
import { commonTask, type CommonTask, type ModelAnswers } from './common-task.ts';
import { evaluate, type EvaluationReport } from './evaluate.ts';
import type { Draw } from './figures.ts';
import { compareDecisions, figuresByLabel, pairedFigures, type LabelFigures } from './paired.ts';
import { recommend } from './recommend.ts';

export type Recommendation = 'promote' | 'keep' | 'too-little-data';

/** One recording that exactly one of the two has right. */
export interface RecordingChange {
  id: string;
  fileName: string;
  /** As a person labelled it. */
  label: string;
  /** What each gave to the right answer of the comparison, calibrated. */
  active: { probability: number; isRight: boolean };
  candidate: { probability: number; isRight: boolean };
}

/** Both models on the same recordings, in a question that both can answer. */
export interface Comparison {
  /** Both models' labels where they are the same; else the one that they share against all others. */
  labels: string[];
  n: number;
  nGroups: number;
  active: EvaluationReport;
  candidate: EvaluationReport;
  /** Candidate minus active: paired bootstrap by group, 95 %. */
  difference: { auroc: Estimate; meanAccuracy: Estimate };
  /** Decisions that only one of the two has right, and McNemar's exact two-sided p. */
  mcnemar: { onlyActiveRight: number; onlyCandidateRight: number; p: number };
  /** First those that only the active model has right; in each part the largest change of mind first. */
  changes: RecordingChange[];
}

/** The reference set's windows before and after. */
export interface Forgetting {
  nWindows: number;
  nGroups: number;
  active: Estimate;
  candidate: Estimate;
  /** Candidate minus active: below zero, something was forgotten. */
  difference: Estimate;
}

export interface Verdict {
  schema: 'heartbeat-verdict/1';
  recommendation: Recommendation;
  /** Why, the weightiest first; each a sentence. */
  reasons: string[];
  /** The candidate alone, with its own labels. */
  candidate: EvaluationReport;
  /** Each of its classes against the rest. */
  perLabel: LabelFigures[];
  /** Null where the two share no label, or the active model could not be asked. */
  comparison: Comparison | null;
  /** Null where there is no reference set, or its labels are none of the candidate's. */
  forgetting: Forgetting | null;
}

/** What a verdict is made from. */
export interface VerdictMaterial {
  /** By each model's own labels; both on the same recordings, in the same order. */
  candidate: { labels: string[]; items: EvaluationItem[] };
  active: { labels: string[]; items: EvaluationItem[] } | null;
  fileNames: ReadonlyMap<string, string>;
  reference: { candidate: ReferenceAnswer[]; active: ReferenceAnswer[] } | null;
}

/** A window of the reference set, answered; see core/training/replay.ts. */
export interface ReferenceAnswer {
  label: string;
  group: string;
  /** Calibrated, by the model's own labels. */
  probabilities: Record<string, number>;
}

export interface VerdictOptions {
  seed?: number;
  resamples?: number;
  /** Fires some hundred times: the fraction done, 0..1. */
  onProgress?: (fraction: number) => void;
}

const DEFAULT_SEED = 1;

/**
 * @throws AppError `not-enough-examples` where no recording has an answer; `labels-invalid` for a label that the
 *   candidate does not know
 */
export function judgeCandidate(material: VerdictMaterial, options: VerdictOptions = {}): Verdict {
  const { seed = DEFAULT_SEED, resamples = RESAMPLES, onProgress } = options;
  const { candidate, active } = material;
  const task = active && commonTask(candidate, active);
  const n = candidate.items.length;
  const nReference = material.reference?.candidate.length ?? 0;
  // As evaluations draw: figures, and three times as much for their parts by source and quality.
  const stages = stagesOf([n, 3 * n, task ? 3 * n : 0, task ? 3 * n : 0, 2 * n, 2 * nReference], onProgress);
  const draw = (stage: number, size: number): Draw => {
    let drawn = 0;
    const onDrawn = (nDrawn: number): void => {
      drawn += nDrawn;
      stages(stage, drawn / (size * resamples));
    };
    return { resamples, seed, onDrawn };
  };
  const report = (stage: number, answers: ModelAnswers): EvaluationReport =>
    evaluate(answers.items, {
      labels: answers.labels,
      seed,
      resamples,
      onProgress: (fraction) => stages(stage, fraction),
    });
  const perLabel = figuresByLabel(candidate, draw(0, n));
  const own = report(1, candidate);
  const isOwnTask = task?.candidate.every((item, i) => item === candidate.items[i]) ?? false;
  const comparison =
    task &&
    compare(task, {
      labelOf: new Map(candidate.items.map(({ id, label }) => [id, label])),
      fileNames: material.fileNames,
      candidate:
        isOwnTask && task.candidate.length === n
          ? own
          : report(2, { labels: task.labels, items: task.candidate }),
      active: report(3, { labels: task.labels, items: task.active }),
      draw: draw(4, task.candidate.length),
    });
  const forgetting = forgettingOf(material, draw(5, nReference));
  onProgress?.(1);
  const { recommendation, reasons } = recommend({
    auroc: own.pooled.auroc,
    perLabel,
    activeLabels: active?.labels ?? null,
    comparison,
    forgetting,
  });
  return {
    schema: 'heartbeat-verdict/1',
    recommendation,
    reasons,
    candidate: own,
    perLabel,
    comparison,
    forgetting,
  };
}

interface ComparisonParts {
  labelOf: ReadonlyMap<string, string>;
  fileNames: ReadonlyMap<string, string>;
  active: EvaluationReport;
  candidate: EvaluationReport;
  draw: Draw;
}

function compare(task: CommonTask, parts: ComparisonParts): Comparison {
  const { active, candidate, draw } = parts;
  const { auroc, meanAccuracy } = pairedFigures(task, draw);
  return {
    labels: task.labels,
    n: task.candidate.length,
    nGroups: candidate.nGroups,
    active,
    candidate,
    difference: { auroc: auroc.difference, meanAccuracy: meanAccuracy.difference },
    mcnemar: compareDecisions(task),
    changes: changesOf(task, parts),
  };
}

function changesOf(task: CommonTask, { labelOf, fileNames }: ComparisonParts): RecordingChange[] {
  const sets = {
    active: new AnswerSet(task.active, task.labels),
    candidate: new AnswerSet(task.candidate, task.labels),
  };
  const answer = (set: AnswerSet, i: number): RecordingChange['active'] => ({
    probability: set.scores[set.truth[i] ?? 0]?.[i] ?? 0,
    isRight: !set.isWrong(i),
  });
  const changes = task.candidate.flatMap(({ id }, i): RecordingChange[] => {
    const [active, candidate] = [answer(sets.active, i), answer(sets.candidate, i)];
    if (active.isRight === candidate.isRight) return [];
    return [{ id, fileName: fileNames.get(id) ?? id, label: labelOf.get(id) ?? '', active, candidate }];
  });
  const size = (change: RecordingChange): number =>
    Math.abs(change.candidate.probability - change.active.probability);
  return changes.sort(
    (a, b) =>
      Number(b.active.isRight) - Number(a.active.isRight) || size(b) - size(a) || (a.id < b.id ? -1 : 1),
  );
}

/** Both models on the reference windows, in the question that both and the windows' labels share. */
function forgettingOf({ candidate, active, reference }: VerdictMaterial, draw: Draw): Forgetting | null {
  if (reference === null || active === null) return null;
  const task = commonTask(
    referenceAnswers(candidate.labels, reference.candidate),
    referenceAnswers(active.labels, reference.active),
  );
  if (task === null) return null;
  return {
    nWindows: task.candidate.length,
    nGroups: new Set(task.candidate.map(({ group }) => group)).size,
    ...pairedFigures(task, draw).auroc,
  };
}

/** Windows as if they were recordings of one source. Only their ranking counts, so the cut is any. */
function referenceAnswers(labels: readonly string[], answers: readonly ReferenceAnswer[]): ModelAnswers {
  const items = answers.map(({ label, group, probabilities }, i): EvaluationItem => ({
    id: String(i),
    label,
    group,
    source: '',
    quality: null,
    probabilities: labels.map((name) => probabilities[name] ?? 0),
    threshold: 0.5,
    inconclusive: false,
  }));
  return { labels, items };
}

/** Progress of work in parts: the fraction done of one part, told as the fraction of the whole. */
function stagesOf(
  weights: readonly number[],
  onProgress: VerdictOptions['onProgress'],
): (stage: number, fraction: number) => void {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let told = -1;
  return (stage, fraction) => {
    const before = weights.slice(0, stage).reduce((sum, weight) => sum + weight, 0);
    const percent = Math.floor((100 * (before + fraction * (weights[stage] ?? 0))) / total);
    if (percent <= told) return;
    told = percent;
    onProgress?.(percent / 100);
  };
}
