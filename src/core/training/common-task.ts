// A question that two models with different labels can both answer: all labels where they are the same, else one
// label that both know against the rest. Each model keeps its own decisions.
// May import: ./answers, ./labels.

import type { EvaluationItem } from './answers.ts';
import { labelsText } from './labels-text.ts';
import { isNegativeLabel } from './label-names.ts';

/** Answers by one model, probabilities in the order of its labels. */
export interface ModelAnswers {
  labels: readonly string[];
  items: readonly EvaluationItem[];
}

/** Both models' answers to the same question; `labels` in output order, the second positive of two. */
export interface CommonTask {
  labels: string[];
  candidate: EvaluationItem[];
  active: EvaluationItem[];
}

/**
 * Null where the two share no label of these recordings. Recordings that only one has answered are left out.
 */
export function commonTask(candidate: ModelAnswers, active: ModelAnswers): CommonTask | null {
  const answered = new Map(active.items.map((item) => [item.id, item]));
  const pairs = candidate.items.flatMap((item) => {
    const other = answered.get(item.id);
    return other === undefined ? [] : [{ candidate: item, active: other }];
  });
  const truths = new Set(pairs.map((pair) => pair.candidate.label));
  const isSame =
    candidate.labels.length === active.labels.length &&
    candidate.labels.every((label) => active.labels.includes(label)) &&
    [...truths].every((label) => candidate.labels.includes(label));
  if (isSame) {
    const labels = [...candidate.labels];
    return {
      labels,
      candidate: pairs.map((pair) => pair.candidate),
      active: pairs.map((pair) => reordered(pair.active, active.labels, labels)),
    };
  }
  const shared = candidate.labels.filter((label) => active.labels.includes(label) && truths.has(label));
  const label = shared.find(isNegativeLabel) ?? shared[0];
  if (label === undefined) return null;
  return {
    labels: oneAgainstRest(label),
    candidate: pairs.map((pair) => againstRest(pair.candidate, candidate.labels, label)),
    active: pairs.map((pair) => againstRest(pair.active, active.labels, label)),
  };
}

/** The two sides of one label against all others; the usual negative class comes first. */
export function oneAgainstRest(label: string): string[] {
  return isNegativeLabel(label) ? [label, labelsText.not(label)] : [labelsText.not(label), label];
}

/**
 * An answer about many labels as one about a single label against the rest, with the decision that the model makes:
 * by its threshold where it has two labels, else the likeliest.
 */
export function againstRest(item: EvaluationItem, labels: readonly string[], label: string): EvaluationItem {
  const sides = oneAgainstRest(label);
  const at = labels.indexOf(label);
  const own = item.probabilities[at] ?? 0;
  const isPositiveSide = sides[1] === label;
  const p = isPositiveSide ? own : 1 - own;
  const decidesForLabel = decision(item, labels.length) === at;
  return {
    ...item,
    label: item.label === label ? label : (sides.find((side) => side !== label) ?? ''),
    probabilities: [1 - p, p],
    threshold: cutThatDecides(p, boundary(item, at, isPositiveSide), decidesForLabel === isPositiveSide),
  };
}

/** Index of the label that the model answers; the rule of core/training/answers.ts. */
function decision({ probabilities, threshold }: EvaluationItem, nLabels: number): number {
  if (nLabels === 2) return (probabilities[1] ?? 0) >= threshold ? 1 : 0;
  return probabilities.reduce((best, p, k) => (p > (probabilities[best] ?? 0) ? k : best), 0);
}

/**
 * Where the decision turns, on the probability of the positive side. Of many labels the likeliest wins, so the label
 * loses once the largest share of the rest exceeds it: at 1 / (1 + that share within the rest).
 */
function boundary({ probabilities, threshold }: EvaluationItem, at: number, isPositiveSide: boolean): number {
  if (probabilities.length === 2) return (at === 1) === isPositiveSide ? threshold : 1 - threshold;
  const rest = probabilities.reduce((sum, p, k) => (k === at ? sum : sum + p), 0);
  const largest = Math.max(...probabilities.filter((_, k) => k !== at));
  const turn = rest > 0 ? 1 / (1 + largest / rest) : 1;
  return isPositiveSide ? 1 - turn : turn;
}

/** The boundary, moved by a rounding error where it would not give the decision that the model makes. */
function cutThatDecides(p: number, cut: number, isPositive: boolean): number {
  if (p >= cut === isPositive) return cut;
  return isPositive ? p : p + Number.EPSILON;
}

function reordered(item: EvaluationItem, from: readonly string[], to: readonly string[]): EvaluationItem {
  if (from.every((label, k) => label === to[k])) return item;
  const probabilities = to.map((label) => item.probabilities[from.indexOf(label)] ?? 0);
  if (to.length !== 2) return { ...item, probabilities };
  const isPositive = decision(item, 2) === from.indexOf(to[1] ?? '');
  const threshold = cutThatDecides(probabilities[1] ?? 0, 1 - item.threshold, isPositive);
  return { ...item, probabilities, threshold };
}
