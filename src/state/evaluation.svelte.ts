// What the answers of a batch are worth against its labels. Computed in a worker when the batch is done and again
// when its threshold has moved; the latest figures stay until newer ones are there.

import { isAbort, toAppError, type AppError } from '../core/errors.ts';
import type { EvaluationItem, LabelledRocCurve } from '../core/training/answers.ts';
import { folderNames, hasTrainedOn, recordingsText } from '../core/training/evaluation-document.ts';
import { evaluationItems } from '../core/training/evaluation-items.ts';
import type { EvaluationReport } from '../core/training/evaluate.ts';
import type { LabelledRecording, LabelReading } from '../core/training/labels.ts';
import { droppedFolder } from '../core/training/truth.ts';
import type { RecordingResult } from '../core/types.ts';
import type { BatchRow } from './batch-row.ts';
import type { Evaluator, Later } from './ports.ts';
import type { RegisteredModel } from './registered-model.ts';

/** What of a batch is evaluated. */
export interface EvaluatedBatch {
  readonly rows: readonly BatchRow[];
  readonly isRunning: boolean;
  readonly truth: LabelReading | null;
  readonly labels: readonly string[];
  readonly threshold: number;
  readonly entry: { readonly model: RecordingResult['model'] } | null;
}

export interface EvaluationDependencies {
  evaluator: Evaluator;
  catalog: {
    /** By the hash of its weights; null where that model is not here. */
    entryOf(sha256: string): Promise<Pick<RegisteredModel, 'manifest' | 'metrics'> | null>;
  };
  /** SHA-256 of a text's UTF-8, lower-case hex. */
  sha256(text: string): Promise<string>;
  later: Later;
}

export interface Evaluation {
  report: EvaluationReport;
  curves: LabelledRocCurve[];
  model: RecordingResult['model'];
  threshold: number;
  /** Labelled recordings without an answer, and recordings without a label: in no figure. */
  nFailed: number;
  nUnlabelled: number;
  /** The figures say how well the model remembers, not how well it hears. */
  isTrainingData: boolean;
}

export type EvaluationPhase =
  | { kind: 'idle' }
  /** None of the labelled recordings has an answer. */
  | { kind: 'nothing'; nLabelled: number }
  | { kind: 'computing'; fraction: number }
  | { kind: 'ready' }
  | { kind: 'failed'; error: AppError };

/** A threshold that is being dragged has come to rest, milliseconds. */
const REST_MS = 250;

const IDLE: EvaluationPhase = { kind: 'idle' };

export class EvaluationState {
  readonly #dependencies: EvaluationDependencies;
  #phase = $state.raw<EvaluationPhase>(IDLE);
  #latest = $state.raw<Evaluation | null>(null);
  /** Of the batch that is followed. */
  #rows: EvaluatedBatch['rows'] | null = null;
  /** What the latest evaluation, done or under way, is about. */
  #items: readonly EvaluationItem[] | null = null;
  /** Whether the model was trained on the recordings of the batch that is followed. */
  #remembers: Promise<boolean> | null = null;
  #running: AbortController | null = null;

  constructor(dependencies: EvaluationDependencies) {
    this.#dependencies = dependencies;
  }

  get phase(): EvaluationPhase {
    return this.#phase;
  }

  /** Of the batch that is followed; while a newer one is computed, the one before. */
  get latest(): Evaluation | null {
    return this.#latest;
  }

  /** To be called whenever the batch has changed. */
  follow(batch: EvaluatedBatch): void {
    const { rows, truth, isRunning, threshold, labels, entry } = batch;
    if (rows !== this.#rows) this.stop();
    this.#rows = rows;
    if (isRunning || !truth || !entry) {
      this.#rest(IDLE);
      return;
    }
    const { items, nFailed } = itemsOf(rows, truth.recordings, threshold);
    if (this.#items && sameItems(items, this.#items)) return;
    this.#rest(items.length === 0 ? { kind: 'nothing', nLabelled: nFailed } : null);
    if (items.length === 0) return;
    const attempt = new AbortController();
    this.#running = attempt;
    this.#items = items;
    const nUnlabelled = rows.length - truth.recordings.length;
    const about = { model: entry.model, threshold, nFailed, nUnlabelled };
    const isTrainingData = (): Promise<boolean> =>
      (this.#remembers ??= this.#isTrainingData(rows, truth, entry.model));
    this.#dependencies.later(
      () => void this.#compute(attempt, items, labels, about, isTrainingData),
      REST_MS,
    );
  }

  /** Once more after a failure. */
  again(batch: EvaluatedBatch): void {
    if (this.#phase.kind !== 'failed') return;
    this.#items = null;
    this.follow(batch);
  }

  /** Nobody looks any more: what is under way is ended, and forgotten. */
  stop(): void {
    this.#rest(IDLE);
    this.#latest = null;
    this.#rows = null;
    this.#remembers = null;
  }

  /** Ends what is under way. @param phase null: as it is, for something newer follows at once */
  #rest(phase: EvaluationPhase | null): void {
    this.#running?.abort();
    this.#running = null;
    this.#items = null;
    if (phase) this.#phase = phase;
  }

  async #compute(
    attempt: AbortController,
    items: readonly EvaluationItem[],
    labels: readonly string[],
    about: Pick<Evaluation, 'model' | 'threshold' | 'nFailed' | 'nUnlabelled'>,
    isTrainingData: () => Promise<boolean>,
  ): Promise<void> {
    if (this.#running !== attempt) return;
    const onProgress = (fraction: number): void => {
      if (this.#running === attempt) this.#phase = { kind: 'computing', fraction };
    };
    onProgress(0);
    try {
      const [answer, isRemembered] = await Promise.all([
        this.#dependencies.evaluator.evaluate(items, labels, onProgress, attempt.signal),
        isTrainingData(),
      ]);
      if (this.#running !== attempt) return;
      this.#latest = { ...answer, ...about, isTrainingData: isRemembered };
      this.#phase = { kind: 'ready' };
    } catch (error) {
      if (this.#running !== attempt || isAbort(error)) return;
      this.#latest = null;
      this.#phase = { kind: 'failed', error: toAppError(error) };
    }
    this.#running = null;
  }

  async #isTrainingData(
    rows: EvaluatedBatch['rows'],
    { recordings }: LabelReading,
    model: RecordingResult['model'],
  ): Promise<boolean> {
    const entry = await this.#dependencies.catalog.entryOf(model.sha256);
    if (!entry) return false;
    // As the command line calls them.
    const folder = droppedFolder(rows.map(({ fileName }) => fileName));
    const told = recordings.map(({ id, label }) => ({ id: id.slice(folder.length), label }));
    const digest = await this.#dependencies.sha256(recordingsText(told));
    const folders = folderNames(recordings.map(({ id }) => id));
    return hasTrainedOn(entry.manifest, asMetrics(entry.metrics), digest, folders);
  }
}

function itemsOf(
  rows: readonly BatchRow[],
  recordings: readonly LabelledRecording[],
  threshold: number,
): { items: EvaluationItem[]; nFailed: number } {
  const byName = new Map(rows.map((row) => [row.fileName, row]));
  return evaluationItems(recordings, (id) => {
    const row = byName.get(id);
    return row?.phase === 'done' && row.answer ? { ...row.answer, threshold } : null;
  });
}

/** Opening a recording changes its row, but hardly ever its answer. */
function sameItems(some: readonly EvaluationItem[], others: readonly EvaluationItem[]): boolean {
  return (
    some.length === others.length &&
    some.every((item, i) => {
      const other = others[i];
      return (
        other?.id === item.id &&
        other.threshold === item.threshold &&
        other.inconclusive === item.inconclusive &&
        item.probabilities.every((p, k) => p === other.probabilities[k])
      );
    })
  );
}

function asMetrics(metrics: unknown): Parameters<typeof hasTrainedOn>[1] {
  return typeof metrics === 'object' ? metrics : null;
}
