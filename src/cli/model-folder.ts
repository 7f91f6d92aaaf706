// Model folders on disk: is this one, and writing a trained model as one like those in models/. The manifest goes last: a folder that has one is whole.
// Imports Node, TF.js on its cpu backend (for golden.json), core/model and core/training.

import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest, type ModelManifest } from '../core/model/manifest.ts';
import { formatModelCard, type ModelMetrics } from '../core/training/model-card.ts';
import { UsageError } from './args.ts';
import { writeWhole } from './output.ts';
import { sha256 } from './training-runs.ts';

/** @throws UsageError for a folder that lacks a part of a model */
export async function checkModelFolder(folder: string): Promise<void> {
  for (const name of ['manifest.json', 'model.json', 'weights.bin'])
    if ((await stat(join(folder, name)).catch(() => null)) === null)
      throw new UsageError(`"${folder}" is not a model folder: it has no ${name}`);
}

/** What of a model folder can be read without TF.js. */
export interface ModelFolder {
  manifest: ModelManifest;
  /** Null where it has none. */
  replay: Uint8Array | null;
}

/** @throws UsageError for a folder whose manifest or replay set cannot be used */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  await checkModelFolder(folder);
  try {
    const manifest = parseManifest(await readJson(join(folder, 'manifest.json')));
    const replay = await readFile(join(folder, 'replay.bin')).catch(() => null);
    const isWhole = (replay && sha256(replay)) === (manifest.replaySha256 ?? null);
    if (!isWhole) throw new Error('its replay.bin is not the one that its manifest knows');
    return { manifest, replay };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    throw new UsageError(`"${folder}" cannot be used: ${reason}`);
  }
}

/** Gives a model that was trained earlier a replay set. Where its figures are there, its card is written anew, too. */
export async function writeReplay(
  folder: string,
  replay: Uint8Array,
  attributions: readonly string[],
): Promise<void> {
  const manifest = parseManifest(await readJson(join(folder, 'manifest.json')));
  const metrics = (await readJson(join(folder, 'metrics.json')).catch(() => null)) as ModelMetrics | null;
  if (metrics === null) {
    await writeWhole(join(folder, 'replay.bin'), replay);
    await writeWhole(join(folder, 'manifest.json'), json({ ...manifest, replaySha256: sha256(replay) }));
    return;
  }
  const modelJson = await readJson(join(folder, 'model.json'));
  const weights = await readFile(join(folder, 'weights.bin'));
  await writeModelFolder(folder, { manifest, modelJson, weights, metrics, replay, attributions });
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

export interface TrainedModel {
  /** Judged: with calibration, threshold and band. The weights' hash is filled in here. */
  manifest: ModelManifest;
  modelJson: unknown;
  weights: Uint8Array;
  metrics: ModelMetrics;
  /** Of its training recordings, or of those of the model that it started from; null: none. */
  replay: Uint8Array | null;
  attributions: readonly string[];
}

/** @throws AppError `model-invalid` when the model cannot be loaded again: nothing is written then */
export async function writeModelFolder(folder: string, model: TrainedModel): Promise<void> {
  const { modelJson, weights, metrics, replay } = model;
  const hashes = { sha256: sha256(weights), replaySha256: replay ? sha256(replay) : undefined };
  const manifest = parseManifest({ ...model.manifest, ...hashes });
  const { golden, nParameters } = await fingerprint(manifest, modelJson, weights);
  await mkdir(folder, { recursive: true });
  await writeWhole(join(folder, 'model.json'), `${JSON.stringify(modelJson)}\n`);
  await writeWhole(join(folder, 'weights.bin'), weights);
  if (replay) await writeWhole(join(folder, 'replay.bin'), replay);
  else await rm(join(folder, 'replay.bin'), { force: true });
  await writeWhole(join(folder, 'golden.json'), json(golden));
  await writeWhole(join(folder, 'metrics.json'), json(metrics));
  await writeWhole(
    join(folder, 'MODEL_CARD.md'),
    formatModelCard(manifest, metrics, nParameters, model.attributions),
  );
  await writeWhole(join(folder, 'manifest.json'), json(manifest));
}

/** Loads the model as it will be read, on the backend that has no kernels of ours. */
async function fingerprint(manifest: ModelManifest, modelJson: unknown, weights: Uint8Array) {
  // Only here: the other commands need no TF.js in Node.
  const tf = await import('@tensorflow/tfjs-core');
  // Or it recommends tfjs-node on standard error.
  tf.env().set('IS_TEST', true);
  await import('@tensorflow/tfjs-backend-cpu');
  const { computeGolden } = await import('../core/training/golden.ts');
  const { loadNetwork } = await import('../core/model/classifier.ts');
  await tf.setBackend('cpu');
  const assets = { manifest, modelJson, weights: new Uint8Array(weights).buffer };
  const golden = await computeGolden(assets);
  const network = await loadNetwork(assets);
  const nParameters = network.countParams();
  network.dispose();
  return { golden, nParameters };
}
