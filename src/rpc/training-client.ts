// The page's handle on a training worker: made for one run, terminated at its end. Termination is the only
// sure way to stop a computation and to give its memory back. Recordings and network die with a worker that
// crashes, so every call after its end is rejected with that end.

import { proxy, transfer } from 'comlink';
import type { StepCost } from '../core/training/estimate.ts';
import { sourceBuffers } from './inference-client.ts';
import type {
  BackendPreference,
  BackendReport,
  ModelAssets,
  RecordingSource,
  TrainingApi,
  TrainingProgress,
  TrainingRecording,
  WorkerMemory,
} from './protocol.ts';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { TrainingOutcome } from '../core/training/types.ts';
import { WorkerHost, type WorkerLike } from './worker-host.ts';

/** A training step on a slow device may take long before it can give a sign of life, milliseconds. */
const TRAINING_STALL_MS = 600_000;

export class TrainingClient {
  readonly #host: WorkerHost<TrainingApi>;

  constructor(spawn: () => WorkerLike) {
    this.#host = new WorkerHost(spawn, { respawns: false });
  }

  start(request: { manifest: ModelAssets['manifest']; backend: BackendPreference }): Promise<BackendReport> {
    return this.#host.call((api) => api.start(request));
  }

  /** The source's buffers are transferred. @throws AppError for a recording that cannot be read */
  addRecording(recording: TrainingRecording, source: RecordingSource): Promise<{ durationSec: number }> {
    return this.#host.call((api) => api.addRecording(recording, transfer(source, sourceBuffers(source))));
  }

  /** What a way costs on this device; see TrainingApi. */
  measureStep(request: Parameters<TrainingApi['measureStep']>[0]): Promise<StepCost> {
    return this.#host.call((api) => api.measureStep(request), { stallMs: TRAINING_STALL_MS });
  }

  /** One run; an abort through `signal` ends it after the step under way, with what it has so far. */
  train(
    request: Parameters<TrainingApi['train']>[0],
    onProgress?: (progress: TrainingProgress) => void,
    onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<TrainingOutcome> {
    return this.#host.call(
      (api, alive) => {
        const report = proxy((progress: TrainingProgress) => {
          alive();
          onProgress?.(progress);
        });
        const keep = proxy(async (checkpoint: Checkpoint): Promise<void> => {
          alive();
          await onCheckpoint?.(checkpoint);
        });
        return signal ? api.train(request, report, keep, signal) : api.train(request, report, keep);
      },
      { stallMs: TRAINING_STALL_MS },
    );
  }

  score(request: Parameters<TrainingApi['score']>[0]): Promise<{ id: string; logits: number[] }[]> {
    return this.#host.call((api) => api.score(request), { stallMs: TRAINING_STALL_MS });
  }

  /** A replay set of recordings that were added; see TrainingApi. */
  makeReplay(request: Parameters<TrainingApi['makeReplay']>[0]): Promise<ArrayBuffer> {
    return this.#host.call((api) => api.makeReplay(request), { stallMs: TRAINING_STALL_MS });
  }

  memory(): Promise<WorkerMemory> {
    return this.#host.call((api) => api.memory());
  }

  dispose(): void {
    this.#host.terminate();
  }
}
