// The model in use: loading it into the worker once, and again when another model or backend is chosen.
// Everyone who needs it awaits `ready()`, and the first who does starts it.

import { toAppError, type AppError } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { BackendPreference, BackendReport } from '../rpc/protocol.ts';
import type { Classifier, ModelSource } from './ports.ts';
import type { SettingsState } from './settings.svelte.ts';

export type ModelPhase =
  | { kind: 'idle' }
  | { kind: 'starting' }
  | { kind: 'ready'; manifest: ModelManifest; report: BackendReport }
  | { kind: 'failed'; error: AppError };

export class ModelState {
  readonly #classifier: Classifier;
  readonly #source: ModelSource;
  readonly #settings: SettingsState;
  #phase = $state.raw<ModelPhase>({ kind: 'idle' });
  #starting: Promise<ModelManifest> | null = null;
  /** Number of the latest start: an earlier one that ends later has no say. */
  #attempt = 0;

  constructor(classifier: Classifier, source: ModelSource, settings: SettingsState) {
    this.#classifier = classifier;
    this.#source = source;
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

  /**
   * Nobody gets a model while `change` decides which one is in use; then that one is started.
   * @throws whatever `change` throws: the model before is still in use then
   */
  async switchAfter(change: () => Promise<void>): Promise<void> {
    const before = { phase: this.#phase, starting: this.#starting };
    const changed = change().then(
      () => null,
      (error: unknown) => ({ error }),
    );
    const switching = changed.then((failure) => {
      if (failure === null) this.restart();
      else if (this.#starting === switching) {
        this.#phase = before.phase;
        this.#starting = before.starting;
      }
      return this.ready();
    });
    this.#phase = { kind: 'starting' };
    this.#starting = switching;
    switching.catch(() => undefined);
    const failure = await changed;
    if (failure) throw failure.error;
    await switching;
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
    try {
      const { manifest, report } = await this.#open(this.#settings.backend);
      // Whoever waited for an overtaken start waits for the one that took its place.
      if (attempt !== this.#attempt) return await this.ready();
      this.#phase = { kind: 'ready', manifest, report };
      return manifest;
    } catch (error) {
      if (attempt !== this.#attempt) return await this.ready();
      this.#phase = { kind: 'failed', error: toAppError(error) };
      this.#starting = null;
      throw error;
    }
  }

  /** The model in use, or what its source puts in its place. */
  async #open(backend: BackendPreference): Promise<{ manifest: ModelManifest; report: BackendReport }> {
    try {
      const model = await this.#source.load();
      const report = await this.#classifier.start(model, backend);
      await this.#source.check?.(model);
      return { manifest: model.manifest, report };
    } catch (error) {
      const other = await this.#source.instead?.(toAppError(error));
      if (!other) throw error;
      return { manifest: other.manifest, report: await this.#classifier.start(other, backend) };
    }
  }
}
