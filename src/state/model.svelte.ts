// The model in use: loading it into the worker once, and again when another backend is chosen.
// Everyone who needs it awaits `ready()`, and the first who does starts it.

import { toAppError, type AppError } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { BackendReport } from '../rpc/protocol.ts';
import type { Classifier, LoadModel } from './ports.ts';
import type { SettingsState } from './settings.svelte.ts';

export type ModelPhase =
  | { kind: 'idle' }
  | { kind: 'starting' }
  | { kind: 'ready'; manifest: ModelManifest; report: BackendReport }
  | { kind: 'failed'; error: AppError };

export class ModelState {
  readonly #classifier: Classifier;
  readonly #load: LoadModel;
  readonly #settings: SettingsState;
  #phase = $state.raw<ModelPhase>({ kind: 'idle' });
  #starting: Promise<ModelManifest> | null = null;
  /** Number of the latest start: an earlier one that ends later has no say. */
  #attempt = 0;

  constructor(classifier: Classifier, load: LoadModel, settings: SettingsState) {
    this.#classifier = classifier;
    this.#load = load;
    this.#settings = settings;
  }

  get phase(): ModelPhase {
    return this.#phase;
  }

  get manifest(): ModelManifest | null {
    return this.#phase.kind === 'ready' ? this.#phase.manifest : null;
  }

  get report(): BackendReport | null {
    return this.#phase.kind === 'ready' ? this.#phase.report : null;
  }

  /** Resolves when the worker can classify. A failed start is tried again by the next caller. */
  ready(): Promise<ModelManifest> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** After another backend was chosen. */
  restart(): void {
    this.#starting = this.#start();
    // Whoever needs the model meets the failure in `ready()`; here it is shown by the phase.
    this.#starting.catch(() => undefined);
  }

  /** A lost GPU makes the worker fall back by itself: take over what it now says. */
  refreshReport(): void {
    const report = this.#classifier.report;
    if (report && this.#phase.kind === 'ready' && report !== this.#phase.report) {
      this.#phase = { ...this.#phase, report };
    }
  }

  async #start(): Promise<ModelManifest> {
    const attempt = ++this.#attempt;
    this.#phase = { kind: 'starting' };
    const backend = this.#settings.backend;
    try {
      const model = await this.#load();
      const report = await this.#classifier.start(model, backend);
      // Whoever waited for an overtaken start waits for the one that took its place.
      if (attempt !== this.#attempt) return await this.ready();
      this.#phase = { kind: 'ready', manifest: model.manifest, report };
      return model.manifest;
    } catch (error) {
      if (attempt !== this.#attempt) return await this.ready();
      this.#phase = { kind: 'failed', error: toAppError(error) };
      this.#starting = null;
      throw error;
    }
  }
}
