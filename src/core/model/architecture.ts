// The network this program trains: a small CNN whose last feature map is pooled into statistics over time,
// with a side branch on the window's own long-term band statistics. Settings are data (training/recipe.ts has the bundled model's); weights come from a seed.
// Convolutions are followed by pooling and only then by batch norm: the same function for far less work.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Random } from '../random.ts';
import { BandStatistics, SeededDropout, StatisticsPooling } from './layers.ts';
import { outputUnits, windowFrames, type ModelManifest } from './manifest.ts';
import type { BandStatistic } from './statistics.ts';

/** One convolution; pairs are [time, frequency]. */
export interface ConvolutionSettings {
  filters: number;
  kernel: [number, number];
  stride: [number, number];
  /** Max pooling behind it; [1, 1]: none. */
  pool: [number, number];
}

export interface ArchitectureSettings {
  convolutions: ConvolutionSettings[];
  /** Dropout on the pooled statistics, 0..1. */
  poolingDropout: number;
  /** Units between the pooled statistics and the embedding. */
  dense: number;
  /** What the branch on the window's own long-term statistics gets to see; empty: there is none. */
  bandStatistics: BandStatistic[];
  /** Units of that branch, which joins the CNN's in the embedding. */
  bandDense: number;
  /** Dropout on the embedding, 0..1. */
  embeddingDropout: number;
}

/** PyTorch's batch-norm constants, with which the recipe was found. */
const BATCH_NORM = { momentum: 0.9, epsilon: 1e-5 } as const;

/** Name of the layer whose output describes a window (manifest `embeddingLayer`). */
export const EMBEDDING_LAYER = 'embedding';

/**
 * A network with fresh weights for the manifest's input and labels; its output is logits
 * `[batch, 1 or nLabels]`. Input `[batch, frames, bands, 1]` (`inputLayout` 'time-mel').
 * @param random where the initial weights come from: equal states give equal networks
 */
export function buildNetwork(
  manifest: Pick<ModelManifest, 'sampleRateHz' | 'window' | 'features' | 'labels' | 'output'>,
  settings: ArchitectureSettings,
  random: Random,
): tfl.LayersModel {
  const input = tfl.input({ shape: [windowFrames(manifest), manifest.features.nMels, 1], name: 'log-mel' });
  const trunk = cnnBranch(input, settings);
  const embedding = settings.bandStatistics.length
    ? tfl.layers.concatenate({ name: EMBEDDING_LAYER }).apply([trunk, bandBranch(input, settings)])
    : tfl.layers.activation({ activation: 'linear', name: EMBEDDING_LAYER }).apply(trunk);
  const described = dropout(embedding as Node, 'embedding-dropout', settings.embeddingDropout);
  const logits = dense(described, 'logits', outputUnits(manifest));
  const network = tfl.model({ inputs: input, outputs: logits });
  initializeWeights(network, random);
  return network;
}

type Node = tfl.SymbolicTensor;

function cnnBranch(input: Node, settings: ArchitectureSettings): Node {
  let node = input;
  settings.convolutions.forEach(({ filters, kernel, stride, pool }, i) => {
    const n = i + 1;
    node = tfl.layers
      .conv2d({
        name: `conv${n}`,
        filters,
        kernelSize: kernel,
        strides: stride,
        padding: 'same',
        useBias: false,
      })
      .apply(node) as Node;
    if (pool[0] > 1 || pool[1] > 1)
      node = tfl.layers.maxPooling2d({ name: `pool${n}`, poolSize: pool, strides: pool }).apply(node) as Node;
    node = normalizedRelu(node, `norm${n}`, `relu${n}`);
  });
  const pooled = new StatisticsPooling({ name: 'statistics' }).apply(node) as Node;
  return hidden(dropout(pooled, 'statistics-dropout', settings.poolingDropout), 'dense', settings.dense);
}

function bandBranch(input: Node, settings: ArchitectureSettings): Node {
  const layer = new BandStatistics({ name: 'band-statistics', statistics: settings.bandStatistics });
  const scaled = batchNorm(layer.apply(input) as Node, 'band-norm', false);
  return hidden(scaled, 'band-dense', settings.bandDense);
}

/**
 * Dense, batch norm, ReLU. Nothing adds a constant before the batch norm, which would take it away again: the
 * gradient of such a weight is rounding alone, and Adam would make full steps of it.
 */
function hidden(node: Node, name: string, units: number): Node {
  return normalizedRelu(dense(node, name, units, false), `${name}-norm`, `${name}-relu`);
}

function dense(node: Node, name: string, units: number, useBias = true): Node {
  return tfl.layers.dense({ name, units, useBias }).apply(node) as Node;
}

function dropout(node: Node, name: string, rate: number): Node {
  return rate > 0 ? (new SeededDropout({ name, rate }).apply(node) as Node) : node;
}

function batchNorm(node: Node, name: string, center = true): Node {
  return tfl.layers.batchNormalization({ name, center, ...BATCH_NORM }).apply(node) as Node;
}

function normalizedRelu(node: Node, normName: string, reluName: string): Node {
  return tfl.layers.reLU({ name: reluName }).apply(batchNorm(node, normName)) as Node;
}

/**
 * Kernels from the seed, in layer order: normal of SD √(2 / fan-in) for convolutions, uniform within
 * √(6 / fan-in) for dense layers (He et al. 2015). Biases and batch norm keep their zeros and ones.
 */
function initializeWeights(model: tfl.LayersModel, random: Random): void {
  for (const layer of model.layers) {
    const [kernel, ...rest] = layer.getWeights();
    const isConvolution = layer.getClassName() === 'Conv2D';
    if (!kernel || (!isConvolution && layer.getClassName() !== 'Dense')) continue;
    const fanIn = kernel.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const limit = Math.sqrt(6 / fanIn);
    const sd = Math.sqrt(2 / fanIn);
    const values = Float32Array.from({ length: kernel.size }, () =>
      isConvolution ? sd * random.normal() : limit * (2 * random.uniform() - 1),
    );
    const fresh: tf.Tensor = tf.tensor(values, kernel.shape);
    layer.setWeights([fresh, ...rest]);
    fresh.dispose();
  }
}
