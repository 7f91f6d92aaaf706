// The inference worker: lives as long as the page, answers one call after another, and moves to the next
// backend when a GPU is lost. Glue only: the signal path is core/pipeline.ts, the choice core/tensor/backend.ts.

import wasmSimdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import { expose, transfer } from 'comlink';
import { AppError, isAbort, toAppError } from '../src/core/errors.ts';
import { Classifier, type ModelAssets } from '../src/core/model/classifier.ts';
import { classifyRecording } from '../src/core/pipeline.ts';
import type { BackendPreference, BackendReport } from '../src/core/tensor/backend-report.ts';
import { chooseBackend } from '../src/core/tensor/backend.ts';
import type { GpuLoss } from '../src/core/tensor/gpu-loss.ts';
import type { RecordingAnalysis } from '../src/core/types.ts';
import { thenRelease } from '../src/rpc/comlink-handlers.ts';
import type { InferenceApi, WorkerMemory } from '../src/rpc/protocol.ts';
import { platform, probes, yieldControl } from './platform.ts';

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

  classify(...call: Parameters<InferenceApi['classify']>): Promise<RecordingAnalysis> {
    const analysis = this.#inTurn(async () => {
      const losses = this.#lost.length;
      try {
        return await this.#classifyOnce(...call);
      } catch (error) {
        const { code, message } = toAppError(error);
        const noticed = this.#lost.length > losses;
        if (isAbort(error) || (code !== 'gpu-lost' && !noticed)) throw error;
        if (!noticed) this.#lost.push({ name: this.#report?.name ?? 'cpu', reason: message });
        await this.#open();
        return await this.#classifyOnce(...call);
      }
    });
    return thenRelease(analysis, ...call.slice(1));
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
    ...[request, onStage, signal]: Parameters<InferenceApi['classify']>
  ): Promise<RecordingAnalysis> {
    if (!this.#classifier || !this.#report)
      throw new AppError('model-missing', 'No model is loaded yet. Choose one first.');
    const backend = this.#report.name;
    const lent = { ...platform, yieldControl, backend: () => backend };
    const analysis = await classifyRecording(request, this.#classifier, lent, onStage, signal);
    if (this.#lost.some((loss) => loss.name === backend))
      throw new AppError('gpu-lost', 'The graphics device was lost.');
    return handOver(analysis);
  }

  /** Chooses a backend, leaving out those that were lost, and loads the model on it. */
  async #open(): Promise<BackendReport> {
    if (!this.#started) throw new AppError('model-missing', 'No model is loaded yet. Choose one first.');
    this.#classifier?.dispose();
    this.#classifier = null;
    const surroundings = probes(wasmSimdUrl, this.#lost, (loss) => this.#lost.push(loss));
    this.#report = await chooseBackend(this.#started.backend, surroundings);
    this.#classifier = await Classifier.load(this.#started.model);
    return this.#report;
  }

  /** Calls share one network and one clock: the next begins when the last has ended, however it ended. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

/** The large arrays of a picture move to the page instead of being copied on its thread. */
function handOver(analysis: RecordingAnalysis): RecordingAnalysis {
  const { picture } = analysis;
  if (!picture) return analysis;
  return transfer(analysis, [...new Set([picture.audio.samples.buffer, picture.logMel.values.buffer])]);
}

expose(new InferenceWorker(), self);
