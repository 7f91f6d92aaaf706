// For tests: a network small enough to be trained a hundred times, and a made-up problem that it can learn.

import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { buildNetwork, type ArchitectureSettings } from '../model/architecture.ts';
import type { ModelManifest } from '../model/manifest.ts';
import { Random } from '../random.ts';
import type { TrainingData } from './feature-store.ts';
import type { FitRequest } from './fit.ts';
import { RECIPE } from './recipe.ts';
import type { TrainingSettings } from './types.ts';

export const N_FRAMES = 16;
export const N_MELS = 8;

export const tinyManifest = {
  sampleRateHz: 1000,
  window: { durationSec: 0.16, hopSec: 0.08, padding: 'repeat', maxWindows: null },
  features: { hopLength: 10, nMels: N_MELS, scope: 'recording' },
  inputLayout: 'time-mel',
  aggregation: 'mean-logit',
  labels: ['low', 'high'],
  output: 'sigmoid-logit',
  embeddingLayer: 'embedding',
} as unknown as ModelManifest;

export const TINY: ArchitectureSettings = {
  convolutions: [
    { filters: 3, kernel: [3, 3], stride: [2, 2], pool: [2, 1] },
    { filters: 4, kernel: [3, 3], stride: [1, 1], pool: [1, 1] },
  ],
  poolingDropout: 0.1,
  dense: 8,
  bandStatistics: ['mean', 'sd'],
  bandDense: 3,
  embeddingDropout: 0.1,
};

export function tinyNetwork(seed = 3, manifest = tinyManifest): tfl.LayersModel {
  return buildNetwork(manifest, TINY, new Random(seed));
}

/** As after some training: no weight and no statistic is 0 or 1 any more. */
export function unlikeFresh(network: tfl.LayersModel): tfl.LayersModel {
  const random = new Random(17);
  for (const layer of network.layers) {
    const moved = layer.getWeights().map((weight) => {
      const factors = Float32Array.from({ length: weight.size }, () => 0.5 + random.uniform());
      return tf.tidy(() => tf.add(tf.mul(weight, tf.tensor(factors, weight.shape)), 0.01));
    });
    layer.setWeights(moved);
    tf.dispose(moved);
  }
  return network;
}

export const tinySettings: TrainingSettings = {
  epochs: 4,
  batchSize: 8,
  stepsPerEpoch: 5,
  learningRate: 2e-2,
  weightDecay: 1e-2,
  schedule: 'one-cycle',
  earlyStoppingPatience: null,
  plateauPatience: 2,
  averageLastEpochs: 0,
  balance: 'class',
  augment: true,
  seed: 7,
};

/** Class 1 is louder in the upper half of the bands; the rest is noise. */
export function separable(nRecordings: number): TrainingData {
  return {
    recordings: Array.from({ length: nRecordings }, (_, i) => ({ label: i % 2, source: 'a', quality: null })),
    replay: null,
    nFrames: N_FRAMES,
    nMels: N_MELS,
    layout: 'time-mel',
    copyRandomWindow(index, random, batch, place) {
      for (let i = 0; i < N_FRAMES * N_MELS; i++) {
        const isUpper = i % N_MELS >= N_MELS / 2;
        batch[place * N_FRAMES * N_MELS + i] = random.normal() + (index % 2 && isUpper ? 1.5 : 0);
      }
    },
  };
}

export function tinyRequest(changes: Partial<FitRequest> = {}): FitRequest {
  return {
    network: tinyNetwork(),
    data: separable(40),
    settings: tinySettings,
    options: RECIPE.options,
    score: () => Promise.resolve({ watch: null, validation: null }),
    now: () => 0,
    yieldControl: () => Promise.resolve(),
    ...changes,
  };
}
