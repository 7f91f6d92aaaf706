// A model's fingerprint: what it answers to fixed synthetic windows. Whoever loads the folder, on any backend,
// can check that this is the model that was saved. Inputs are not stored: a seed makes them again.
// May import: TF.js, core/model, core/random.

import { Classifier, inputShape, type ModelAssets } from '../model/classifier.ts';
import type { ModelManifest } from '../model/manifest.ts';
import { windowFrames } from '../model/manifest.ts';
import { Random } from '../random.ts';

export interface Golden {
  schema: 'heartbeat-golden/1';
  /** Shape of one window: `[frames, bands, 1]` or `[bands, frames, 1]`. */
  inputShape: [number, number, number];
  /** Window of seed s: values of `new Random(s).normal()` in time-mel order, as float32. */
  windows: { seed: number; logits: number[] }[];
}

const SEEDS = [1, 2, 3, 4];

/** `[frames, bands]`, standard normal like normalised features. */
export function goldenMatrix(manifest: ModelManifest, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: windowFrames(manifest) * manifest.features.nMels }, () =>
    random.normal(),
  );
}

/** Answers of the model on the current backend. @throws AppError `model-invalid` */
export async function computeGolden(assets: ModelAssets): Promise<Golden> {
  const classifier = await Classifier.load(assets);
  try {
    return await goldenOf(classifier);
  } finally {
    classifier.dispose();
  }
}

/** The same of a model that is loaded already. @throws AppError `model-invalid`, `gpu-lost` */
export async function goldenOf(classifier: Classifier): Promise<Golden> {
  const { manifest } = classifier;
  const nFrames = windowFrames(manifest);
  const windows: Golden['windows'] = [];
  for (const seed of SEEDS) {
    const values = goldenMatrix(manifest, seed);
    const matrix = { values, nFrames, nMels: manifest.features.nMels };
    const [logits = []] = await classifier.predict({
      matrix,
      windows: [{ firstFrame: 0, startSec: 0, endSec: manifest.window.durationSec }],
    });
    windows.push({ seed, logits });
  }
  return { schema: 'heartbeat-golden/1', inputShape: inputShape(manifest), windows };
}
