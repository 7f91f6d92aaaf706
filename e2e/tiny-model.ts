// A model small enough for a GPU that is only software: the bundled model's architecture with a handful of
// filters and fresh weights, written as a model folder.

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildNetwork } from '../src/core/model/architecture.ts';
import { parseManifest, type ModelManifest } from '../src/core/model/manifest.ts';
import { Random } from '../src/core/random.ts';
import { computeGolden } from '../src/core/training/golden.ts';
import { exportModel } from '../src/core/training/weights.ts';

const SEED = 11;

interface TinyModel {
  manifest: ModelManifest;
  modelJson: unknown;
  weights: ArrayBuffer;
}

/** Writes manifest.json, model.json and weights.bin into `folder` and gives the manifest. */
export async function writeTinyModel(folder: string): Promise<ModelManifest> {
  const { manifest, modelJson, weights } = await makeTinyModel(['normal', 'abnormal']);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'model.json'), JSON.stringify(modelJson));
  writeFileSync(join(folder, 'weights.bin'), new Uint8Array(weights));
  return manifest;
}

/** Files of a model folder by name, known answers and a card with them. @param labels two or more */
export async function tinyModelFiles(
  labels: string[],
  change: Partial<ModelManifest> = {},
): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const tiny = await makeTinyModel(labels);
  const assets = { ...tiny, manifest: { ...tiny.manifest, ...change } };
  const json = (value: unknown): Uint8Array<ArrayBuffer> =>
    new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  return {
    'manifest.json': json(assets.manifest),
    'model.json': new TextEncoder().encode(`${JSON.stringify(assets.modelJson)}\n`),
    'weights.bin': new Uint8Array(assets.weights),
    'golden.json': json(await computeGolden(assets)),
    'MODEL_CARD.md': new TextEncoder().encode('# Tiny\n\n<img src=x onerror=alert(1)>\n'),
  };
}

async function makeTinyModel(labels: string[]): Promise<TinyModel> {
  await tf.setBackend('cpu');
  const draft = {
    schema: 'heartbeat-model/1',
    id: 'tiny',
    version: '1.0.0',
    name: 'Tiny',
    pipelineVersion: 1,
    labels,
    output: labels.length === 2 ? 'sigmoid-logit' : 'softmax-logit',
    sampleRateHz: 2000,
    window: { durationSec: 1.28, hopSec: 1.28, padding: 'repeat', maxWindows: 2 },
    features: {
      nFft: 256,
      winLength: 200,
      hopLength: 80,
      nMels: 20,
      melScale: 'htk',
      melNorm: 'unit-sum',
      fMinHz: 20,
      fMaxHz: 800,
      log: { kind: 'log10', offset: 1e-8 },
      normalization: 'recording-standard',
      scope: 'recording',
      signalNormalization: 'standard',
    },
    inputLayout: 'time-mel',
    aggregation: 'mean-logit',
    threshold: 0.5,
    inconclusiveBand: null,
    calibration: { kind: 'none' },
    embeddingLayer: 'embedding',
    explainLayer: 'relu2',
    sha256: '0'.repeat(64),
    trainedOn: { dataset: 'none', nRecordings: 0, nGroups: 0, note: 'fresh weights, for tests' },
    createdAt: '2026-01-01T00:00:00Z',
  };
  const network = buildNetwork(
    parseManifest(draft),
    {
      convolutions: [
        { filters: 8, kernel: [3, 3], stride: [2, 2], pool: [1, 2] },
        { filters: 16, kernel: [3, 3], stride: [1, 1], pool: [2, 1] },
      ],
      poolingDropout: 0,
      dense: 16,
      bandStatistics: ['mean', 'sd', 'mean-absolute-difference'],
      bandDense: 8,
      embeddingDropout: 0,
    },
    new Random(SEED),
  );
  const { modelJson, weights } = await exportModel(network);
  network.dispose();
  const sha256 = createHash('sha256').update(new Uint8Array(weights)).digest('hex');
  return { manifest: parseManifest({ ...draft, sha256 }), modelJson, weights };
}
