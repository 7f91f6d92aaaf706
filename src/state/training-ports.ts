// What a training run asks of the world, as interfaces: wiring/ hands in the real things, tests hand in fakes.
// Types only.

import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { StepCost } from '../core/training/estimate.ts';
import type { Golden } from '../core/training/golden.ts';
import type { PlannedRecording } from '../core/training/plan.ts';
import type { TrainingOutcome } from '../core/training/types.ts';
import type { ReferenceAnswer, Verdict, VerdictMaterial } from '../core/training/verdict.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { RecordingResult } from '../core/types.ts';
import type {
  BackendPreference,
  BackendReport,
  ClassifyRequest,
  ModelAssets,
  RecordingSource,
  TrainingProgress,
  TrainingRecording,
  TrainRequest,
} from '../rpc/protocol.ts';
import type { ModelParts } from '../storage/model-record.ts';
import type { NewModel, RegisteredModel } from './registered-model.ts';

/** A training worker; see rpc/training-client.ts. After `dispose` every call rejects with an AbortError. */
export interface Trainer {
  start(request: { manifest: ModelManifest; backend: BackendPreference }): Promise<BackendReport>;
  addRecording(recording: TrainingRecording, source: RecordingSource): Promise<{ durationSec: number }>;
  measureStep(request: Pick<TrainRequest, 'way' | 'settings' | 'from'>): Promise<StepCost>;
  train(
    request: TrainRequest,
    onProgress?: (progress: TrainingProgress) => void,
    onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<TrainingOutcome>;
  dispose(): void;
}

/** An inference worker beside the page's own; see rpc/inference-client.ts. */
export interface Judge {
  start(model: ModelAssets, backend: BackendPreference): Promise<BackendReport>;
  classifyAll(requests: ClassifyRequest[], signal?: AbortSignal): Promise<RecordingResult[]>;
  /** The replay set is copied, not transferred. */
  judgeReference(replay: ArrayBuffer, signal?: AbortSignal): Promise<ReferenceAnswer[]>;
  fingerprint(): Promise<Golden>;
  dispose(): void;
}

/** Weighs a candidate against the active model; see rpc/evaluation-client.ts. */
export interface VerdictMaker {
  verdict(
    material: VerdictMaterial,
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<Verdict>;
}

/** The labelled collection as a run sees it. */
export interface TrainingCollection {
  /** Reads the list anew. */
  load(): Promise<void>;
  /** Those with a label. */
  plannedRecordings(): PlannedRecording[];
  /** The sound of a recording. @throws AppError `recordings-missing`, and what reading throws */
  readSource(id: string): Promise<RecordingSource>;
}

/** A model that a run can start from. */
export type RunModel = Pick<RegisteredModel, 'key' | 'name' | 'manifest' | 'runId' | 'heard'>;

/** The models that are here. */
export interface RunModels {
  readonly models: readonly RunModel[];
  /** Of the model that answers now. */
  readonly activeKey: string;
  /** Waits for the list. */
  list(): Promise<void>;
  /** @throws AppError `model-missing`, `model-invalid` */
  assetsOf(key: string): Promise<ModelAssets>;
  /** Null where none goes with it. @throws AppError like `assetsOf` */
  replayOf(key: string): Promise<ArrayBuffer | null>;
  /** @returns its key. @throws AppError `storage-full`, `storage-blocked`: nothing has changed then */
  add(model: NewModel, parts: ModelParts): Promise<string>;
  /** Checked and made the active one. @throws AppError `model-missing`, `model-invalid`, `model-changed` */
  promote(key: string): Promise<void>;
}

/** One training run at a time, over all tabs of this program. */
export interface RunLock {
  /** Until the returned function is called, or the tab is gone; null where another tab has it. */
  take(): Promise<(() => void) | null>;
  isTaken(): Promise<boolean>;
  /** Resolves when no other tab has it. */
  whenFree(): Promise<void>;
}
