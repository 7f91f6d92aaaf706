// The registry: every model that is here, bundled and stored, and the only way to change which of them answers.
// Before a model is made the active one it is read back from the database, its weights are hashed and its known
// answers are asked for in a worker of its own. Whatever fails on the way leaves the old one answering.

import { AppError, toAppError } from '../core/errors.ts';
import type { ModelFolder } from '../core/model/model-folder.ts';
import type { HandOver } from '../input/found-file.ts';
import type { ModelAssets } from '../rpc/protocol.ts';
import type { ModelParts, ModelStore, StoredModel } from '../storage/model-record.ts';
import { AnsweringModel, type AnsweringDependencies } from './answering-model.svelte.ts';
import { importedModel } from './imported-model.ts';
import { ModelShelf, type ShelfDependencies } from './model-shelf.ts';
import type { NewId } from './new-id.ts';
import type { ModelNews } from './ports.ts';
import { asRegistered, inOrder, type NewModel, type RegisteredModel } from './registered-model.ts';
import { stateText } from './state-text.ts';

export interface RegistryDependencies extends ShelfDependencies, AnsweringDependencies {
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
}

export type RegistryPhase =
  | { kind: 'loading' }
  | { kind: 'ready' }
  /** Stored models cannot be read; the bundled ones are listed. */
  | { kind: 'failed'; error: AppError };

/** What is being done to a model. */
export type RegistryWork =
  { kind: 'activating' | 'exporting' | 'removing'; key: string } | { kind: 'importing' };

export class RegistryState {
  readonly answering: AnsweringModel;
  readonly #dependencies: RegistryDependencies;
  readonly #shelf: ModelShelf;
  #phase = $state.raw<RegistryPhase>({ kind: 'loading' });
  #bundled = $state.raw<readonly RegisteredModel[]>([]);
  #stored = $state.raw<readonly StoredModel[]>([]);
  #work = $state.raw<RegistryWork | null>(null);
  #error = $state.raw<AppError | null>(null);
  #loading: Promise<void> | null = null;
  readonly #models = $derived(inOrder(this.#bundled, this.#stored, this.activeKey));

  constructor(dependencies: RegistryDependencies) {
    this.#dependencies = dependencies;
    this.#shelf = new ModelShelf(dependencies);
    this.answering = new AnsweringModel(dependencies, this.#shelf, () => void this.list());
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
    return this.answering.key;
  }

  /** The one that answered before it and is still here; null: none. */
  get previous(): RegisteredModel | null {
    const keys = (this.answering.chosen?.previous ?? []).map(({ key }) => key);
    const key = keys.find((each) => each !== this.activeKey && this.find(each));
    return key === undefined ? null : this.find(key);
  }

  /** Another tab has activated this one, and here the old one still answers; null: no. */
  get chosenElsewhere(): RegisteredModel | null {
    const { fallback, usedKey, chosenKey } = this.answering;
    const isHere = fallback !== null || usedKey === null || usedKey === chosenKey;
    return isHere ? null : this.find(chosenKey);
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
    const { fallback, usedKey } = this.answering;
    const isUnread = fallback?.key === null;
    const isGone = usedKey !== null && !this.find(usedKey);
    if ((isUnread || isGone) && !this.#dependencies.isBusy()) await this.takeChosen().catch(() => undefined);
  }

  /** Null where there is none of that key. Knows the list only once it was read. */
  find(key: string): RegisteredModel | null {
    return this.#models.find((model) => model.key === key) ?? null;
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
      const before = this.answering.chosenKey;
      const { assets, golden } = await this.#shelf.read(key);
      await this.#shelf.assertAnswers(assets, golden);
      this.#refuseBusy();
      await switchModel(async () => {
        this.answering.want(await store.activate(key, before, timestamp()));
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
    await this.#working({ kind: 'activating', key: this.answering.chosenKey }, async () => {
      this.#refuseBusy();
      await this.#dependencies.switchModel(async () => {
        this.answering.want(await this.#dependencies.store.active());
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
      await this.list();
      const { model, parts } = await importedModel(folder, this.#models, this.#shelf);
      return await this.add(model, parts);
    });
  }

  /** One zip, as it is imported. @throws AppError like `assetsOf` */
  async export(key: string): Promise<{ fileName: string; zip: Blob }> {
    return await this.#working({ kind: 'exporting', key }, async () => {
      const model = this.find(key);
      if (!model) throw new AppError('model-missing', stateText.models.notHere);
      const { metrics, card, manifest } = model;
      const folder = await this.#shelf.folder(key, metrics, card);
      return {
        fileName: `${manifest.id}-${manifest.version}.zip`.replaceAll(/[^\w.-]+/g, '-'),
        zip: await this.#dependencies.zipModel(folder),
      };
    });
  }

  #refuseBusy(): void {
    if (this.#dependencies.isBusy()) throw new AppError('model-busy', stateText.models.answering);
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
      const [stored, chosen] = await Promise.all([store.list(), store.active()]);
      this.#stored = stored;
      this.answering.learn(chosen);
      this.#phase = { kind: 'ready' };
    } catch (error) {
      this.#phase = { kind: 'failed', error: toAppError(error) };
    }
    this.#loading = null;
  }
}
