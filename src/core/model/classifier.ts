// The network, loaded: window features in, one row of logits per window out. Holds the only long-lived
// tensors of inference (the weights) and leaves no other behind.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import './layers.ts';
import { AppError } from '../errors.ts';
import { contextIsLost } from '../tensor/gpu-loss.ts';
import { tensorText } from '../tensor/tensor-text.ts';
import { toLogits } from './aggregate.ts';
import { outputUnits, windowFrames, type ModelManifest } from './manifest.ts';
import { copyWindow, type NetworkInput } from './model-input.ts';
import { modelText } from './model-text.ts';
import { assertOutputsFit, withinWeights } from './network-bounds.ts';

/** Windows per call of the network. On a GPU the shape stays fixed: its buffer pool never shrinks. */
const BATCH_WINDOWS = 16;

/** A weight of kind `bool`; numbers have four. */
const LEAST_BYTES_OF_A_WEIGHT = 1;

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
    throw new AppError('model-invalid', modelText.noTopology);
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const nValues = assets.weights.byteLength / LEAST_BYTES_OF_A_WEIGHT;
  let network: tfl.LayersModel | null = null;
  try {
    network = await withinWeights(nValues, () => tfl.loadLayersModel(tf.io.fromMemory({ modelTopology })));
    const whole = network;
    tf.tidy(() => whole.loadWeights(tf.io.decodeWeights(assets.weights, weightSpecs)));
    return network;
  } catch (cause) {
    network?.dispose();
    throw new AppError('model-invalid', modelText.notLoaded(reasonOf(cause)), { cause });
  }
}

/** What TF.js says of a topology it refuses; where it stumbles over one, its words say nothing to anybody. */
function reasonOf(cause: unknown): string {
  const isRefusal = cause instanceof Error && !(cause instanceof TypeError || cause instanceof RangeError);
  const [sentence = ''] = isRefusal ? cause.message.split(/[.:]?(?:\s|$)(?=[A-Z\n]|$)/, 1) : [];
  return sentence === '' ? modelText.notBuilt : sentence;
}

export class Classifier {
  readonly manifest: ModelManifest;
  readonly network: tfl.LayersModel;

  private constructor(manifest: ModelManifest, network: tfl.LayersModel) {
    this.manifest = manifest;
    this.network = network;
  }

  /** Around a network that lives elsewhere and fits the manifest, one in training say: `dispose` would end it. */
  static around(network: tfl.LayersModel, manifest: ModelManifest): Classifier {
    return new Classifier(manifest, network);
  }

  /** @throws AppError `model-invalid` also when the network's input or output is not what the manifest says */
  static async load(assets: ModelAssets): Promise<Classifier> {
    const network = await loadNetwork(assets);
    const { manifest } = assets;
    try {
      assertFits(network, manifest);
    } catch (error) {
      network.dispose();
      throw error;
    }
    return new Classifier(manifest, network);
  }

  /**
   * Logits of every window of one recording, `[nWindows][1 or nLabels]`.
   * @throws AppError when an answer is no number: `gpu-lost` on a GPU, which can fail so, else `model-invalid`
   */
  async predict(input: NetworkInput): Promise<number[][]> {
    const [logits = []] = await this.predictAll([input]);
    if (logits instanceof AppError) throw logits;
    return logits;
  }

  /**
   * Logits of several recordings, whose windows fill the batches of the network together: a window's answer does
   * not depend on its neighbours.
   * @param between is awaited before every batch but the first; where it throws, so does this
   * @returns for each recording `[nWindows][1 or nLabels]`, or why the network has no answer to it
   * @throws AppError `gpu-lost`
   */
  async predictAll(
    inputs: readonly NetworkInput[],
    between: () => Promise<void> = () => Promise.resolve(),
  ): Promise<(number[][] | AppError)[]> {
    const places = inputs.flatMap(({ matrix, windows }) =>
      windows.map(({ firstFrame }) => ({ matrix, firstFrame })),
    );
    const rows: number[][] = [];
    for (let first = 0; first < places.length; first += BATCH_WINDOWS) {
      if (first > 0) await between();
      rows.push(...(await this.#predictBatch(places.slice(first, first + BATCH_WINDOWS))));
    }
    const onGpu = isGpu();
    if (onGpu && !rows.flat().every(Number.isFinite)) throw notNumbers(onGpu);
    let from = 0;
    return inputs.map(({ windows }) => {
      const own = rows.slice(from, (from += windows.length));
      return own.flat().every(Number.isFinite) ? own : notNumbers(onGpu);
    });
  }

  async #predictBatch(
    places: readonly { matrix: NetworkInput['matrix']; firstFrame: number }[],
  ): Promise<number[][]> {
    const { inputLayout, features, output } = this.manifest;
    const nFrames = windowFrames(this.manifest);
    const nWindows = isGpu() ? BATCH_WINDOWS : places.length;
    const batch = new Float32Array(nWindows * nFrames * features.nMels);
    places.forEach(({ matrix, firstFrame }, i) =>
      copyWindow(matrix, firstFrame, nFrames, inputLayout, batch, i),
    );
    const outputs = await this.#run(batch, nWindows);
    const units = outputs.length / nWindows;
    return places.map((_, i) => toLogits(Array.from(outputs.subarray(i * units, (i + 1) * units)), output));
  }

  async #run(batch: Float32Array, nWindows: number): Promise<Float32Array> {
    const shape = [nWindows, ...inputShape(this.manifest)];
    const output = computed(() => tf.tidy(() => this.network.predict(tf.tensor(batch, shape)) as tf.Tensor));
    try {
      const values = (await output.data()) as Float32Array;
      if (contextIsLost(tf.backend())) throw new AppError('gpu-lost', tensorText.gpu.contextLost);
      return values;
    } finally {
      output.dispose();
    }
  }

  dispose(): void {
    this.network.dispose();
  }
}

/** @throws AppError `model-invalid` */
function assertFits(network: tfl.LayersModel, manifest: ModelManifest): void {
  // A topology without an input, or with several, says otherwise than the types.
  const [inputs = [], outputs = []] = [network.inputs, network.outputs] as (
    tfl.SymbolicTensor[] | undefined
  )[];
  const expected = inputShape(manifest);
  const wanted = outputUnits(manifest);
  const actual = inputs.map(
    ({ shape }) => `[${shape.slice(1).map((size, i) => size ?? expected[i] ?? '?')}]`,
  );
  const units = outputs.map(({ shape }) => String(shape.length === 2 ? shape[1] : `[${shape.slice(1)}]`));
  if (String(actual) !== `[${expected}]` || String(units) !== String(wanted))
    throw new AppError('model-invalid', modelText.otherShape(actual, units, `[${expected}]`, wanted));
  assertOutputsFit(network, expected);
}

/**
 * Some settings of a layer are looked at only when it computes. What a graphics device throws is not the model's fault.
 * @throws AppError `model-invalid`
 */
function computed<T>(compute: () => T): T {
  try {
    return compute();
  } catch (cause) {
    const isOfTfjs = cause instanceof Error && (cause.name === 'Error' || cause instanceof TypeError);
    if (!isOfTfjs || isGpu()) throw cause;
    throw new AppError('model-invalid', modelText.notComputed, { cause });
  }
}

function isGpu(): boolean {
  return tf.getBackend().startsWith('web');
}

function notNumbers(onGpu: boolean): AppError {
  return onGpu
    ? new AppError('gpu-lost', modelText.gpuNoNumbers)
    : new AppError('model-invalid', modelText.noNumbers);
}

/** Shape of one window as the network takes it. */
export function inputShape(manifest: ModelManifest): [number, number, 1] {
  const nFrames = windowFrames(manifest);
  return manifest.inputLayout === 'time-mel'
    ? [nFrames, manifest.features.nMels, 1]
    : [manifest.features.nMels, nFrames, 1];
}
