// The models that can be looked at, with their evaluations: loaded when the Models page is first opened.

import { toAppError, type AppError } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';

/** A model as its source describes it. */
export interface ModelSource {
  manifest: ModelManifest;
  /** Its evaluation as stored, or null where it has none. */
  metrics: () => Promise<unknown>;
}

export interface ModelEntry {
  manifest: ModelManifest;
  metrics: unknown;
}

export type CatalogPhase =
  | { kind: 'idle' }
  | { kind: 'loading' }
  | { kind: 'ready'; models: ModelEntry[] }
  | { kind: 'failed'; error: AppError };

export class CatalogState {
  readonly #sources: () => ModelSource[];
  #phase = $state.raw<CatalogPhase>({ kind: 'idle' });
  #loading: Promise<void> | null = null;

  constructor(sources: () => ModelSource[]) {
    this.#sources = sources;
  }

  get phase(): CatalogPhase {
    return this.#phase;
  }

  /** Resolves when it is loaded or has failed to; a failed load is tried again by the next caller. */
  load(): Promise<void> {
    if (this.#phase.kind !== 'ready') this.#loading ??= this.#load();
    return this.#loading ?? Promise.resolve();
  }

  /** By the hash of its weights; null where that model is not here. */
  async entryOf(sha256: string): Promise<ModelEntry | null> {
    await this.load();
    const models = this.#phase.kind === 'ready' ? this.#phase.models : [];
    return models.find(({ manifest }) => manifest.sha256 === sha256) ?? null;
  }

  async #load(): Promise<void> {
    this.#phase = { kind: 'loading' };
    try {
      const models = await Promise.all(
        this.#sources().map(async ({ manifest, metrics }) => ({ manifest, metrics: await metrics() })),
      );
      this.#phase = { kind: 'ready', models };
    } catch (error) {
      this.#phase = { kind: 'failed', error: toAppError(error) };
    }
    this.#loading = null;
  }
}
