// One browser with a training worker that holds every recording's features; runs are trained in it one after
// another. Several sessions side by side use several cores. Imports app-session and types.

import type { ErrorCode } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { LabelledRecording } from '../core/training/labels.ts';
import type { BackendName } from '../core/types.ts';
import type { TrainingProgress } from '../rpc/protocol.ts';
import { AppSession, type LocalFile, type ServedApp } from './app-session.ts';
import { OUTCOME_SCHEMA, type RunOutcome, type TrainingRun } from './training-runs.ts';

export interface SessionMaterial {
  manifest: ModelManifest;
  backend: BackendName | 'auto';
  recordings: readonly LabelledRecording[];
  files: ReadonlyMap<string, LocalFile>;
  /** Model folder to start from; null: from scratch. */
  from: string | null;
  /** Replay set to mix in; null: none. */
  replay: Uint8Array | null;
  /** Whether a model that ships gets a replay set of what it was trained on. */
  makesReplay: boolean;
}

/** What says nothing about the recording: another worker may well read it. */
const WORKER_TROUBLE: readonly string[] = [
  'worker-crashed',
  'worker-stalled',
  'gpu-lost',
] satisfies ErrorCode[];

/** Recordings handed over in one call: few enough that progress shows. */
const CHUNK = 64;

export class TrainingSession {
  readonly #app: AppSession;
  readonly #material: SessionMaterial;
  readonly backend: BackendName;
  /** Recordings that could not be read, with the sentence why; they take part in no run. */
  readonly unreadable = new Map<string, string>();
  #onProgress: (progress: TrainingProgress) => void = () => {};
  #onRead: () => void = () => {};

  private constructor(app: AppSession, material: SessionMaterial, backend: BackendName) {
    this.#app = app;
    this.#material = material;
    this.backend = backend;
  }

  /** Opens the app and starts its training worker. An abort closes the browser: every call under way rejects. */
  static async open(
    served: ServedApp,
    material: SessionMaterial,
    signal: AbortSignal,
    log: (line: string) => void,
  ): Promise<TrainingSession> {
    const { manifest, backend } = material;
    const app = await AppSession.open({
      webgpu: backend === 'auto' || backend === 'webgpu',
      log,
      app: served,
    });
    const close = () => void app.close();
    if (signal.aborted) close();
    signal.addEventListener('abort', close, { once: true });
    try {
      const report = await app.call('startTraining', { manifest, backend });
      const session = new TrainingSession(app, material, report.name);
      await app.listen((event) => {
        if (event.kind === 'progress') session.#onProgress(event.progress);
        else session.#onRead();
      });
      return session;
    } catch (error) {
      await app.close();
      throw error;
    }
  }

  /**
   * Hands all recordings over, which the worker keeps as features.
   * @param onRead fires for each of them
   * @throws Error when the worker is in trouble, so that the session is to be given up
   */
  async read(onRead: () => void): Promise<void> {
    this.#onRead = onRead;
    const { recordings, files } = this.#material;
    for (let first = 0; first < recordings.length; first += CHUNK) {
      const items = recordings.slice(first, first + CHUNK).flatMap((recording) => {
        const file = files.get(recording.id);
        return file ? [{ recording, file: this.#app.offer(file) }] : [];
      });
      for (const added of await this.#app.call('addRecordings', items))
        if ('error' in added) {
          if (WORKER_TROUBLE.includes(added.error.code)) throw new Error(added.error.message);
          this.unreadable.set(added.id, added.error.message);
        }
      this.#app.withdraw(...items.map((item) => item.file));
    }
  }

  /** Trains one run from its start and judges its test recordings. */
  async run(
    run: TrainingRun,
    keepModel: boolean,
    onProgress: (progress: TrainingProgress) => void,
  ): Promise<RunOutcome> {
    this.#onProgress = onProgress;
    const readable = (ids: string[]) => ids.filter((id) => !this.unreadable.has(id));
    const { name, hash, settings } = run;
    const { from, replay, makesReplay } = this.#material;
    const outcome = await this.#app.call('train', {
      way: run.way,
      settings,
      trainIds: readable(run.trainIds),
      watchIds: readable(run.watchIds),
      validationIds: readable(run.validationIds),
      from: from === null ? null : { model: this.#app.offerModel(from) },
      replay: replay && this.#app.offer({ fileName: 'replay.bin', read: () => Promise.resolve(replay) }),
    });
    const testIds = readable(run.testIds);
    const predictions = testIds.length > 0 ? await this.#app.call('score', testIds, null) : [];
    const heard = [...run.trainIds, ...run.watchIds];
    const mine = new Set([...heard, ...run.validationIds, ...run.testIds]);
    const unreadable = [...this.unreadable]
      .filter(([id]) => mine.has(id))
      .map(([id, message]) => ({ id, message }));
    const { history, bestEpoch, stopped, backend, seconds, judgement, modelJson, weights } = outcome;
    const ownReplay =
      keepModel && makesReplay ? await this.makeReplay(heard, settings.seed).catch(() => null) : null;
    return {
      schema: OUTCOME_SCHEMA,
      name,
      hash,
      settings,
      predictions,
      unreadable,
      history,
      bestEpoch,
      stopped,
      backend,
      seconds,
      judgement,
      model: keepModel ? { modelJson, weights, replay: ownReplay } : null,
    };
  }

  /**
   * A replay set of what was read of these recordings, in base64.
   * @throws Error where they are too few
   */
  makeReplay(ids: readonly string[], seed: number): Promise<string> {
    const wanted = new Set(ids);
    const heard = this.#material.recordings.filter(({ id }) => wanted.has(id) && !this.unreadable.has(id));
    const candidates = heard.map(({ id, label, group, source }) => ({ id, label, group, source }));
    return this.#app.call('makeReplay', candidates, seed);
  }

  close(): Promise<void> {
    return this.#app.close();
  }
}
