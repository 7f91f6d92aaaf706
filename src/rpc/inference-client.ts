// The page's handle on the inference worker. It remembers model and backend, so that a worker that had to
// be restarted is started again before the next recording, unseen by the caller.

import { proxy, transfer } from 'comlink';
import { AppError } from '../core/errors.ts';
import type { ClassifyStage, RecordingAnalysis } from '../core/types.ts';
import type {
  BackendPreference,
  BackendReport,
  ClassifyRequest,
  InferenceApi,
  ModelAssets,
  RecordingSource,
  WorkerMemory,
} from './protocol.ts';
import { WorkerHost, type WorkerLike } from './worker-host.ts';

export class InferenceClient {
  readonly #host: WorkerHost<InferenceApi>;
  #started: { model: ModelAssets; backend: BackendPreference } | null = null;
  #starting: Promise<BackendReport> | null = null;
  #report: BackendReport | null = null;

  constructor(spawn: () => WorkerLike) {
    this.#host = new WorkerHost(spawn);
  }

  /** The backend in use after the latest start or fallback; null before. */
  get report(): BackendReport | null {
    return this.#report;
  }

  /** Chooses a backend and loads a model; again to change either. @throws AppError `backend-unavailable`, `model-invalid` */
  async start(model: ModelAssets, backend: BackendPreference): Promise<BackendReport> {
    this.#started = { model, backend };
    this.#starting = this.#host.call((api) => api.start({ model, backend }));
    this.#report = await this.#starting;
    return this.#report;
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
    const { backend } = analysis.result;
    if (backend && backend !== this.#report?.name)
      this.#report = await this.#host.call((api) => api.report());
    return analysis;
  }

  async memory(): Promise<WorkerMemory> {
    await this.#ready();
    return await this.#host.call((api) => api.memory());
  }

  dispose(): void {
    this.#host.terminate();
  }

  async #ready(signal?: AbortSignal): Promise<void> {
    if (!this.#started) throw new AppError('model-missing', 'No model is loaded yet. Choose one first.');
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
