// The WASM backend as shipped cannot train a CNN: kernels are missing, wrong or slow. This file puts
// better ones in their place. Kernels are replaced, not gradients, since fused operations call kernels
// directly; everything above (tfjs-layers, gradients, optimizers) stays as it is.

import * as tf from '@tensorflow/tfjs-core';
import { conv2DBackpropFilter } from './wasm-conv.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './wasm-depthwise.ts';
import { maxPoolGrad } from './wasm-pool.ts';

const REPLACEMENTS: Record<string, tf.KernelFunc> = {
  [tf.Conv2DBackpropFilter]: conv2DBackpropFilter,
  [tf.DepthwiseConv2dNativeBackpropFilter]: depthwiseBackpropFilter,
  [tf.DepthwiseConv2dNativeBackpropInput]: depthwiseBackpropInput,
  [tf.MaxPoolGrad]: maxPoolGrad,
};

/** Registers the training kernels of the WASM backend; call it after that backend's code is loaded. Idempotent. */
export function registerWasmTrainingKernels(): void {
  for (const [kernelName, kernelFunc] of Object.entries(REPLACEMENTS)) {
    const registered = tf.getKernel(kernelName, 'wasm');
    if (registered?.kernelFunc === kernelFunc) continue;
    if (registered) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
  }
}
