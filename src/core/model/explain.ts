// Where the network looked: Grad-CAM (Selvaraju et al., 2017) on its last convolution, per log-mel frame.
// The gradient is taken at a zero probe added to that layer's output, so that networks with side branches work.

import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { AppError } from '../errors.ts';
import { contextIsLost } from '../tensor/gpu-loss.ts';
import { tensorText } from '../tensor/tensor-text.ts';
import { inputShape, type Classifier } from './classifier.ts';
import { windowFrames } from './manifest.ts';
import { copyWindow, type NetworkInput } from './model-input.ts';

/** More windows than this are not explained: the answer must not wait for the picture. */
const MAX_EXPLAINED_WINDOWS = 24;

/**
 * Relevance of each frame for the class of the given output, 0..1 over the recording.
 * @param direction which output unit, and whether its rise (1) or its fall (-1) speaks for the class
 * @param nFrames of the recording itself, without what it was filled up with
 * @param between is awaited before every window; where it throws, so does this
 * @returns one number per frame, or null where the manifest names no layer
 */
export async function explainFrames(
  classifier: Classifier,
  { matrix, windows }: NetworkInput,
  nFrames: number,
  direction: { unit: number; sign: 1 | -1 },
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<Float32Array | null> {
  const { manifest, network } = classifier;
  if (!manifest.explainLayer || manifest.features.scope !== 'recording') return null;
  const layer = network.layers.find((candidate) => candidate.name === manifest.explainLayer);
  if (!layer || windows.length > MAX_EXPLAINED_WINDOWS) return null;

  const perWindow = windowFrames(manifest);
  const total = new Float32Array(matrix.nFrames);
  const count = new Float32Array(matrix.nFrames);
  for (const window of windows) {
    await between();
    const input = new Float32Array(perWindow * matrix.nMels);
    copyWindow(matrix, window.firstFrame, perWindow, manifest.inputLayout, input, 0);
    const map = await windowMap(
      network,
      layer,
      tf.tensor(input, [1, ...inputShape(manifest)]),
      direction,
      manifest.inputLayout,
    );
    for (let frame = 0; frame < perWindow; frame++) {
      const at = window.firstFrame + frame;
      total[at] =
        (total[at] ?? 0) + (map[Math.min(map.length - 1, Math.floor((frame / perWindow) * map.length))] ?? 0);
      count[at] = (count[at] ?? 0) + 1;
    }
  }
  const relevance = new Float32Array(nFrames);
  for (let i = 0; i < relevance.length; i++) relevance[i] = (total[i] ?? 0) / Math.max(1, count[i] ?? 0);
  const peak = relevance.reduce((a, b) => Math.max(a, b), 0);
  return peak > 0 ? relevance.map((value) => value / peak) : relevance;
}

/** Grad-CAM of one window summed over frequency: one number per time step of the layer. Disposes of `input`. */
async function windowMap(
  network: tfl.LayersModel,
  layer: tfl.layers.Layer,
  input: tf.Tensor,
  direction: { unit: number; sign: 1 | -1 },
  layout: 'time-mel' | 'mel-time',
): Promise<Float32Array> {
  const call = layer.call.bind(layer);
  let activation: tf.Tensor4D | null = null;
  const taken = (): tf.Tensor4D | null => activation;
  const compute = (): tf.Tensor1D => {
    const shape = [1, ...(layer.outputShape as number[]).slice(1)] as [number, number, number, number];
    const probe = tf.zeros<tf.Rank.R4>(shape);
    const score = (at: tf.Tensor): tf.Scalar => {
      layer.call = (inputs, kwargs) => {
        const output = call(inputs, kwargs);
        const tensor = (Array.isArray(output) ? output[0] : output) as tf.Tensor4D;
        activation = tf.keep(tensor.clone());
        return tf.add(tensor, at);
      };
      const logits = network.apply(input, { training: false }) as tf.Tensor2D;
      return tf.mul<tf.Scalar>(tf.sum(tf.slice(logits, [0, direction.unit], [1, 1])), direction.sign);
    };
    try {
      const gradient = tf.grad(score)(probe) as tf.Tensor4D;
      const kept = taken();
      if (!kept) return tf.zeros<tf.Rank.R1>([1]);
      const weights = tf.mean(gradient, [1, 2], true);
      const cam = tf.relu(tf.sum(tf.mul(weights, kept), 3));
      return tf.mean<tf.Tensor1D>(cam, layout === 'time-mel' ? [0, 2] : [0, 1]);
    } finally {
      layer.call = call;
    }
  };
  let map: tf.Tensor1D | null = null;
  try {
    map = tf.tidy(compute);
    const values = (await map.data()) as Float32Array;
    if (contextIsLost(tf.backend())) throw new AppError('gpu-lost', tensorText.gpu.contextLost);
    return values;
  } finally {
    tf.dispose([input, taken(), map].filter((tensor) => tensor !== null));
  }
}
