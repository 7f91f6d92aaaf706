// One browser with a training worker that holds every recording's features; runs are trained in it one after
// another. Several sessions side by side use several cores. Imports app-session and types.

import type { AddedRecording } from '../automation.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { LabelledRecording } from '../core/training/labels.ts';
import type { BackendName } from '../core/types.ts';
import type { TrainingProgress } from '../rpc/protocol.ts';
import { AppSession, type LocalFile } from './app-session.ts';
import type { RunOutcome, TrainingRun } from './training-runs.ts';

export interface SessionMaterial {
  manifest: ModelManifest;
  backend: BackendName | 'auto';
  recordings: readonly LabelledRecording[];
  files: ReadonlyMap<string, LocalFile>;
  /** Model folder to start from; null: from scratch. */
  from: string | null;
}

/** Recordings handed over in one call: few enough that progress shows. */
const CHUNK = 64;

export class TrainingSession {
  readonly #app: AppSession;
  readonly #from: string | null;
  readonly backend: BackendName;
  /** Recordings that could not be read, with the sentence why; they take part in no run. */
  readonly unreadable = new Map<string, string>();
  #onProgress: (progress: TrainingProgress) => void = () => {};

  private constructor(app: AppSession, backend: BackendName, from: string | null) {
    this.#app = app;
    this.#from = from;
    this.backend = backend;
  }

  /** Opens the app and hands all recordings over. @param onRead fires for each recording handed over */
  static async open(
    material: SessionMaterial,
    log: (line: string) => void,
    onRead: () => void,
  ): Promise<TrainingSession> {
    const { manifest, backend, recordings, files, from } = material;
    const app = await AppSession.open({ webgpu: backend === 'auto' || backend === 'webgpu', log });
    try {
      const report = await app.call('startTraining', { manifest, backend });
      const session = new TrainingSession(app, report.name, from);
      await app.listen((event) => {
        if (event.kind === 'progress') session.#onProgress(event.progress);
        else onRead();
      });
      const items = recordings.flatMap((recording) => {
        const file = files.get(recording.id);
        return file ? [{ recording, file: app.offer(file) }] : [];
      });
      for (let first = 0; first < items.length; first += CHUNK)
        session.#note(await app.call('addRecordings', items.slice(first, first + CHUNK)));
      return session;
    } catch (error) {
      await app.close();
      throw error;
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
    const outcome = await this.#app.call('train', {
      settings,
      trainIds: readable(run.trainIds),
      validationIds: readable(run.validationIds),
      from: this.#from === null ? null : { model: this.#app.offerModel(this.#from) },
    });
    const testIds = readable(run.testIds);
    const predictions = testIds.length > 0 ? await this.#app.call('score', testIds, null) : [];
    const { history, bestEpoch, stopped, backend, seconds, modelJson, weights } = outcome;
    return {
      schema: 'heartbeat-run/1',
      name,
      hash,
      settings,
      predictions,
      history,
      bestEpoch,
      stopped,
      backend,
      seconds,
      model: keepModel ? { modelJson, weights } : null,
    };
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  #note(added: AddedRecording[]): void {
    for (const one of added) if ('error' in one) this.unreadable.set(one.id, one.error.message);
  }
}
