// A model of a few hundred weights with all that goes with it, and the bundled model's own small files.
// May import: core/model, core/training, Node.

import { readFileSync } from 'node:fs';
import { parseManifest, type ModelManifest } from '../core/model/manifest.ts';
import { Random } from '../core/random.ts';
import { encodeReplay, inputKeyOf } from '../core/training/replay.ts';

const BUNDLED = new URL('../../models/heartbeat-cnn/', import.meta.url);
const N_FRAMES = 8;
const N_MELS = 4;
/** Four numbers: as many as a statistic of the bands. */
const PERIODICITY = { groups: 2, framesPerStep: 2, firstLag: 1, lastLag: 2 };

export const utf8 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(new TextEncoder().encode(text));
export const jsonBytes = (value: unknown): Uint8Array<ArrayBuffer> => utf8(JSON.stringify(value));

export function bundledJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, BUNDLED), 'utf8'));
}

export function tinyManifest(): ModelManifest {
  const manifest = parseManifest(bundledJson('manifest.json'));
  return {
    ...manifest,
    sampleRateHz: 1000,
    window: { durationSec: 0.8, hopSec: 0.4, padding: 'repeat', maxWindows: null },
    features: { ...manifest.features, nFft: 128, winLength: 100, hopLength: 100, nMels: N_MELS, fMaxHz: 400 },
  };
}

export interface TinyModel {
  manifest: ModelManifest;
  modelJson: unknown;
  weights: ArrayBuffer;
}

type Layer = [className: string, name: string, config: object, from: string[], weights: [string, number[]][]];

/** One of each kind of layer that has settings of its own: inputs, convolution, statistics over time, a last layer. */
const LAYERS: readonly Layer[] = [
  ['InputLayer', 'log_mel', { batch_input_shape: [null, N_FRAMES, N_MELS, 1], dtype: 'float32' }, [], []],
  [
    'Conv2D',
    'conv',
    { filters: 2, kernel_size: [3, 3], strides: [1, 1], padding: 'same', use_bias: true, activation: 'relu' },
    ['log_mel'],
    [
      ['kernel', [3, 3, 1, 2]],
      ['bias', [2]],
    ],
  ],
  [
    'BatchNormalization',
    'bn',
    { axis: -1, momentum: 0.99, epsilon: 0.001, center: true, scale: true },
    ['conv'],
    ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name): [string, number[]] => [name, [2]]),
  ],
  ['StatisticsPooling', 'pool', { epsilon: 1e-4 }, ['bn'], []],
  [
    'BandStatistics',
    'bands',
    { statistics: ['mean', 'periodicity'], periodicity: PERIODICITY, epsilon: 1e-4 },
    ['log_mel'],
    [],
  ],
  ['Concatenate', 'embedding', { axis: -1 }, ['pool', 'bands'], []],
  ['SeededDropout', 'dropout', { rate: 0.1 }, ['embedding'], []],
  [
    'Dense',
    'head',
    { units: 1, activation: 'linear', use_bias: true },
    ['dropout'],
    [
      ['kernel', [24, 1]],
      ['bias', [1]],
    ],
  ],
];

export function tinyModel(): TinyModel {
  const layers = LAYERS.map(([className, name, config, from]) => ({
    class_name: className,
    name,
    config: { name, trainable: true, ...config },
    inbound_nodes: from.length === 0 ? [] : [from.map((each) => [each, 0, 0, {}])],
  }));
  const weights = LAYERS.flatMap(([, layer, , , own]) =>
    own.map(([name, shape]) => ({ name: `${layer}/${name}`, shape, dtype: 'float32' })),
  );
  const n = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
  const config = { name: 'tiny', layers, input_layers: [['log_mel', 0, 0]], output_layers: [['head', 0, 0]] };
  return {
    manifest: tinyManifest(),
    modelJson: {
      format: 'layers-model',
      modelTopology: {
        class_name: 'Model',
        config,
        keras_version: 'tfjs-layers 4.22.0',
        backend: 'tensor_flow.js',
      },
      weightsManifest: [{ paths: ['weights.bin'], weights }],
    },
    weights: Float32Array.from({ length: n }, (_, i) => 0.1 + (i % 7) / 20).buffer,
  };
}

/** What an evaluation has at least and at most, cut down to what is drawn. */
export function evaluationSeeds(): Uint8Array[] {
  const whole = bundledJson('metrics.json') as Record<string, unknown>;
  const small = Object.fromEntries(
    ['schema', 'labels', 'n', 'nGroups', 'pooled', 'meanSourceAuroc', 'baselines', 'method', 'coverage'].map(
      (name) => [name, whole[name]],
    ),
  );
  const { pooled, calibration } = whole as { pooled: object; calibration: { bins: unknown[] } };
  const perSource = { a: pooled };
  const leaveOneSourceOut = {
    perSource,
    meanAuroc: whole['meanSourceAuroc'],
    meanMeanAccuracy: whole['meanSourceAuroc'],
  };
  const drawn = { ...calibration, bins: calibration.bins.slice(0, 2) };
  return [jsonBytes({ ...small, perSource, calibration: drawn }), jsonBytes({ ...small, leaveOneSourceOut })];
}

export function replaySeeds(): Uint8Array[] {
  const random = new Random(5);
  const setOf = (nWindows: number, nFrames: number, nMels: number): Uint8Array =>
    encodeReplay({
      inputKey: inputKeyOf(tinyManifest()),
      nFrames,
      nMels,
      windows: Array.from({ length: nWindows }, (_, i) => ({
        label: i % 2 ? 'abnormal' : 'normal',
        source: 'a',
        group: i,
        part: i % 3 ? ('replay' as const) : ('reference' as const),
        values: Float32Array.from({ length: nFrames * nMels }, () => random.normal()),
      })),
    });
  return [setOf(4, N_FRAMES, N_MELS), setOf(2, 5, 70), setOf(1, 1, 1)];
}
