// An inference worker: answers one call after another, and moves to the next backend when a GPU is lost. The page
// has one as long as it lives and more for a batch. Glue only: the signal path is core/pipeline.ts.

import wasmSimdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import { transfer } from 'comlink';
import { AppError, toAppError } from '../src/core/errors.ts';
import { surveyRecording } from '../src/core/collection/survey.ts';
import { Classifier, type ModelAssets } from '../src/core/model/classifier.ts';
import {
  classifyRecording,
  hearRecording,
  judgeRecordings,
  type NetworkPlatform,
} from '../src/core/pipeline.ts';
import {
  backendInUse,
  type BackendPreference,
  type BackendReport,
} from '../src/core/tensor/backend-report.ts';
import { chooseBackend } from '../src/core/tensor/backend.ts';
import { onLivingBackend, type GpuLoss } from '../src/core/tensor/gpu-loss.ts';
import { goldenOf } from '../src/core/training/golden.ts';
import { judgeReference } from '../src/core/training/reference.ts';
import { thenRelease } from '../src/rpc/comlink-handlers.ts';
import type { InferenceApi, WorkerMemory } from '../src/rpc/protocol.ts';
import { rpcText } from '../src/rpc/rpc-text.ts';
import { analysisBuffers, heardBuffers } from './buffers.ts';
import { newsOfLoss, platform, probes, yieldControl } from './platform.ts';

type Answer<Method extends keyof InferenceApi> = ReturnType<InferenceApi[Method]>;

export class InferenceWorker implements InferenceApi {
  #queue: Promise<unknown> = Promise.resolve();
  #started: { model: ModelAssets; backend: BackendPreference } | null = null;
  #report: BackendReport | null = null;
  #classifier: Classifier | null = null;
  readonly #lost: GpuLoss[] = [];

  start(request: { model: ModelAssets; backend: BackendPreference }): Answer<'start'> {
    return this.#inTurn(() => {
      this.#started = request;
      return this.#open();
    });
  }

  classify(...[request, onStage, signal]: Parameters<InferenceApi['classify']>): Answer<'classify'> {
    const analysis = this.#withNetwork(
      (classifier, lent) => classifyRecording(request, classifier, lent, onStage, signal),
      signal,
    );
    const answer = analysis.then((one) => transfer(one, analysisBuffers(one)));
    return thenRelease(answer, onStage, signal);
  }

  hear(...[requests, manifest, signal]: Parameters<InferenceApi['hear']>): Answer<'hear'> {
    const heard = this.#inTurn(() => hearAll(requests, manifest, signal));
    return thenRelease(
      heard.then((all) => transfer(all, heardBuffers(all))),
      signal,
    );
  }

  judge(...[heard, signal]: Parameters<InferenceApi['judge']>): Answer<'judge'> {
    const answers = this.#withNetwork(
      (classifier, lent) => judgeRecordings(heard, classifier, lent, signal),
      signal,
    );
    return thenRelease(answers, signal);
  }

  classifyAll(...[requests, signal]: Parameters<InferenceApi['classifyAll']>): Answer<'classifyAll'> {
    const answers = this.#withNetwork(
      async (classifier, lent) =>
        judgeRecordings(await hearAll(requests, classifier.manifest, signal), classifier, lent, signal),
      signal,
    );
    return thenRelease(answers, signal);
  }

  judgeReference(...[replay, signal]: Parameters<InferenceApi['judgeReference']>): Answer<'judgeReference'> {
    const answers = this.#withNetwork(
      (classifier) =>
        judgeReference(replay, classifier, async () => {
          await yieldControl();
          signal?.throwIfAborted();
        }),
      signal,
    );
    return thenRelease(answers, signal);
  }

  fingerprint(): Answer<'fingerprint'> {
    return this.#withNetwork((classifier) => goldenOf(classifier));
  }

  survey(...[source, signal]: Parameters<InferenceApi['survey']>): Answer<'survey'> {
    const survey = this.#inTurn(() => surveyRecording(source, { ...platform, yieldControl }, signal));
    return thenRelease(
      survey.then((one) => transfer(one, [one.fingerprint.buffer])),
      signal,
    );
  }

  report(): Promise<BackendReport | null> {
    return this.#inTurn(() => Promise.resolve(this.#report));
  }

  memory(): Promise<WorkerMemory> {
    return this.#inTurn(() =>
      Promise.resolve({ numTensors: tf.memory().numTensors, numBytes: tf.memory().numBytes }),
    );
  }

  /** Work whose answer came from a living backend; done again on the next one where it did not. */
  #withNetwork<T>(
    work: (classifier: Classifier, lent: NetworkPlatform) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const isLost = (): boolean => this.#lost.some(({ name }) => name === this.#report?.name);
    return this.#inTurn(() =>
      onLivingBackend(
        {
          isLost,
          next: () => this.#open(),
          isCancelled: () => signal?.aborted ?? false,
          news: () => newsOfLoss(this.#report?.name),
        },
        async () => {
          if (!this.#classifier || !this.#report) throw noModel();
          const { name } = this.#report;
          const inUse = backendInUse(this.#report);
          try {
            return await work(this.#classifier, { ...platform, yieldControl, backend: () => inUse });
          } catch (error) {
            const { code, message } = toAppError(error);
            if (code === 'gpu-lost') this.#lost.push({ name, reason: message });
            throw error;
          }
        },
      ),
    );
  }

  /** Chooses a backend, leaving out those that were lost, and loads the model on it. */
  async #open(): Promise<BackendReport> {
    if (!this.#started) throw noModel();
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

async function hearAll(...[requests, manifest, signal]: Parameters<InferenceApi['hear']>): Answer<'hear'> {
  const heard: Awaited<Answer<'hear'>> = [];
  for (const request of requests)
    heard.push(await hearRecording(request, manifest, { ...platform, yieldControl }, signal));
  return heard;
}

function noModel(): AppError {
  return new AppError('model-missing', rpcText.noModel);
}
