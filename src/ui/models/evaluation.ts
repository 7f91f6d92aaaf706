// The parts of a stored evaluation that the card shows, as rows. Pure. The file came with the model and may be
// from another version: what is missing is left out, nothing is made up.

import type { Estimate } from '../../core/metrics/intervals.ts';
import type { EvaluationReport } from '../../core/training/evaluate.ts';
import { modelsText as text } from './models-text.ts';

const SCHEMA: EvaluationReport['schema'] = 'heartbeat-evaluation/1';

export interface FigureRow {
  word: string;
  meaning: string;
  estimate: Estimate;
  /** What the name of the source alone reaches. */
  baseline: number | null;
}

export function asEvaluation(metrics: unknown): EvaluationReport | null {
  const isOne =
    typeof metrics === 'object' && metrics !== null && (metrics as { schema?: unknown }).schema === SCHEMA;
  return isOne ? (metrics as EvaluationReport) : null;
}

export function figureRows(report: EvaluationReport): FigureRow[] {
  const { pooled, meanSourceAuroc, leaveOneSourceOut: unseen, baselines } = report;
  const source = baselines?.source;
  const candidates: [keyof typeof text.rows, Estimate | null | undefined, number | null | undefined][] = [
    ['auroc', pooled.auroc, source?.auroc],
    ['meanAccuracy', pooled.meanAccuracy, source?.meanAccuracy],
    ['sensitivity', pooled.sensitivity, null],
    ['specificity', pooled.specificity, null],
    ['meanSourceAuroc', meanSourceAuroc, null],
    ['unseenAuroc', unseen?.meanAuroc, null],
    ['unseenMeanAccuracy', unseen?.meanMeanAccuracy, null],
  ];
  return candidates.flatMap(([key, estimate, baseline]) =>
    estimate && estimate.value !== null ? [{ ...text.rows[key], estimate, baseline: baseline ?? null }] : [],
  );
}

/** AUROC of each source. */
export function sourceRows(perSource: EvaluationReport['perSource']): { word: string; estimate: Estimate }[] {
  return Object.entries(perSource).map(([source, { auroc }]) => ({ word: source, estimate: auroc }));
}
