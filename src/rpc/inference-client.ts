// The page's handle on the inference worker. It remembers model and backend, so that a worker that had to
// be restarted is started again before the next recording, unseen by the caller.

import { proxy, transfer } from 'comlink';
import { AppError, toAppError } from '../core/errors.ts';
import type { SoundSurvey } from '../core/collection/types.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { Golden } from '../core/training/golden.ts';
import type { ReferenceAnswer } from '../core/training/verdict.ts';
import type { ClassifyStage, RecordingAnalysis, RecordingResult } from '../core/types.ts';
import type {
  BackendPreference,
  BackendReport,
  ClassifyRequest,
  HeardRecording,
  InferenceApi,
  ModelAssets,
  RecordingSource,
  WorkerMemory,
} from './protocol.ts';
import { rpcText } from './rpc-text.ts';
import { WorkerHost, type WorkerLike } from './worker-host.ts';

export class InferenceClient {
  readonly #host: WorkerHost<InferenceApi>;
  #started: { model: ModelAssets; backend: BackendPreference } | null = null;
  #starting: Promise<BackendReport> | null = null;
  #report: BackendReport | null = null;

  constructor(spawn: () => WorkerLike) {
    this.#host = new WorkerHost(spawn);
  }

  /** The model that was started last; null before. */
  get model(): ModelAssets | null {
    return this.#started?.model ?? null;
  }

  /** The backend in use after the latest start or fallback; null before. */
  get report(): BackendReport | null {
    return this.#report;
  }

  /** Chooses a backend and loads a model; again to change either. @throws AppError `backend-unavailable`, `model-invalid` */
  async start(model: ModelAssets, backend: BackendPreference): Promise<BackendReport> {
    this.#started = { model, backend };
    this.#starting = this.#host.call((api) => api.start({ model, backend }));
    try {
      this.#report = await this.#starting;
      return this.#report;
    } catch (error) {
      // Half started it would stay half started: what could not be loaded or held is tried anew in a fresh worker.
      const { code } = toAppError(error);
      if (code === 'program-missing' || code === 'out-of-memory') this.#host.terminate(error);
      throw error;
    }
  }

  /**
   * One recording. The source's buffers are transferred: they are gone afterwards.
   * A bad recording is a result with status `error`; rejects only for a dead worker or an abort.
   */
  async classify(
    request: ClassifyRequest,
    onStage?: (stage: ClassifyStage) => void,
    signal?: AbortSignal,
  ): Promise<RecordingAnalysis> {
    await this.#ready(signal);
    const message = transfer(request, sourceBuffers(request.source));
    const analysis = await this.#host.call(
      (api, alive) => {
        if (!onStage) return api.classify(message, undefined, signal);
        const report = proxy((stage: ClassifyStage) => {
          alive();
          onStage(stage);
        });
        return api.classify(message, report, signal);
      },
      { signal },
    );
    await this.#noticeBackend(analysis.result);
    return analysis;
  }

  /** Several recordings, answered in order; the sources' buffers are transferred. */
  async classifyAll(requests: ClassifyRequest[], signal?: AbortSignal): Promise<RecordingResult[]> {
    await this.#ready(signal);
    const message = transfer(
      requests,
      requests.flatMap(({ source }) => sourceBuffers(source)),
    );
    const results = await this.#host.call((api) => api.classifyAll(message, signal), { signal });
    await this.#noticeBackend(results.at(-1));
    return results;
  }

  /** What comes before the network, for several recordings; needs no start. */
  hear(
    requests: ClassifyRequest[],
    manifest: ModelManifest,
    signal?: AbortSignal,
  ): Promise<HeardRecording[]> {
    const message = transfer(
      requests,
      requests.flatMap(({ source }) => sourceBuffers(source)),
    );
    return this.#host.call((api) => api.hear(message, manifest, signal), { signal });
  }

  /** The network's part of recordings that another worker has heard; their matrices are transferred. */
  async judge(heard: HeardRecording[], signal?: AbortSignal): Promise<RecordingResult[]> {
    await this.#ready(signal);
    const message = transfer(
      heard,
      heard.flatMap(({ input }) => input?.matrix.values.buffer ?? []),
    );
    const results = await this.#host.call((api) => api.judge(message, signal), { signal });
    await this.#noticeBackend(results.at(-1));
    return results;
  }

  /**
   * Answers to the reference windows of a replay set, which stays with the caller.
   * @throws AppError `import-invalid` for a set that is damaged, or made for a model with other features
   */
  async judgeReference(replay: ArrayBuffer, signal?: AbortSignal): Promise<ReferenceAnswer[]> {
    await this.#ready(signal);
    return await this.#host.call((api) => api.judgeReference(replay, signal), { signal });
  }

  /** What the model that was started answers to the fixed inputs of golden.json. */
  async fingerprint(): Promise<Golden> {
    await this.#ready();
    return await this.#host.call((api) => api.fingerprint());
  }

  /** What there is to know of a recording before it is kept; needs no start. The source's buffers are transferred. */
  survey(source: RecordingSource, signal?: AbortSignal): Promise<SoundSurvey> {
    const message = transfer(source, sourceBuffers(source));
    return this.#host.call((api) => api.survey(message, signal), { signal });
  }

  async memory(): Promise<WorkerMemory> {
    await this.#ready();
    return await this.#host.call((api) => api.memory());
  }

  dispose(): void {
    this.#host.terminate();
  }

  /** A worker that lost its GPU answers on another backend: what it now uses is asked for once. */
  async #noticeBackend(result: RecordingResult | undefined): Promise<void> {
    if (result?.backend && result.backend !== this.#report?.name)
      this.#report = await this.#host.call((api) => api.report());
  }

  async #ready(signal?: AbortSignal): Promise<void> {
    if (!this.#started) throw new AppError('model-missing', rpcText.noModel);
    if (this.#host.alive) await this.#starting;
    else await this.start(this.#started.model, this.#started.backend);
    signal?.throwIfAborted();
  }
}

/** Buffers to transfer with a source, each once. */
export function sourceBuffers(source: RecordingSource): ArrayBuffer[] {
  if (source.kind === 'bytes') return [source.bytes];
  return [...new Set(source.pcm.channels.map((channel) => channel.buffer as ArrayBuffer))];
}
