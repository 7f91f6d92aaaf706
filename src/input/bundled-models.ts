// The models that ship with the app: hashed files of the build, fetched when first wanted.

import { AppError } from '../core/errors.ts';
import type { ModelAssets } from '../core/model/classifier.ts';
import { parseManifest, type ModelManifest } from '../core/model/manifest.ts';
import type { Golden } from '../core/training/golden.ts';
import { inputText } from './input-text.ts';

const MANIFESTS = import.meta.glob<ModelManifest>('../../models/*/manifest.json', {
  eager: true,
  import: 'default',
});
const TOPOLOGIES = import.meta.glob<unknown>('../../models/*/model.json', { import: 'default' });
const METRICS = import.meta.glob<unknown>('../../models/*/metrics.json', { import: 'default' });
const GOLDENS = import.meta.glob<Golden>('../../models/*/golden.json', { import: 'default' });
const CARDS = import.meta.glob<string>('../../models/*/MODEL_CARD.md', { query: '?raw', import: 'default' });
const WEIGHT_URLS = import.meta.glob<string>('../../models/*/weights.bin', {
  query: '?url',
  import: 'default',
  eager: true,
});

const REPLAY_URLS = import.meta.glob<string>('../../models/*/replay.bin', {
  query: '?url',
  import: 'default',
  eager: true,
});

export interface BundledModel {
  manifest: ModelManifest;
  /** @throws AppError `model-missing` when the files cannot be had */
  load(): Promise<ModelAssets>;
  /** Its evaluation (`heartbeat-evaluation/1`), or null where it has none. */
  metrics(): Promise<unknown>;
  /** MODEL_CARD.md; empty where it has none. */
  card(): Promise<string>;
  golden(): Promise<Golden | null>;
  /** Its replay set, for training it further; null where it has none. @throws AppError `model-missing` */
  replay(): Promise<ArrayBuffer | null>;
}

/** All bundled models, best first (folders are named so that the default sorts first). */
export function bundledModels(): BundledModel[] {
  return Object.entries(MANIFESTS).map(([path, raw]) => {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const manifest = parseManifest(raw);
    return {
      manifest,
      load: () => loadAssets(folder, manifest),
      metrics: async () => (await METRICS[`${folder}/metrics.json`]?.()) ?? null,
      card: async () => (await CARDS[`${folder}/MODEL_CARD.md`]?.()) ?? '',
      golden: async () => (await GOLDENS[`${folder}/golden.json`]?.()) ?? null,
      replay: async () => {
        const url = REPLAY_URLS[`${folder}/replay.bin`];
        return url === undefined ? null : orUnreachable(fetchBytes(url));
      },
    };
  });
}

async function loadAssets(folder: string, manifest: ModelManifest): Promise<ModelAssets> {
  const topology = TOPOLOGIES[`${folder}/model.json`];
  const url = WEIGHT_URLS[`${folder}/weights.bin`];
  if (!topology || !url) throw new AppError('model-missing', inputText.model.incomplete(manifest.id));
  const [modelJson, weights] = await orUnreachable(Promise.all([topology(), fetchBytes(url)]));
  return { manifest, modelJson, weights };
}

async function fetchBytes(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(inputText.model.status(response.status));
  return response.arrayBuffer();
}

async function orUnreachable<T>(parts: Promise<T>): Promise<T> {
  try {
    return await parts;
  } catch (cause) {
    throw new AppError('model-missing', inputText.model.unreachable, { cause });
  }
}
