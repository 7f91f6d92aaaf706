// What training lowers: cross-entropy between labels and logits.

import * as tf from '@tensorflow/tfjs-core';

/**
 * Mean cross-entropy of a batch.
 * @param logits `[batch, 1]` (sigmoid: the unit speaks for class 1) or `[batch, nLabels]` (softmax)
 * @param targets of the same shape
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return targets.shape[1] === 1
    ? tf.losses.sigmoidCrossEntropy(targets, logits)
    : tf.losses.softmaxCrossEntropy(targets, logits);
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
