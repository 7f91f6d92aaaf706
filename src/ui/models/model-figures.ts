// What the list and the comparison show of models' evaluations. Pure.

import { MAX_NAME, plainText } from '../../core/plain-text.ts';
import { isSameOrder } from '../../core/training/label-names.ts';
import type { Estimate } from '../../core/metrics/intervals.ts';
import type { EvaluationReport } from '../../core/training/evaluate.ts';
import type { RegisteredModel } from '../../state/registered-model.ts';
import type { LineSeries } from '../charts/line-series.ts';
import { evaluationText } from '../evaluation/evaluation-text.ts';
import { figureRows, headlineRows, type FigureRow } from '../evaluation/figure-rows.ts';
import { asEvaluation } from '../evaluation/stored-evaluation.ts';

/** Of those that a training run has; a file of anybody's making may have more. */
const MAX_SETTINGS = 20;
/** Letters of a few sentences. */
const MAX_DESCRIPTION = 1000;

/** Its evaluation; null where there is none, or one of other classes came along. */
export function evaluationOf({ metrics, manifest }: RegisteredModel): EvaluationReport | null {
  const report = asEvaluation(metrics);
  return report && isSameOrder(report.labels, manifest.labels) ? report : null;
}

/** AUROC and MAcc; none where the model has no evaluation. */
export function keyFigures(model: RegisteredModel): FigureRow[] {
  const report = evaluationOf(model);
  return report ? headlineRows(report) : [];
}

export interface ComparedRow {
  word: string;
  meaning: string;
  a: Estimate | null;
  b: Estimate | null;
}

/** Figures of both side by side, each where its model has it. */
export function comparedRows(a: RegisteredModel, b: RegisteredModel): ComparedRow[] {
  const [ofA, ofB] = [a, b].map((model) => {
    const report = evaluationOf(model);
    return new Map(report ? figureRows(report).map((row) => [row.word, row]) : []);
  });
  const words = [...new Set([...(ofA?.keys() ?? []), ...(ofB?.keys() ?? [])])];
  return words.map((word) => ({
    word,
    meaning: ofA?.get(word)?.meaning ?? ofB?.get(word)?.meaning ?? '',
    a: ofA?.get(word)?.estimate ?? null,
    b: ofB?.get(word)?.estimate ?? null,
  }));
}

/** Whether two models were measured on the same recordings; null where they do not say. */
export function isSameData(a: RegisteredModel, b: RegisteredModel): boolean | null {
  const [ofA, ofB] = [recordingsOf(a), recordingsOf(b)];
  return ofA === null || ofB === null ? null : ofA === ofB;
}

function recordingsOf({ metrics }: RegisteredModel): string | null {
  return methodOf(metrics).recordingsSha256;
}

export interface ToldMethod {
  isCrossValidated: boolean;
  /** Empty where it says nothing. */
  description: string;
  recordingsSha256: string | null;
  /** Plain values, as they are named. */
  settings: [name: string, value: string][];
}

/** How the figures were come by, of whatever the model came with: texts to be shown as texts. */
export function methodOf(metrics: unknown): ToldMethod {
  const method = asFields(asFields(metrics)['method']);
  const { kind, description, recordingsSha256 } = method;
  return {
    isCrossValidated: kind === 'cross-validation',
    description: typeof description === 'string' ? plainText(description.slice(0, MAX_DESCRIPTION)) : '',
    recordingsSha256: typeof recordingsSha256 === 'string' ? recordingsSha256 : null,
    settings: Object.entries(asFields(method['settings']))
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .slice(0, MAX_SETTINGS)
      .map(([name, value]) => [shortened(name), shortened(String(value))]),
  };
}

function shortened(text: string): string {
  return plainText(text.slice(0, MAX_NAME));
}

function asFields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** @param line from the oldest version to the newest */
export function versionSeries(line: readonly RegisteredModel[]): LineSeries[] {
  const figures = line.map((model) => evaluationOf(model)?.pooled ?? null);
  return [
    { name: evaluationText.rows.auroc.word, values: figures.map((one) => one?.auroc.value ?? null) },
    {
      name: evaluationText.rows.meanAccuracy.word,
      values: figures.map((one) => one?.meanAccuracy.value ?? null),
      isDashed: true,
    },
  ];
}
