// The parts of an evaluation that are shown as rows with intervals. Pure.

import type { Estimate } from '../../core/metrics/intervals.ts';
import type { EvaluationReport } from '../../core/training/evaluate.ts';
import { evaluationText as text } from './evaluation-text.ts';

export interface FigureRow {
  word: string;
  meaning?: string;
  /** A rate says of how many, too. */
  estimate: Estimate & { count?: number };
  /** What is reached without listening. */
  baseline?: number | null;
  /** Stands beside the others and must not be read alone. */
  isQuiet?: boolean;
}

/** Of the evaluation of a model, as its card has it. */
export function figureRows(report: EvaluationReport): FigureRow[] {
  const { pooled, meanSourceAuroc, leaveOneSourceOut: unseen, baselines } = report;
  const source = baselines?.source;
  return rowsOf(report.labels, [
    ['auroc', pooled.auroc, source?.auroc],
    ['meanAccuracy', pooled.meanAccuracy, source?.meanAccuracy],
    ['sensitivity', pooled.sensitivity],
    ['specificity', pooled.specificity],
    ['meanSourceAuroc', meanSourceAuroc],
    ['unseenAuroc', unseen?.meanAuroc],
    ['unseenMeanAccuracy', unseen?.meanMeanAccuracy],
  ]).filter(({ estimate }) => estimate.value !== null);
}

/** Of a batch: all that can be told of it, also where it cannot; accuracy only beside the others. */
export function batchRows(report: EvaluationReport): FigureRow[] {
  const { pooled, meanSourceAuroc, perSource, baselines } = report;
  const hasSources = Object.keys(perSource).length > 1;
  const baseline = hasSources ? baselines?.source : baselines?.majority;
  return rowsOf(report.labels, [
    ['auroc', pooled.auroc, baseline?.auroc],
    ['meanSourceAuroc', hasSources ? meanSourceAuroc : null],
    ['meanAccuracy', pooled.meanAccuracy, baseline?.meanAccuracy],
    ['sensitivity', pooled.sensitivity],
    ['specificity', pooled.specificity],
    ['accuracy', pooled.accuracy],
  ]).map((row) => (row.word === text.rows.accuracy.word ? { ...row, isQuiet: true } : row));
}

/** What a person looks for first. */
export function headlineRows(report: EvaluationReport): FigureRow[] {
  return rowsOf(report.labels, [
    ['auroc', report.pooled.auroc],
    ['meanAccuracy', report.pooled.meanAccuracy],
  ]);
}

/** AUROC of each source. */
export function sourceRows(perSource: EvaluationReport['perSource']): FigureRow[] {
  return Object.entries(perSource).map(([source, { auroc }]) => ({ word: source, estimate: auroc }));
}

type Candidate = [
  key: keyof typeof text.rows,
  estimate: Estimate | null | undefined,
  baseline?: number | null | undefined,
];

function rowsOf(labels: readonly string[], candidates: readonly Candidate[]): FigureRow[] {
  const words = labels.length > 2 ? { ...text.rows, ...text.manyRows } : text.rows;
  return candidates.flatMap(([key, estimate, baseline]) => {
    const { word, meaning } = words[key];
    return estimate ? [{ word, meaning: meaning(labels), estimate, baseline: baseline ?? null }] : [];
  });
}
