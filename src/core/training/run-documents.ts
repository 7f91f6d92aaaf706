// What can be downloaded of a training run on this device: metrics.json, in the shape of the other models' with the
// verdict beside it, and the curves as CSV. May import: core/report, core/training types.

import { csvLines, type CsvCell } from '../report/csv-lines.ts';
import type { BackendName } from '../types.ts';
import type { ModelMetrics } from './model-card.ts';
import type { TrainingPlan } from './plan.ts';
import { runDocumentsText as words } from './run-documents-text.ts';
import type { TrainingHistoryEntry, TrainingSettings, TrainingWay } from './types.ts';
import type { Verdict } from './verdict.ts';

/** What is told of a run: by its metrics and by its model's card. */
export interface RunStory {
  way: TrainingWay;
  settings: TrainingSettings;
  plan: TrainingPlan;
  /** As a person calls the model whose weights it began with; null: fresh ones. */
  parentName: string | null;
  withReplay: boolean;
  epochsDone: number;
  bestEpoch: number | null;
  backend: BackendName;
  trainingSeconds: number;
}

/** metrics.json of a model trained on this device; `verdict` lacks the candidate's report, which is the document itself. */
export type LocalModelMetrics = ModelMetrics & {
  perLabel: Verdict['perLabel'];
  verdict: Omit<Verdict, 'candidate' | 'perLabel'>;
};

/** @param recordingsSha256 of `recordingsText` of the validation side, lower-case hex */
export function runMetrics(story: RunStory, verdict: Verdict, recordingsSha256: string): LocalModelMetrics {
  const { candidate, perLabel, ...rest } = verdict;
  const { plan, settings, backend, trainingSeconds } = story;
  return {
    ...candidate,
    method: {
      kind: 'validation-split',
      description: methodText(story),
      settings,
      foldSettings: null,
      dataset: words.dataset,
      recordingsSha256,
      backend,
      trainingSeconds,
      command: words.command(story.way, plan.seed),
    },
    perLabel,
    verdict: rest,
  };
}

/** How the figures were come by. */
export function methodText({ plan, parentName, way }: RunStory): string {
  const mayFlatter = way !== 'scratch' && parentName !== null;
  return words.method(plan.validationIds.length, plan.watchIds.length > 0, mayFlatter);
}

export function formatRunMetrics(metrics: LocalModelMetrics): string {
  return `${JSON.stringify(metrics, null, 2)}\n`;
}

const HISTORY_COLUMNS: [name: string, cell: (entry: TrainingHistoryEntry) => CsvCell][] = [
  ['epoch', (entry) => entry.epoch],
  ['learning_rate', (entry) => entry.learningRate],
  ['loss', (entry) => entry.loss],
  ['accuracy', (entry) => entry.accuracy],
  ['auroc', (entry) => entry.auroc],
  ['watch_loss', (entry) => entry.watchLoss],
  ['validation_loss', (entry) => entry.validationLoss],
  ['validation_accuracy', (entry) => entry.validationAccuracy],
  ['validation_auroc', (entry) => entry.validationAuroc],
  ['seconds', (entry) => entry.seconds],
];

/** The curves: a header, then one row an epoch; what was not measured is an empty cell. */
export function formatHistoryCsv(history: readonly TrainingHistoryEntry[]): string {
  return csvLines([
    HISTORY_COLUMNS.map(([name]) => name),
    ...history.map((entry) => HISTORY_COLUMNS.map(([, cell]) => cell(entry))),
  ]);
}
