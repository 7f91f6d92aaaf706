// The inference worker: lives as long as the page, answers one call after another, and moves to the next
// backend when a GPU is lost. Glue only: the signal path is core/pipeline.ts, the choice core/tensor/backend.ts.

import wasmSimdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import { expose } from 'comlink';
import { AppError, isAbort, toAppError } from '../src/core/errors.ts';
import { Classifier, type ModelAssets } from '../src/core/model/classifier.ts';
import { classifyRecording, type ClassifyRequest } from '../src/core/pipeline.ts';
import type { BackendPreference, BackendReport } from '../src/core/tensor/backend-report.ts';
import { chooseBackend } from '../src/core/tensor/backend.ts';
import type { GpuLoss } from '../src/core/tensor/gpu-loss.ts';
import type { ClassifyStage, RecordingAnalysis } from '../src/core/types.ts';
import '../src/rpc/comlink-handlers.ts';
import type { InferenceApi, WorkerMemory } from '../src/rpc/protocol.ts';
import { platform, probes } from './platform.ts';

class InferenceWorker implements InferenceApi {
  #queue: Promise<unknown> = Promise.resolve();
  #started: { model: ModelAssets; backend: BackendPreference } | null = null;
  #report: BackendReport | null = null;
  #classifier: Classifier | null = null;
  readonly #lost: GpuLoss[] = [];

  start(request: { model: ModelAssets; backend: BackendPreference }): Promise<BackendReport> {
    return this.#inTurn(() => {
      this.#started = request;
      return this.#open();
    });
  }

  classify(request: ClassifyRequest, onStage?: (stage: ClassifyStage) => void): Promise<RecordingAnalysis> {
    return this.#inTurn(async () => {
      const lossesBefore = this.#lost.length;
      try {
        return await this.#classifyOnce(request, onStage);
      } catch (error) {
        const lost = error instanceof AppError && error.code === 'gpu-lost';
        if (isAbort(error) || (!lost && this.#lost.length === lossesBefore)) throw error;
        if (this.#lost.length === lossesBefore)
          this.#noteLoss({ name: this.#report?.name ?? 'cpu', reason: toAppError(error).message });
        await this.#open();
        return await this.#classifyOnce(request, onStage);
      }
    });
  }

  report(): Promise<BackendReport | null> {
    return this.#inTurn(() => Promise.resolve(this.#report));
  }

  memory(): Promise<WorkerMemory> {
    return this.#inTurn(() =>
      Promise.resolve({ numTensors: tf.memory().numTensors, numBytes: tf.memory().numBytes }),
    );
  }

  async #classifyOnce(
    request: ClassifyRequest,
    onStage?: (stage: ClassifyStage) => void,
  ): Promise<RecordingAnalysis> {
    if (!this.#classifier || !this.#report)
      throw new AppError('model-missing', 'No model is loaded yet. Choose one first.');
    const backend = this.#report.name;
    const analysis = await classifyRecording(
      request,
      this.#classifier,
      { ...platform, backend: () => backend },
      onStage,
    );
    if (this.#lost.some((loss) => loss.name === backend))
      throw new AppError('gpu-lost', 'The graphics device was lost.');
    return analysis;
  }

  /** Chooses a backend, leaving out those that were lost, and loads the model on it. */
  async #open(): Promise<BackendReport> {
    if (!this.#started) throw new AppError('model-missing', 'No model is loaded yet. Choose one first.');
    this.#classifier?.dispose();
    this.#classifier = null;
    this.#report = await chooseBackend(
      this.#started.backend,
      probes(wasmSimdUrl, this.#lost, (loss) => this.#noteLoss(loss)),
    );
    this.#classifier = await Classifier.load(this.#started.model);
    return this.#report;
  }

  #noteLoss(loss: GpuLoss): void {
    this.#lost.push(loss);
  }

  /** Calls share one network and one clock: the next begins when the last has ended, however it ended. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

expose(new InferenceWorker(), self);
