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

  constructor(sources: () => ModelSource[]) {
    this.#sources = sources;
  }

  get phase(): CatalogPhase {
    return this.#phase;
  }

  async load(): Promise<void> {
    if (this.#phase.kind === 'loading' || this.#phase.kind === 'ready') return;
    this.#phase = { kind: 'loading' };
    try {
      const models = await Promise.all(
        this.#sources().map(async ({ manifest, metrics }) => ({ manifest, metrics: await metrics() })),
      );
      this.#phase = { kind: 'ready', models };
    } catch (error) {
      this.#phase = { kind: 'failed', error: toAppError(error) };
    }
  }
}
