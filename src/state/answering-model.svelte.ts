// Which model answers on this page: the one that was chosen when the page was started, or a bundled one in place of one
// that cannot. What another tab chooses later is known here, and changes nothing by itself.

import type { AppError } from '../core/errors.ts';
import { assertKnownAnswers } from '../core/model/verify.ts';
import type { Golden } from '../core/training/golden.ts';
import type { ModelAssets } from '../rpc/protocol.ts';
import type { ActiveModel, ModelStore } from '../storage/model-record.ts';
import type { ModelShelf } from './model-shelf.ts';
import type { ModelSource } from './ports.ts';

export interface AnsweringDependencies {
  store: Pick<ModelStore, 'active'>;
  /** Known answers of the model that was started last for the page. */
  fingerprint: () => Promise<Golden>;
}

/** Why another model answers than the one that was chosen. */
export interface Fallback {
  /** Null where it could not even be read which one was chosen. */
  key: string | null;
  error: AppError;
}

export class AnsweringModel implements ModelSource {
  readonly #dependencies: AnsweringDependencies;
  readonly #shelf: ModelShelf;
  readonly #onUnusual: () => void;
  #chosen = $state.raw<ActiveModel | null>(null);
  #usedKey = $state.raw<string | null>(null);
  /** Which one the page is to be started with; null: as the database has it then. */
  #wantedKey: string | null = null;
  #fallback = $state.raw<Fallback | null>(null);
  /** What the page is being started with, and what that has to answer; null: it is not known yet. */
  #starting: { key: string; golden: Golden | null } | null = null;

  /** @param onUnusual another one than the default answers, and the list knows what is to be said of it */
  constructor(dependencies: AnsweringDependencies, shelf: ModelShelf, onUnusual: () => void) {
    this.#dependencies = dependencies;
    this.#shelf = shelf;
    this.#onUnusual = onUnusual;
  }

  /** As the database had it last; null: nobody has chosen. */
  get chosen(): ActiveModel | null {
    return this.#chosen;
  }

  /** The default's where nobody has chosen. */
  get chosenKey(): string {
    return this.#chosen?.key ?? this.#shelf.defaultKey;
  }

  /** The one that answers; before a start, the one that is chosen. */
  get key(): string {
    return this.#usedKey ?? this.chosenKey;
  }

  /** Which one this page was started with; null: none yet. */
  get usedKey(): string | null {
    return this.#usedKey;
  }

  /** Why the chosen model does not answer; null: it does. */
  get fallback(): Fallback | null {
    return this.#fallback;
  }

  /** What the database says; another model answers only after a start. */
  learn(chosen: ActiveModel | null): void {
    this.#chosen = chosen;
  }

  /** The next start is with this one. */
  want(chosen: ActiveModel | null): void {
    this.#chosen = chosen;
    this.#wantedKey = this.chosenKey;
  }

  async load(): Promise<ModelAssets> {
    this.#starting = null;
    if (this.#wantedKey === null) this.#chosen = await this.#dependencies.store.active();
    const key = (this.#wantedKey ??= this.chosenKey);
    this.#starting = { key, golden: null };
    const isDefault = key === this.#shelf.defaultKey;
    const { assets, golden } = isDefault
      ? { assets: await this.#shelf.assets(key), golden: null }
      : await this.#shelf.read(key);
    this.#starting = { key, golden };
    return assets;
  }

  /** The bundled default was checked when it was built. @throws AppError `model-invalid` */
  async check(model: ModelAssets): Promise<void> {
    const starting = this.#starting;
    if (!starting) return;
    if (starting.golden)
      assertKnownAnswers(starting.golden, await this.#dependencies.fingerprint(), model.manifest.output);
    this.#usedKey = starting.key;
    this.#fallback = null;
    if (starting.key !== this.#shelf.defaultKey) this.#onUnusual();
  }

  /** The bundled model answers in place of one that cannot; nothing is deleted, and the page says so. */
  async instead(error: AppError): Promise<ModelAssets | null> {
    const key = this.#shelf.defaultKey;
    if (error.code === 'backend-unavailable' || this.#starting?.key === key) return null;
    const assets = await this.#shelf.assets(key);
    this.#fallback = { key: this.#starting?.key ?? null, error };
    this.#usedKey = key;
    // With another backend, say, the chosen one is tried again.
    this.#wantedKey = null;
    this.#onUnusual();
    return assets;
  }
}
