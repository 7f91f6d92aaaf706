// Model folders on disk: is this one, and writing a trained model as one like those in models/. The manifest goes last: a folder that has one is whole.
// Imports Node, TF.js on its cpu backend (for golden.json), core/model and core/training.

import { mkdir, stat } from 'node:fs/promises';
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

export interface TrainedModel {
  /** Judged: with calibration, threshold and band. The weights' hash is filled in here. */
  manifest: ModelManifest;
  modelJson: unknown;
  weights: Uint8Array;
  metrics: ModelMetrics;
  attributions: readonly string[];
}

/** @throws AppError `model-invalid` when the model cannot be loaded again: nothing is written then */
export async function writeModelFolder(folder: string, model: TrainedModel): Promise<void> {
  const { modelJson, weights, metrics } = model;
  const manifest = parseManifest({ ...model.manifest, sha256: sha256(weights) });
  const { golden, nParameters } = await fingerprint(manifest, modelJson, weights);
  await mkdir(folder, { recursive: true });
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  await writeWhole(join(folder, 'model.json'), `${JSON.stringify(modelJson)}\n`);
  await writeWhole(join(folder, 'weights.bin'), weights);
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
