// The registry: every model that is here, bundled and stored, which of them answers, and the only way to change that.
// Before a model is made the active one it is read back from the database, its weights are hashed and its known
// answers are asked for in a worker of its own. Whatever fails on the way leaves the old one answering.

import { AppError, toAppError } from '../core/errors.ts';
import { assertKnownAnswers } from '../core/model/verify.ts';
import type { ModelFolder } from '../core/model/model-folder.ts';
import type { Golden } from '../core/training/golden.ts';
import { HEARD_NOTHING } from '../core/training/heard.ts';
import type { HandOver } from '../input/found-file.ts';
import type { ModelAssets } from '../rpc/protocol.ts';
import type { ActiveModel, ModelParts, ModelStore, StoredModel } from '../storage/model-record.ts';
import { ModelShelf, type ShelfDependencies } from './model-shelf.ts';
import type { NewId } from './new-id.ts';
import type { ModelNews, ModelSource } from './ports.ts';
import { asRegistered, inOrder, type NewModel, type RegisteredModel } from './registered-model.ts';
import { stateText } from './state-text.ts';

export interface RegistryDependencies extends ShelfDependencies {
  store: ModelStore;
  /** Checks everything of a zip or folder but what the network answers. */
  readModel: (handOver: HandOver) => Promise<ModelFolder>;
  zipModel: (folder: ModelFolder) => Promise<Blob>;
  /** A model is kept now: the browser is asked not to throw the storage away. */
  persist: () => Promise<unknown>;
  news: ModelNews;
  /** ISO 8601, UTC. */
  timestamp: () => string;
  newId: NewId;
  /** Nobody gets a model while `change` decides which it is; then the active one is started. */
  switchModel: (change: () => Promise<void>) => Promise<unknown>;
  /** Recordings are being answered: all of a batch is answered by one model. */
  isBusy: () => boolean;
  /** Known answers of the model that was started last for the page. */
  fingerprint: () => ReturnType<ShelfDependencies['ask']>;
}

export type RegistryPhase =
  | { kind: 'loading' }
  | { kind: 'ready' }
  /** Stored models cannot be read; the bundled ones are listed. */
  | { kind: 'failed'; error: AppError };

/** Why another model answers than the one that was chosen. */
export interface Fallback {
  /** Null where it could not even be read which one was chosen. */
  key: string | null;
  error: AppError;
}

/** What is being done to a model. */
export type RegistryWork =
  { kind: 'activating' | 'exporting' | 'removing'; key: string } | { kind: 'importing' };

export class RegistryState implements ModelSource {
  readonly #dependencies: RegistryDependencies;
  readonly #shelf: ModelShelf;
  #phase = $state.raw<RegistryPhase>({ kind: 'loading' });
  #bundled = $state.raw<readonly RegisteredModel[]>([]);
  #stored = $state.raw<readonly StoredModel[]>([]);
  #active = $state.raw<ActiveModel | null>(null);
  /** Which one this page was started with. */
  #usedKey = $state.raw<string | null>(null);
  /** Which one it is to be started with; null: as the database has it then. */
  #wantedKey: string | null = null;
  #fallback = $state.raw<Fallback | null>(null);
  #work = $state.raw<RegistryWork | null>(null);
  #error = $state.raw<AppError | null>(null);
  #loading: Promise<void> | null = null;
  /** What the page is being started with, and what that has to answer; null: it is not known yet. */
  #starting: { key: string; golden: Golden | null } | null = null;

  readonly #models = $derived(inOrder(this.#bundled, this.#stored, this.activeKey));

  constructor(dependencies: RegistryDependencies) {
    this.#dependencies = dependencies;
    this.#shelf = new ModelShelf(dependencies);
    dependencies.news.listen(() => void this.#reload());
  }

  get phase(): RegistryPhase {
    return this.#phase;
  }

  /** The one that answers first, then the bundled ones, then the newest. */
  get models(): readonly RegisteredModel[] {
    return this.#models;
  }

  /** The model that answers on this page. */
  get activeKey(): string {
    return this.#usedKey ?? this.#chosenKey;
  }

  /** The one that answered before it and is still here; null: none. */
  get previous(): RegisteredModel | null {
    const keys = (this.#active?.previous ?? []).map(({ key }) => key);
    const key = keys.find((each) => each !== this.activeKey && this.#find(each));
    return key === undefined ? null : this.#find(key);
  }

  /** Why the chosen model does not answer; null: it does. */
  get fallback(): Fallback | null {
    return this.#fallback;
  }

  /** Another tab has activated this one, and here the old one still answers; null: no. */
  get chosenElsewhere(): RegisteredModel | null {
    const isHere = this.#fallback !== null || this.#usedKey === null || this.#usedKey === this.#chosenKey;
    return isHere ? null : this.#find(this.#chosenKey);
  }

  /** What is under way, one at a time; null: nothing. */
  get work(): RegistryWork | null {
    return this.#work;
  }

  /** Why the latest of it failed. */
  get error(): AppError | null {
    return this.#error;
  }

  dismissError(): void {
    this.#error = null;
  }

  /** Reads the list, once. It never rejects: what cannot be read is the phase. */
  list(): Promise<void> {
    if (this.#phase.kind !== 'ready') this.#loading ??= this.#reload();
    return this.#loading ?? Promise.resolve();
  }

  /** What is stored has changed as a whole. A model that answers and is gone gives way, unless it is at work. */
  async readAnew(): Promise<void> {
    await this.#reload();
    if (this.#phase.kind !== 'ready') return;
    const isUnread = this.#fallback?.key === null;
    const isGone = this.#usedKey !== null && !this.#find(this.#usedKey);
    if ((isUnread || isGone) && !this.#dependencies.isBusy()) await this.takeChosen().catch(() => undefined);
  }

  /** Null where there is none of that key. Knows the list only once it was read. */
  find(key: string): RegisteredModel | null {
    return this.#find(key);
  }

  /** By the hash of its weights; null where that model is not here, or the list was not read yet. */
  ofWeights(sha256: string): RegisteredModel | null {
    return this.#models.find(({ manifest }) => manifest.sha256 === sha256) ?? null;
  }

  /** The same, of the list as it is read. */
  async entryOf(sha256: string): Promise<RegisteredModel | null> {
    await this.list();
    return this.ofWeights(sha256);
  }

  /** @throws AppError `model-missing`, `model-invalid`, `storage-…` */
  assetsOf(key: string): Promise<ModelAssets> {
    return this.#shelf.assets(key);
  }

  /** The replay set that goes with a model; null: none. @throws AppError like `assetsOf` */
  async replayOf(key: string): Promise<ArrayBuffer | null> {
    return (await this.#shelf.read(key)).replay;
  }

  // What the page's worker is started with

  /** The active model; once it is known, another tab's choice changes nothing here. */
  async load(): Promise<ModelAssets> {
    this.#starting = null;
    if (this.#wantedKey === null) this.#active = await this.#dependencies.store.active();
    const key = (this.#wantedKey ??= this.#chosenKey);
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
    // What is to be said of a model that is not the default is known from the list.
    if (starting.key !== this.#shelf.defaultKey) void this.list();
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
    void this.list();
    return assets;
  }

  // Changes

  /**
   * Keeps a model that was trained here, or imported. It answers nothing before it is promoted.
   * @returns its key
   * @throws AppError `model-invalid` where the weights are not the manifest's; `storage-full`, `storage-blocked`
   */
  async add(model: NewModel, parts: ModelParts): Promise<string> {
    const { hash, store, timestamp, newId, persist } = this.#dependencies;
    await this.#shelf.assertHashes(model.manifest, parts.weights, parts.replay);
    const replaySha256 = parts.replay ? await hash(parts.replay) : null;
    const createdAt = timestamp();
    const key = `local:${newId(createdAt)}`;
    await store.add({ ...model, key, replaySha256, createdAt }, parts);
    void persist();
    await this.#changed();
    return key;
  }

  /**
   * Makes a model the active one, and has it answer from the next recording on.
   * @throws AppError `model-missing`, `model-invalid`, `model-busy`, `model-changed`, `storage-…`: the old one answers on
   */
  async promote(key: string): Promise<void> {
    const { store, switchModel, timestamp } = this.#dependencies;
    await this.#working({ kind: 'activating', key }, async () => {
      this.#refuseBusy();
      const before = this.#chosenKey;
      const { assets, golden } = await this.#shelf.read(key);
      await this.#shelf.assertAnswers(assets, golden);
      this.#refuseBusy();
      await switchModel(async () => {
        this.#active = await store.activate(key, before, timestamp());
        this.#wantedKey = key;
      });
      await this.#changed();
    });
  }

  /** Back to the model that answered before. @throws AppError like `promote`; `model-missing` where there is none */
  async rollBack(): Promise<void> {
    const { previous } = this;
    if (!previous) throw new AppError('model-missing', stateText.models.noEarlier);
    await this.promote(previous.key);
  }

  /** Starts the model that another tab has activated, or tries the chosen one again. @throws AppError `model-busy` */
  async takeChosen(): Promise<void> {
    await this.#working({ kind: 'activating', key: this.#chosenKey }, async () => {
      this.#refuseBusy();
      await this.#dependencies.switchModel(async () => {
        this.#active = await this.#dependencies.store.active();
        this.#wantedKey = this.#chosenKey;
      });
      await this.#reload();
    });
  }

  /** An empty name leaves it as it is. */
  async rename(key: string, name: string): Promise<void> {
    if (name.trim() === '') return;
    await this.#dependencies.store.rename(key, name.trim());
    await this.#changed();
  }

  /** A verdict has recommended it. */
  async markPassed(key: string): Promise<void> {
    await this.#dependencies.store.markPassed(key);
    await this.#changed();
  }

  /** @throws AppError `model-in-use` for the active one */
  async remove(key: string): Promise<void> {
    await this.#working({ kind: 'removing', key }, async () => {
      if (key === this.activeKey) throw new AppError('model-in-use', stateText.models.inUse);
      await this.#dependencies.store.remove(key);
      await this.#changed();
    });
  }

  /**
   * A zip or folder that was handed over becomes a stored model, once it has started and given its known answers.
   * @returns its key
   * @throws AppError for whatever is wrong with it: nothing is kept then
   */
  async import(handOver: HandOver | Promise<HandOver>): Promise<string> {
    return await this.#working({ kind: 'importing' }, async () => {
      const folder = await this.#dependencies.readModel(await handOver);
      const { manifest, modelJson, weights, metrics, card, replay } = folder;
      await this.#shelf.assertHashes(manifest, weights, replay);
      await this.#refuseTwin(folder);
      const golden = await this.#shelf.assertAnswers({ manifest, modelJson, weights }, folder.golden);
      const model: NewModel = {
        origin: 'imported',
        name: manifest.name,
        manifest,
        metrics,
        card,
        golden: folder.golden ?? golden,
        parentKey: null,
        runId: null,
        heard: HEARD_NOTHING,
        hasPassedComparison: false,
      };
      return await this.add(model, { modelJson, weights, replay });
    });
  }

  /** One zip, as it is imported. @throws AppError like `assetsOf` */
  async export(key: string): Promise<{ fileName: string; zip: Blob }> {
    return await this.#working({ kind: 'exporting', key }, async () => {
      const model = this.#find(key);
      if (!model) throw new AppError('model-missing', stateText.models.notHere);
      const { metrics, card, manifest } = model;
      const folder = await this.#shelf.folder(key, metrics, card);
      return {
        fileName: `${manifest.id}-${manifest.version}.zip`.replaceAll(/[^\w.-]+/g, '-'),
        zip: await this.#dependencies.zipModel(folder),
      };
    });
  }

  /** The pointer's, or the default's where nobody has chosen. */
  get #chosenKey(): string {
    return this.#active?.key ?? this.#shelf.defaultKey;
  }

  #find(key: string): RegisteredModel | null {
    return this.#models.find((model) => model.key === key) ?? null;
  }

  #refuseBusy(): void {
    if (this.#dependencies.isBusy()) throw new AppError('model-busy', stateText.models.answering);
  }

  /** The same bytes under the same description are the same model. */
  async #refuseTwin({ manifest }: ModelFolder): Promise<void> {
    await this.list();
    const text = JSON.stringify(manifest);
    const twin = this.#models.find((model) => JSON.stringify(model.manifest) === text);
    if (twin) throw new AppError('import-invalid', stateText.models.twin(twin.name));
  }

  async #working<T>(work: RegistryWork, act: () => Promise<T>): Promise<T> {
    if (this.#work) throw new AppError('model-busy', stateText.models.busy);
    this.#work = work;
    this.#error = null;
    try {
      return await act();
    } catch (error) {
      this.#error = toAppError(error);
      if (this.#error.code === 'model-changed') void this.#reload();
      throw error;
    } finally {
      this.#work = null;
    }
  }

  async #changed(): Promise<void> {
    this.#dependencies.news.tell();
    await this.#reload();
  }

  async #reload(): Promise<void> {
    const { bundled, store } = this.#dependencies;
    try {
      if (this.#bundled.length === 0) this.#bundled = await Promise.all(bundled.map(asRegistered));
      [this.#stored, this.#active] = await Promise.all([store.list(), store.active()]);
      this.#phase = { kind: 'ready' };
    } catch (error) {
      this.#phase = { kind: 'failed', error: toAppError(error) };
    }
    this.#loading = null;
  }
}
