// What the state classes ask of the world, as interfaces: wiring/ hands in the real things, tests hand in
// fakes. Types only.

import type { AppError } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { Golden } from '../core/training/golden.ts';
import type { LabelReading } from '../core/training/labels.ts';
import type { ClassifyStage, RecordingAnalysis } from '../core/types.ts';
import type { Collection } from '../input/collect-files.ts';
import type { PoolListener, PoolTask } from '../rpc/inference-pool.ts';
import type {
  BackendPreference,
  BackendReport,
  ClassifyRequest,
  EvaluationAnswer,
  EvaluationItem,
  ModelAssets,
  RecordingSource,
} from '../rpc/protocol.ts';

/** The inference worker as state sees it. */
export interface Classifier {
  /** The backend in use after the latest start or fallback; null before. */
  readonly report: BackendReport | null;
  start(model: ModelAssets, backend: BackendPreference): Promise<BackendReport>;
  classify(
    request: ClassifyRequest,
    onStage?: (stage: ClassifyStage) => void,
    signal?: AbortSignal,
  ): Promise<RecordingAnalysis>;
}

/** Where the model in use comes from. */
export interface ModelSource {
  /** @throws AppError `model-missing`, `model-invalid`, `storage-blocked` */
  load(): Promise<ModelAssets>;
  /** Whether the model that was just started is what it should be. @throws AppError `model-invalid` */
  check?(model: ModelAssets): Promise<void>;
  /** What answers in place of one that did not load, start or pass; null: nothing. */
  instead?(error: AppError): Promise<ModelAssets | null>;
}

/** A model that ships with the app. */
export interface BundledSource {
  manifest: ModelManifest;
  /** @throws AppError `model-missing` when the files cannot be had */
  load(): Promise<ModelAssets>;
  /** Its evaluation, or null where it has none. */
  metrics(): Promise<unknown>;
  /** MODEL_CARD.md; empty where it has none. */
  card(): Promise<string>;
  golden(): Promise<Golden | null>;
  replay(): Promise<ArrayBuffer | null>;
}

/** Starts a model in a worker of its own, asks for its known answers, and ends the worker. @throws AppError */
export type AskKnownAnswers = (model: ModelAssets) => Promise<Golden>;

/** SHA-256, lower-case hex. */
export type HashBytes = (bytes: ArrayBuffer) => Promise<string>;

/** Tells other tabs that the models have changed, and hears of it from them. */
export interface ModelNews {
  tell(): void;
  listen(onNews: () => void): void;
}

/** Makes a file ready for the worker. @throws AppError for one that cannot be read */
export type PrepareRecording = (file: File) => Promise<RecordingSource>;

/** A small JSON value that outlives the page. Never throws: a full or forbidden store forgets. */
export interface KeyValueStore {
  read(key: string): unknown;
  /** Returns whether it is kept. */
  write(key: string, value: unknown): boolean;
}

/** The part after `#` and the news of its change. */
export interface HashSource {
  read(): string;
  write(hash: string): void;
  /** Returns a function that stops listening. */
  listen(onChange: () => void): () => void;
}

/** Whether the system prefers dark, and the news of its change. */
export interface SystemTheme {
  isDark(): boolean;
  listen(onChange: () => void): () => void;
}

/** Does something after a time. Returns a function that calls it off. */
export type Later = (action: () => void, ms: number) => () => void;

/** Answers many recordings; see rpc/inference-pool.ts for what it promises. */
export interface RecordingPool {
  run(tasks: Iterator<PoolTask>, listener: PoolListener, signal: AbortSignal): Promise<void>;
}

/**
 * What a collection says of the truth, in terms of the model's labels; null where it says nothing. A table that
 * cannot be understood is moved to the collection's skipped files, with the reason.
 */
export type ReadTruth = (collection: Collection, labels: readonly string[]) => Promise<LabelReading | null>;

/** Which batches are under way in any tab of this program. */
export interface BatchLocks {
  /** Until the returned function is called, or the tab is gone. */
  hold(id: string): () => void;
  held(): Promise<ReadonlySet<string>>;
}

/** Computes the figures of an evaluation; see rpc/evaluation-client.ts for what it promises. */
export interface Evaluator {
  evaluate(
    items: readonly EvaluationItem[],
    labels: readonly string[],
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<EvaluationAnswer>;
}

export interface StorageUse {
  /** Of everything that this program keeps here, the program itself included; the browser rounds. */
  usedBytes: number;
  quotaBytes: number;
  /** The browser clears it only when a person says so. */
  isKept: boolean;
}

/** How much room there is for what is stored. */
export interface StorageGauge {
  /** Null where the browser does not tell. */
  measure(): Promise<StorageUse | null>;
  /** Asks the browser not to clear it by itself. Returns whether it will not. */
  keep(): Promise<boolean>;
  /** This browser clears what a page has kept when it was not used for a week. */
  readonly clearsWhenIdle: boolean;
}

/** `cleared`: found empty, nobody here did it; `deleted`: a person did; `restored`: a backup is here now;
 * `changed`: what lies beside the database has come too. */
export type StorageWord = 'cleared' | 'deleted' | 'restored' | 'changed';

/** Tells other tabs what became of everything that is kept, and hears of it from them. */
export interface StorageNews {
  tell(word: StorageWord): void;
  listen(onWord: (word: StorageWord) => void): void;
}
