// Two models on the same recordings: their figures and the difference between them, from the same resamples, so that
// what makes a recording hard for both cancels out. May import: core/metrics, core/random, ./answers, ./common-task.

import { bootstrapByGroup } from '../metrics/bootstrap.ts';
import type { Estimate } from '../metrics/intervals.ts';
import { mcnemarExact } from '../metrics/mcnemar.ts';
import { Random } from '../random.ts';
import { AnswerSet, type EvaluationItem } from './answers.ts';
import { againstRest, oneAgainstRest, type CommonTask, type ModelAnswers } from './common-task.ts';
import type { Draw } from './figures.ts';

/** One figure of both; the difference is candidate minus active. */
export interface Paired {
  active: Estimate;
  candidate: Estimate;
  difference: Estimate;
}

export function pairedFigures(task: CommonTask, draw: Draw): { auroc: Paired; meanAccuracy: Paired } {
  const candidate = new AnswerSet(task.candidate, task.labels);
  const active = new AnswerSet(task.active, task.labels);
  const figures = (weights: Float64Array | null): (number | null)[] => {
    const aurocs = [active.auroc(weights), candidate.auroc(weights)] as const;
    const accuracies = [active.meanAccuracy(weights), candidate.meanAccuracy(weights)] as const;
    return [...aurocs, gain(...aurocs), ...accuracies, gain(...accuracies)];
  };
  const drawn = drawEstimates(task.candidate, figures, draw);
  return { auroc: pairedFrom(drawn, 0), meanAccuracy: pairedFrom(drawn, 3) };
}

/** How well one class is told from all others. */
export interface LabelFigures {
  label: string;
  n: number;
  nGroups: number;
  auroc: Estimate;
}

/** Each class against the rest; with two labels both have the same AUC. */
export function figuresByLabel({ labels, items }: ModelAnswers, draw: Draw): LabelFigures[] {
  const sets = labels.map(
    (label) =>
      new AnswerSet(
        items.map((item) => againstRest(item, labels, label)),
        oneAgainstRest(label),
      ),
  );
  const aurocs = drawEstimates(items, (weights) => sets.map((set) => set.auroc(weights)), draw);
  return labels.map((label, k) => {
    const own = items.filter((item) => item.label === label);
    const nGroups = new Set(own.map(({ group }) => group)).size;
    return { label, n: own.length, nGroups, auroc: aurocs[k] ?? undefinedEstimate };
  });
}

/** Decisions that only one of the two has right, and McNemar's exact p. */
export function compareDecisions(task: CommonTask): {
  onlyActiveRight: number;
  onlyCandidateRight: number;
  p: number;
} {
  const candidate = new AnswerSet(task.candidate, task.labels);
  const active = new AnswerSet(task.active, task.labels);
  let onlyActiveRight = 0;
  let onlyCandidateRight = 0;
  task.candidate.forEach((_, i) => {
    if (candidate.isWrong(i) && !active.isWrong(i)) onlyActiveRight++;
    if (!candidate.isWrong(i) && active.isWrong(i)) onlyCandidateRight++;
  });
  return { onlyActiveRight, onlyCandidateRight, p: mcnemarExact(onlyActiveRight, onlyCandidateRight) };
}

const undefinedEstimate: Estimate = { value: null, low: null, high: null, n: 0 };

function gain(active: number | null, candidate: number | null): number | null {
  return active === null || candidate === null ? null : candidate - active;
}

function pairedFrom(estimates: readonly Estimate[], from: number): Paired {
  const [active = undefinedEstimate, candidate = undefinedEstimate, difference = undefinedEstimate] =
    estimates.slice(from, from + 3);
  return { active, candidate, difference };
}

function drawEstimates(
  items: readonly EvaluationItem[],
  figures: (weights: Float64Array | null) => readonly (number | null)[],
  { resamples, seed, onDrawn }: Draw,
): Estimate[] {
  const design = {
    groups: items.map((item) => item.group),
    strata: items.map((item) => item.source),
    resamples,
    random: new Random(seed),
  };
  return bootstrapByGroup(design, figures(null), (weights) => {
    onDrawn?.(items.length);
    return figures(weights);
  });
}
