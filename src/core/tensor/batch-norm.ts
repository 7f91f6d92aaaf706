// Batch norm in training mode as one operation with its gradient written out. The composition that
// TF.js differentiates passes over the feature map some 25 times; this does it in 4 on WASM (kernels of
// wasm-batch-norm.ts) and about 10 elsewhere.
//
//   const { value, mean, variance } = trainingBatchNorm(x, gamma, beta, 1e-5);
//
// `mean` and `variance` are for the moving averages; no gradient flows through them. Layers of a model
// need not call this: `speedUpTraining(model)` of training-layers.ts does.

import * as tf from '@tensorflow/tfjs-core';
import { BATCH_NORM_GRAD, CHANNEL_MOMENTS } from './wasm-batch-norm.ts';

export interface TrainingBatchNorm {
  /** Shape of x. */
  value: tf.Tensor;
  /** `[channels]`, of this batch. */
  mean: tf.Tensor1D;
  /** `[channels]`, of this batch, divided by n as TF.js's own layer does. */
  variance: tf.Tensor1D;
}

/**
 * @param x `[…, channels]`, rank 2 to 4; normalised over all axes but the last
 * @param gamma `[channels]`
 * @param beta `[channels]`
 * @param epsilon added to the variance
 */
export function trainingBatchNorm(
  x: tf.Tensor,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): TrainingBatchNorm {
  const channels = x.shape[x.rank - 1] ?? 0;
  const flat = tf.reshape(x, [1, 1, -1, channels]);
  const [mean, variance] = moments(flat);
  const operation = tf.customGrad((...inputs) => {
    const [a, g, b, save] = inputs as unknown as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      (tensors: tf.Tensor[]) => void,
    ];
    save([a, g, mean, variance]);
    return {
      value: tf.batchNorm(a, mean, variance, b, g, epsilon),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradients(dy, saved, epsilon),
    };
  });
  return { value: tf.reshape(operation(flat, gamma, beta), x.shape), mean, variance };
}

function hasOwnKernels(): boolean {
  return tf.getBackend() === 'wasm';
}

function moments(flat: tf.Tensor): [tf.Tensor1D, tf.Tensor1D] {
  if (hasOwnKernels()) {
    return tf.engine().runKernel(CHANNEL_MOMENTS, { x: flat }) as unknown as [tf.Tensor1D, tf.Tensor1D];
  }
  const { mean, variance } = tf.moments(flat, [0, 1, 2]);
  return [mean as tf.Tensor1D, variance as tf.Tensor1D];
}

/**
 * With x̂ = (x − mean) · r and r = 1 / √(variance + ε): dβ = Σ dy, dγ = Σ dy · x̂ and
 * dx = γ · r · (dy − dβ / n − x̂ · dγ / n). Source: Ioffe and Szegedy 2015, section 3.
 */
function gradients(dy: tf.Tensor, saved: tf.Tensor[], epsilon: number): tf.Tensor[] {
  const [x, gamma, mean, variance] = saved as [tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  if (hasOwnKernels()) {
    return tf
      .engine()
      .runKernel(BATCH_NORM_GRAD, { dy, x, gamma, mean, variance }, { epsilon }) as unknown as tf.Tensor[];
  }
  const n = x.size / gamma.size;
  const root = tf.rsqrt(tf.add(variance, epsilon));
  const normed = tf.mul(tf.sub(x, mean), root);
  const dBeta = tf.sum(dy, [0, 1, 2]);
  const dGamma = tf.sum(tf.mul(dy, normed), [0, 1, 2]);
  const centred = tf.sub(tf.sub(dy, tf.div(dBeta, n)), tf.mul(normed, tf.div(dGamma, n)));
  return [tf.mul(centred, tf.mul(gamma, root)), dGamma, dBeta];
}
