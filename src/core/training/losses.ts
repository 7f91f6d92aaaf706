// What training lowers: cross-entropy between labels and logits, summed over the heads of a network.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { WeightedMean } from '../model/layers.ts';

/**
 * The logits that are trained: each head's own where the network's output is a weighted mean of heads
 * (a head that hides behind the others would learn less), else the output. The layers are shared.
 */
export function trainedOutputs(network: tfl.LayersModel): tfl.LayersModel {
  const output = network.outputs[0];
  if (!(output?.sourceLayer instanceof WeightedMean)) return network;
  return tfl.model({ inputs: network.inputs, outputs: output.inputs });
}

/**
 * Sum over heads of the mean cross-entropy of a batch.
 * @param logits per head `[batch, 1]` (sigmoid: the unit speaks for class 1) or `[batch, nLabels]` (softmax)
 * @param targets of the same shape
 */
export function crossEntropy(logits: tf.Tensor[], targets: tf.Tensor2D): tf.Scalar {
  return tf.addN(
    logits.map((head) =>
      targets.shape[1] === 1
        ? tf.losses.sigmoidCrossEntropy(targets, head)
        : tf.losses.softmaxCrossEntropy(targets, head),
    ),
  ) as tf.Scalar;
}

/** Writes one label as a row of targets, smoothed towards equal shares by `smoothing` (0..1). */
export function writeTarget(
  targets: Float32Array,
  row: number,
  units: number,
  label: number,
  smoothing: number,
): void {
  const classes = Math.max(2, units);
  const off = smoothing / classes;
  for (let unit = 0; unit < units; unit++) {
    const hit = units === 1 ? label === 1 : label === unit;
    targets[row * units + unit] = hit ? 1 - smoothing + off : off;
  }
}
