// What training lowers: cross-entropy between logits and labels, where a label may be a set of classes of which
// any is right.

import * as tf from '@tensorflow/tfjs-core';

/** Takes a class out of a softmax, also in half precision: e^-10000 is 0, and 10000 is still a number. */
const NEVER = -1e4;

/**
 * Mean of `-log Σ p` over the classes that would be right.
 * @param logits `[batch, 1]` (sigmoid: the unit speaks for class 1) or `[batch, nLabels]` (softmax)
 * @param targets of the same shape: 1 for each class that would be right, else 0
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return targets.shape[1] === 1
    ? tf.losses.sigmoidCrossEntropy(targets, logits)
    : softmaxSetCrossEntropy(logits, targets);
}

/** Its gradient is the softmax over all classes less that over the right ones. */
function softmaxSetCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  const barred = tf.mul<tf.Tensor2D>(tf.sub(1, targets), NEVER);
  const operation = tf.customGrad((...inputs) => {
    const [z, save] = inputs as unknown as [tf.Tensor2D, (tensors: tf.Tensor[]) => void];
    // Saved as well: what is only closed over is gone when the gradient is taken.
    save([z, barred]);
    const value = tf.mean(tf.sub(tf.logSumExp(z, 1), tf.logSumExp(tf.add(z, barred), 1)));
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [kept, keptBarred] = saved as [tf.Tensor2D, tf.Tensor2D];
        const difference = tf.sub(tf.softmax(kept), tf.softmax(tf.add(kept, keptBarred)));
        return tf.mul(difference, tf.div(dy, kept.shape[0]));
      },
    };
  });
  return operation(logits) as tf.Scalar;
}

/** Writes one row of targets. @param classes those that would be right */
export function writeTarget(
  targets: Float32Array,
  row: number,
  units: number,
  classes: readonly number[],
): void {
  for (let unit = 0; unit < units; unit++)
    targets[row * units + unit] = classes.includes(units === 1 ? 1 : unit) ? 1 : 0;
}
