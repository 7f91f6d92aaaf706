// The worker boundary, types only: what crosses between the page and its workers.
// Only plain objects and typed arrays cross; buffers are transferred; a live tensor never leaves its worker.
// Callbacks are top-level arguments; `signal` cancels, and a cancelled call rejects with an AbortError.

import type { ModelAssets } from '../core/model/classifier.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { TrainRequest } from '../core/training/session.ts';
import type { ClassifyRequest, HeardRecording, RecordingSource } from '../core/pipeline.ts';
import type { BackendPreference, BackendReport, BackendTrial } from '../core/tensor/backend-report.ts';
import type { ClassifyStage, RecordingAnalysis, RecordingResult } from '../core/types.ts';
import type { EvaluationItem, LabelledRocCurve } from '../core/training/answers.ts';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { StepCost } from '../core/training/estimate.ts';
import type { EvaluationReport } from '../core/training/evaluate.ts';
import type { Golden } from '../core/training/golden.ts';
import type { TrainingOutcome, TrainingProgress } from '../core/training/types.ts';
import type { ReferenceAnswer, Verdict, VerdictMaterial } from '../core/training/verdict.ts';
import type { SoundSurvey } from '../core/collection/types.ts';

export type {
  BackendPreference,
  BackendReport,
  BackendTrial,
  ClassifyRequest,
  HeardRecording,
  ModelAssets,
  RecordingSource,
};
export type { EvaluationItem, TrainingProgress, TrainRequest };

export interface WorkerMemory {
  numTensors: number;
  numBytes: number;
}

export interface InferenceApi {
  /** Chooses a backend (self-tested, see core/tensor) and loads the model. May be called again to change either. */
  start(request: { model: ModelAssets; backend: BackendPreference }): Promise<BackendReport>;
  /** `onStage` fires when a stage begins. Never rejects for a bad recording: that is a result with status 'error'. */
  classify(
    request: ClassifyRequest,
    onStage?: (stage: ClassifyStage) => void,
    signal?: AbortSignal,
  ): Promise<RecordingAnalysis>;
  /** Everything before the network, for several recordings; works without `start`. Picture wishes are ignored. */
  hear(requests: ClassifyRequest[], manifest: ModelManifest, signal?: AbortSignal): Promise<HeardRecording[]>;
  /** The network's part of several recordings, in order; their windows fill its batches together. */
  judge(heard: HeardRecording[], signal?: AbortSignal): Promise<RecordingResult[]>;
  /** `hear` and `judge` in this one worker. */
  classifyAll(requests: ClassifyRequest[], signal?: AbortSignal): Promise<RecordingResult[]>;
  /** What there is to know of a recording before it is kept to train on; works without `start`. @throws AppError */
  survey(source: RecordingSource, signal?: AbortSignal): Promise<SoundSurvey>;
  /** Answers to the reference windows of a replay set. */
  judgeReference(replay: ArrayBuffer, signal?: AbortSignal): Promise<ReferenceAnswer[]>;
  /** What the model that was started answers to the fixed inputs of golden.json. */
  fingerprint(): Promise<Golden>;
  /** The backend in use: it changes when a GPU was lost on the way. Null before `start`. */
  report(): Promise<BackendReport | null>;
  memory(): Promise<WorkerMemory>;
}

export interface TrainingRecording {
  id: string;
  label: string;
  /** What a split may never cut through: a patient. */
  group: string;
  /** Where it was recorded: classes are balanced inside each. */
  source: string;
  /** 1 clean, 0 noisy, null unknown. */
  quality: 0 | 1 | null;
}

/** What a replay set is balanced and split by. */
export type ReplayCandidate = Omit<TrainingRecording, 'quality'>;

export interface TrainingApi {
  /** @param request manifest of the model to be trained: its labels, and the features of all recordings to come */
  start(request: { manifest: ModelManifest; backend: BackendPreference }): Promise<BackendReport>;
  /** Decodes and keeps the log-mel of one recording. @throws AppError for a recording that cannot be read */
  addRecording(recording: TrainingRecording, source: RecordingSource): Promise<{ durationSec: number }>;
  /** What the way costs here: a few real steps are run on noise of the right shape. Nothing is kept of it. */
  measureStep(request: Pick<TrainRequest, 'way' | 'settings' | 'from'>): Promise<StepCost>;
  /**
   * One run over the recordings added.
   * `onProgress` fires while embeddings are computed, after every few steps and at the end of every epoch.
   * `onCheckpoint` fires after every epoch and is awaited. `signal`: stop after the step under way and keep the best;
   * to cancel, end the worker.
   */
  train(
    request: TrainRequest,
    onProgress?: (progress: TrainingProgress) => void,
    onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<TrainingOutcome>;
  /** Uncalibrated logits per recording, with the model just trained or the given one. `[nLabels]` or one number. */
  score(request: { ids: string[]; model: ModelAssets | null }): Promise<{ id: string; logits: number[] }[]>;
  /**
   * A replay set of recordings that were added: all that the model was trained on. See core/training/replay.ts.
   * @throws AppError `not-enough-examples` where they are too few for two parts
   */
  makeReplay(request: { recordings: ReplayCandidate[]; seed: number }): Promise<ArrayBuffer>;
  memory(): Promise<WorkerMemory>;
}

export interface EvaluationAnswer {
  report: EvaluationReport;
  curves: LabelledRocCurve[];
}

export interface EvaluationApi {
  /** Answers to evaluate, in order, some at a time: copying thousands at once would hold up the page. */
  add(items: EvaluationItem[]): Promise<void>;
  /** Of all that were added. `onProgress` fires some hundred times, with the fraction done. */
  evaluate(labels: string[], onProgress: (fraction: number) => void): Promise<EvaluationAnswer>;
  /** What a verdict is made from, some recordings of each model at a time; the labels in every part. */
  addMaterial(part: VerdictMaterial): Promise<void>;
  /** Candidate against active model, on all material that was added. `onProgress` as above. */
  verdict(onProgress: (fraction: number) => void): Promise<Verdict>;
}
