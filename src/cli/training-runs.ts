// Which trainings a command needs: folds, unseen sources, the final model; each with its recordings, its
// settings and a hash of all that decides its outcome, by which a finished one is recognised later.
// Imports Node's hashing and core/training.

import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { PIPELINE_VERSION, type ModelManifest } from '../core/model/manifest.ts';
import type { LabelledRecording } from '../core/training/labels.ts';
import type { Judgement } from '../core/training/held-out.ts';
import type { TrainingPlan } from '../core/training/plan.ts';
import { RECIPE, settingsFor, settingsForWay } from '../core/training/recipe.ts';
import { kFoldSplit, leaveOneSourceOut, validationSplit } from '../core/training/split.ts';
import type {
  TrainingHistoryEntry,
  TrainingOutcome,
  TrainingSettings,
  TrainingWay,
} from '../core/training/types.ts';
import type { BackendName } from '../core/types.ts';

export const N_FOLDS = 5;
export const OUTCOME_SCHEMA = 'heartbeat-run/1';

export type RunKind = 'fold' | 'unseen-source' | 'validation' | 'final';

export interface TrainingRun {
  /** File name of its outcome: `fold-1`, `unseen-training-a`, `validation`, `final`. */
  name: string;
  kind: RunKind;
  way: TrainingWay;
  trainIds: string[];
  /** Watched while training: decide when to stop, and calibrate; empty where nothing is decided by them. */
  watchIds: string[];
  /** Scored after every pass to be shown; decide nothing. */
  validationIds: string[];
  /** Judged by the trained model, which never saw them. */
  testIds: string[];
  settings: TrainingSettings;
  /** SHA-256 of the recipe, the settings, the model started from, the signal path, and who trains and tests. */
  hash: string;
}

/** What a finished run leaves behind, as JSON. */
export interface RunOutcome {
  schema: typeof OUTCOME_SCHEMA;
  name: string;
  hash: string;
  settings: TrainingSettings;
  predictions: { id: string; logits: number[] }[];
  /** Of its recordings those that could not be read and took no part, with the sentence why. */
  unreadable: { id: string; message: string }[];
  history: TrainingHistoryEntry[];
  bestEpoch: number | null;
  stopped: TrainingOutcome['stopped'];
  backend: BackendName;
  seconds: number;
  /** Calibration, threshold and band, from the watched recordings or the model started from. */
  judgement: Judgement;
  /** Of the runs whose model ships, else null. Weights in base64, and a replay set where one was made. */
  model: { modelJson: unknown; weights: string; replay: string | null } | null;
}

export interface RunPlan {
  recordings: readonly LabelledRecording[];
  seed: number;
  epochs: number | undefined;
  /** Passes of the folds; null: as many as the final model's. */
  foldEpochs: number | undefined;
  batchSize: number | undefined;
  /** The model whose weights are started from and whose features are used; null: from scratch. */
  from: ModelManifest | null;
  /** SHA-256 of each file, by id; an id that is missing could not be read. */
  contents: ReadonlyMap<string, string>;
}

/** Part of a fold's training recordings that is watched where a setting depends on validation loss. */
const WATCHED_FRACTION = 0.15;

/** Five grouped folds, each source left out once, and the model on everything. */
export function crossValidationRuns(plan: RunPlan, withFinal: boolean): TrainingRun[] {
  const { recordings, seed } = plan;
  const foldPlan = { ...plan, epochs: plan.foldEpochs ?? plan.epochs };
  const folds = kFoldSplit(recordings, N_FOLDS, seed).map((fold) =>
    makeRun(foldPlan, fold.name, 'fold', fold.trainIds, fold.testIds),
  );
  const taken = new Set<string>();
  const sources = leaveOneSourceOut(recordings)
    // A model needs both classes to learn from.
    .filter((fold) => new Set(labelsOf(recordings, fold.trainIds)).size > 1)
    .map((fold) =>
      makeRun(
        foldPlan,
        untaken(`unseen-${fileSafe(fold.name)}`, taken),
        'unseen-source',
        fold.trainIds,
        fold.testIds,
      ),
    );
  const all = recordings.map((recording) => recording.id);
  const final = withFinal ? [makeRun(plan, 'final', 'final', all, [])] : [];
  return [...folds, ...sources, ...final];
}

/** `name`, or with a number where another source's name already reads the same as a file name. */
function untaken(name: string, taken: Set<string>): string {
  let free = name;
  for (let index = 2; taken.has(free); index++) free = `${name}-${String(index)}`;
  taken.add(free);
  return free;
}

/** One training as it was planned, judged on the recordings kept back for that. */
export function plannedRun(
  { seed, trainIds, watchIds, validationIds }: TrainingPlan,
  way: TrainingWay,
  asked: Omit<Parameters<typeof settingsForWay>[2], 'seed' | 'isWatched'>,
): TrainingRun {
  const settings = settingsForWay(way, trainIds.length, { seed, isWatched: watchIds.length > 0, ...asked });
  const hash = sha256(JSON.stringify([RECIPE, PIPELINE_VERSION, way, settings, trainIds, watchIds]));
  const ids = { trainIds, watchIds, validationIds, testIds: validationIds };
  return { name: 'validation', kind: 'validation', way, ...ids, settings, hash };
}

function makeRun(
  plan: RunPlan,
  name: string,
  kind: RunKind,
  trainIds: string[],
  testIds: string[],
): TrainingRun {
  const way = plan.from ? 'all' : 'scratch';
  const ids = { trainIds, watchIds: [], validationIds: [], testIds };
  const run: Omit<TrainingRun, 'settings' | 'hash'> = { name, kind, way, ...ids };
  if (!dependsOnWatching()) return finishRun(plan, run);
  const mine = new Set(trainIds);
  const inner = validationSplit(
    plan.recordings.filter((recording) => mine.has(recording.id)),
    WATCHED_FRACTION,
    plan.seed,
  );
  return finishRun(plan, { ...run, trainIds: inner.trainIds, watchIds: inner.validationIds });
}

function finishRun(plan: RunPlan, run: Omit<TrainingRun, 'settings' | 'hash'>): TrainingRun {
  const settings = settingsFor(run.trainIds.length, {
    seed: plan.seed,
    ...(plan.epochs === undefined ? {} : { epochs: plan.epochs }),
    ...(plan.batchSize === undefined ? {} : { batchSize: plan.batchSize }),
  });
  const byId = new Map(plan.recordings.map((recording) => [recording.id, recording]));
  const told = (ids: readonly string[]) => ids.map((id) => [byId.get(id), plan.contents.get(id) ?? null]);
  const decisive = [
    RECIPE,
    PIPELINE_VERSION,
    settings,
    plan.from && inputOf(plan.from),
    told(run.trainIds),
    told(run.watchIds),
    run.testIds.map((id) => [id, plan.contents.get(id) ?? null]),
  ];
  return { ...run, settings, hash: sha256(JSON.stringify(decisive)) };
}

/** What of a model started from decides the training: its weights, and how a recording becomes their input. */
function inputOf(from: ModelManifest): Partial<ModelManifest> {
  const { sha256, labels, output, sampleRateHz, window, features, inputLayout, aggregation } = from;
  return { sha256, labels, output, sampleRateHz, window, features, inputLayout, aggregation };
}

/** Whether the recipe decides anything by the validation loss: when to stop, when to slow down, which pass to keep. */
function dependsOnWatching(): boolean {
  const { earlyStoppingPatience, schedule, averageLastEpochs } = RECIPE.settings;
  return earlyStoppingPatience !== null || schedule === 'plateau' || averageLastEpochs === 0;
}

/** Trainings side by side: one a core where each uses one, one in all where they would share a GPU. */
export function defaultJobs(backend: BackendName): number {
  return backend === 'wasm' || backend === 'cpu' ? availableParallelism() : 1;
}

function labelsOf(recordings: readonly LabelledRecording[], ids: readonly string[]): string[] {
  const wanted = new Set(ids);
  return recordings.filter((recording) => wanted.has(recording.id)).map((recording) => recording.label);
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

export function fileSafe(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-');
}
