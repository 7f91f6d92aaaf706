// The network, loaded: window features in, one row of logits per window out. Holds the only long-lived
// tensors of inference (the weights) and leaves no other behind.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import './layers.ts';
import { AppError } from '../errors.ts';
import { contextIsLost } from '../tensor/gpu-loss.ts';
import { toLogits } from './aggregate.ts';
import { outputUnits, windowFrames, type ModelManifest } from './manifest.ts';
import { copyWindow, type RecordingFeatures } from './model-input.ts';

/** Windows per call of the network. On a GPU the shape stays fixed: its buffer pool never shrinks. */
const BATCH_WINDOWS = 16;

/** What a model folder holds; `modelJson` is TF.js layers format and `weights` the bytes its weightsManifest describes. */
export interface ModelAssets {
  manifest: ModelManifest;
  modelJson: unknown;
  weights: ArrayBuffer;
}

interface LayersModelJson {
  modelTopology: object;
  weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
}

/**
 * A TF.js layers model from its parts.
 * @throws AppError `model-invalid` when topology, weights and manifest do not belong together
 */
export async function loadNetwork(assets: ModelAssets): Promise<tfl.LayersModel> {
  const { modelTopology, weightsManifest } = (assets.modelJson ?? {}) as Partial<LayersModelJson>;
  if (!modelTopology || !Array.isArray(weightsManifest))
    throw new AppError(
      'model-invalid',
      'The model has no topology: export it again as a TF.js layers model.',
    );
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  try {
    return await tfl.loadLayersModel(
      tf.io.fromMemory({ modelTopology, weightSpecs, weightData: assets.weights }),
    );
  } catch (cause) {
    throw new AppError(
      'model-invalid',
      `The model cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

export class Classifier {
  readonly manifest: ModelManifest;
  readonly network: tfl.LayersModel;

  private constructor(manifest: ModelManifest, network: tfl.LayersModel) {
    this.manifest = manifest;
    this.network = network;
  }

  /** @throws AppError `model-invalid` also when the network's input or output is not what the manifest says */
  static async load(assets: ModelAssets): Promise<Classifier> {
    const network = await loadNetwork(assets);
    const { manifest } = assets;
    const expected = inputShape(manifest);
    const actual = network.inputs[0]?.shape.slice(1).map((size, i) => size ?? expected[i]);
    const units = network.outputs[0]?.shape.at(-1);
    const wanted = outputUnits(manifest);
    if (String(actual) !== String(expected) || units !== wanted) {
      network.dispose();
      throw new AppError(
        'model-invalid',
        `The network takes [${actual}] and gives ${units}; its manifest says [${expected}] and ${wanted}.`,
      );
    }
    return new Classifier(manifest, network);
  }

  /**
   * Logits of every window, `[nWindows][1 or nLabels]`.
   * @throws AppError when the answer is no number: `gpu-lost` on a GPU, which can fail so, else `model-invalid`
   */
  async predict(features: RecordingFeatures): Promise<number[][]> {
    const { manifest } = this;
    const nFrames = windowFrames(manifest);
    const windowSize = nFrames * features.matrix.nMels;
    const fixedShape = tf.getBackend().startsWith('web');
    const logits: number[][] = [];
    for (let first = 0; first < features.windows.length; first += BATCH_WINDOWS) {
      const windows = features.windows.slice(first, first + BATCH_WINDOWS);
      const batch = new Float32Array((fixedShape ? BATCH_WINDOWS : windows.length) * windowSize);
      windows.forEach((window, i) =>
        copyWindow(features.matrix, window.firstFrame, nFrames, manifest.inputLayout, batch, i),
      );
      const outputs = await this.#run(batch, batch.length / windowSize);
      const units = outputs.length / (batch.length / windowSize);
      for (let i = 0; i < windows.length; i++) {
        logits.push(toLogits(Array.from(outputs.subarray(i * units, (i + 1) * units)), manifest.output));
      }
    }
    if (!logits.flat().every(Number.isFinite)) throw notNumbers(fixedShape);
    return logits;
  }

  async #run(batch: Float32Array, nWindows: number): Promise<Float32Array> {
    const output = tf.tidy(
      () => this.network.predict(tf.tensor(batch, [nWindows, ...inputShape(this.manifest)])) as tf.Tensor,
    );
    try {
      const values = (await output.data()) as Float32Array;
      if (contextIsLost(tf.backend())) throw new AppError('gpu-lost', 'The WebGL context was lost.');
      return values;
    } finally {
      output.dispose();
    }
  }

  dispose(): void {
    this.network.dispose();
  }
}

function notNumbers(onGpu: boolean): AppError {
  return onGpu
    ? new AppError('gpu-lost', 'The graphics device returned numbers that are none.')
    : new AppError('model-invalid', 'The model answers with numbers that are none: choose another model.');
}

/** Shape of one window as the network takes it. */
export function inputShape(manifest: ModelManifest): [number, number, 1] {
  const nFrames = windowFrames(manifest);
  return manifest.inputLayout === 'time-mel'
    ? [nFrames, manifest.features.nMels, 1]
    : [manifest.features.nMels, nFrames, 1];
}
