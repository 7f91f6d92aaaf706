// The WASM backend as shipped cannot train a CNN, and is slower than it need be at inference: kernels are missing,
// wrong or slow. This file puts better ones in their place. Kernels are replaced, not gradients, since fused
// operations call kernels directly; everything above (tfjs-layers, gradients, optimizers) stays as it is.

import * as tf from '@tensorflow/tfjs-core';
import {
  BATCH_NORM_GRAD,
  batchNormGrad,
  CHANNEL_MOMENTS,
  channelMoments,
  fusedBatchNorm,
} from './wasm-batch-norm.ts';
import { conv2DBackpropFilter, conv2DBackpropInput } from './wasm-conv.ts';
import { convolution } from './wasm-convolution.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './wasm-depthwise.ts';
import { batchMatMul } from './wasm-matmul.ts';
import { maxPoolGrad } from './wasm-pool.ts';
import { BAND_STATISTICS, bandStatistics, TIME_MOMENTS, timeMoments } from './wasm-statistics.ts';
import { identity, mean, sum, tile } from './wasm-reduce.ts';

/** Kernels that stand on their own. */
const REPLACEMENTS: Record<string, tf.KernelFunc> = {
  [tf.Conv2DBackpropFilter]: conv2DBackpropFilter,
  [tf.Conv2DBackpropInput]: conv2DBackpropInput,
  [tf.DepthwiseConv2dNativeBackpropFilter]: depthwiseBackpropFilter,
  [tf.DepthwiseConv2dNativeBackpropInput]: depthwiseBackpropInput,
  [tf.MaxPoolGrad]: maxPoolGrad,
  [CHANNEL_MOMENTS]: channelMoments,
  [BATCH_NORM_GRAD]: batchNormGrad,
  [TIME_MOMENTS]: timeMoments,
  [BAND_STATISTICS]: bandStatistics,
};

/** Kernels for float32 that hand the rest to the shipped one. */
const WRAPPERS: Record<string, (shipped: tf.KernelFunc) => tf.KernelFunc> = {
  [tf.Conv2D]: convolution,
  [tf.FusedConv2D]: convolution,
  [tf.Sum]: sum,
  [tf.Mean]: mean,
  [tf.Tile]: tile,
  [tf.Identity]: identity,
  [tf.FusedBatchNorm]: fusedBatchNorm,
  [tf.BatchMatMul]: batchMatMul,
};

let registered = false;

/** Registers this program's kernels of the WASM backend: once, after that backend's code is loaded. */
export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;
  for (const [kernelName, kernelFunc] of Object.entries(REPLACEMENTS)) replace(kernelName, kernelFunc);
  for (const [kernelName, wrap] of Object.entries(WRAPPERS)) {
    replace(kernelName, wrap(tf.getKernel(kernelName, 'wasm').kernelFunc));
  }
}

function replace(kernelName: string, kernelFunc: tf.KernelFunc): void {
  const shipped = tf.getKernel(kernelName, 'wasm') as tf.KernelConfig | undefined;
  if (shipped) tf.unregisterKernel(kernelName, 'wasm');
  // The shipped set-up stays: it binds the compiled function that a wrapper may call.
  tf.registerKernel({ ...shipped, kernelName, backendName: 'wasm', kernelFunc });
}
