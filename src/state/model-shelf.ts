// Models as bytes, wherever they lie: fetched from the build or read from the database, checked against their hash,
// and asked for their known answers in a worker of their own before anybody relies on them.

import { AppError } from '../core/errors.ts';
import type { ModelFolder } from '../core/model/model-folder.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import { assertKnownAnswers } from '../core/model/verify.ts';
import type { Golden } from '../core/training/golden.ts';
import type { ModelAssets } from '../rpc/protocol.ts';
import type { ModelStore } from '../storage/model-record.ts';
import type { AskKnownAnswers, BundledSource, HashBytes } from './ports.ts';
import { bundledKey } from './registered-model.ts';
import { stateText } from './state-text.ts';

export interface ShelfDependencies {
  store: Pick<ModelStore, 'read'>;
  /** The default first. */
  bundled: readonly BundledSource[];
  ask: AskKnownAnswers;
  hash: HashBytes;
}

/** Assets with what else goes with them. */
export interface ShelvedModel {
  assets: ModelAssets;
  golden: Golden | null;
  replay: ArrayBuffer | null;
}

export class ModelShelf {
  readonly #dependencies: ShelfDependencies;

  constructor(dependencies: ShelfDependencies) {
    this.#dependencies = dependencies;
  }

  /** The bundled model that answers where nobody has chosen. */
  get defaultKey(): string {
    const [first] = this.#dependencies.bundled;
    return bundledKey(first ? first.manifest : { id: 'none' });
  }

  /** @throws AppError `model-missing`; `model-invalid` where the bytes are not those that were kept; `storage-…` */
  async read(key: string): Promise<ShelvedModel> {
    const source = this.#bundled(key);
    if (source) {
      const [assets, golden] = await Promise.all([source.load(), source.golden()]);
      return { assets, golden, replay: await source.replay() };
    }
    if (key === this.defaultKey) throw new AppError('model-missing', stateText.models.noneBundled);
    const found = await this.#dependencies.store.read(key);
    if (!found) throw gone();
    const { model, parts } = found;
    await this.assertHashes(model.manifest, parts.weights, parts.replay);
    const { modelJson, weights, replay } = parts;
    return { assets: { manifest: model.manifest, modelJson, weights }, golden: model.golden, replay };
  }

  /** Only what is needed to answer. Bytes of the build are not hashed: the network has its own checks. */
  async assets(key: string): Promise<ModelAssets> {
    return (await this.#bundled(key)?.load()) ?? (await this.read(key)).assets;
  }

  /** Of weights, and of a replay set where the manifest knows one. @throws AppError `model-invalid` */
  async assertHashes(
    { sha256, replaySha256 }: ModelManifest,
    weights: ArrayBuffer,
    replay: ArrayBuffer | null,
  ): Promise<void> {
    const { hash } = this.#dependencies;
    if ((await hash(weights)) !== sha256) throw new AppError('model-invalid', stateText.models.otherWeights);
    if (replay && replaySha256 !== undefined && (await hash(replay)) !== replaySha256)
      throw new AppError('model-invalid', stateText.models.otherReplay);
  }

  /**
   * Starts it in a worker of its own.
   * @returns its answers to the known questions
   * @throws AppError `model-invalid` where it does not start, or answers otherwise than `golden` has it
   */
  async assertAnswers(assets: ModelAssets, golden: Golden | null): Promise<Golden> {
    // Weights are handed over as a copy: the caller goes on using its own.
    const answers = await this.#dependencies.ask(assets);
    if (golden) assertKnownAnswers(golden, answers, assets.manifest.output);
    return answers;
  }

  /** All that goes into an exported folder. */
  async folder(key: string, metrics: unknown, card: string): Promise<ModelFolder> {
    const { assets, golden, replay } = await this.read(key);
    return { ...assets, golden, metrics, card, replay };
  }

  #bundled(key: string): BundledSource | undefined {
    return this.#dependencies.bundled.find(({ manifest }) => bundledKey(manifest) === key);
  }
}

function gone(): AppError {
  return new AppError('model-missing', stateText.models.gone);
}
