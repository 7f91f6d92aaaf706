// Readers of what TF.js builds and runs: topology and weights that passed every check before. May import: core, TF.js.

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { Classifier, type ModelAssets } from '../core/model/classifier.ts';
import { windowFrames } from '../core/model/manifest.ts';
import { goldenMatrix } from '../core/training/golden.ts';
import { promiseFinite, type Reader } from './reader.ts';
import { folderWith, TOPOLOGY_TOKENS } from './readers-model.ts';
import { jsonBytes, tinyModel } from './seeds-model.ts';

const MIB = 2 ** 20;
const MAX_BYTES = 131_072;

async function start(): Promise<void> {
  // Or it recommends tfjs-node on standard error.
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
}

/** Loads it and asks it about one window. */
async function answer(assets: ModelAssets): Promise<void> {
  await start();
  const { manifest } = assets;
  const classifier = await Classifier.load(assets);
  try {
    const { nMels } = manifest.features;
    const matrix = { values: goldenMatrix(manifest, 1), nFrames: windowFrames(manifest), nMels };
    const [logits = []] = await classifier.predict({
      matrix,
      windows: [{ firstFrame: 0, startSec: 0, endSec: 1 }],
    });
    promiseFinite(logits, 'the logits');
  } finally {
    classifier.dispose();
  }
}

export const NETWORK_READERS: readonly Reader[] = [
  {
    name: 'network',
    kind: 'json',
    seeds: () => [jsonBytes(tinyModel().modelJson)],
    tokens: TOPOLOGY_TOKENS,
    maxBytes: MAX_BYTES,
    read: (bytes) => answer(folderWith('model.json', bytes)),
    budget: { bytes: 16 * MIB, perByte: 16 },
  },
  {
    name: 'weights',
    kind: 'bytes',
    seeds: () => [new Uint8Array(tinyModel().weights)],
    tokens: ['\0\0\xc0\x7f', '\0\0\x80\x7f', '\0\0\x80\xff', '\xff\xff\x7f\x7f'],
    maxBytes: MAX_BYTES,
    read: (bytes) => answer(folderWith('weights.bin', bytes)),
    budget: { bytes: 16 * MIB, perByte: 16 },
  },
];
