// Two kernels of this program's own on the WASM backend: a batch's mean and variance per channel, and the
// gradient of batch norm in training mode, each in two passes over memory. Used by batch-norm.ts.

import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { floats, output, type WasmBackend } from './wasm-heap.ts';

export const CHANNEL_MOMENTS = 'HeartBeatChannelMoments';
export const BATCH_NORM_GRAD = 'HeartBeatBatchNormGrad';

/** x `[…, channels]` → mean and variance `[channels]`; the variance of the centred values, so nothing cancels. */
export const channelMoments: KernelFunc = ({ inputs, backend: anyBackend }) => {
  const backend = anyBackend as WasmBackend;
  const x = inputs['x'] as TensorInfo;
  const channels = x.shape[x.shape.length - 1] ?? 0;
  const [mean, variance] = [output(backend, [channels]), output(backend, [channels])];
  const [xs, means, variances] = [floats(backend, x), floats(backend, mean), floats(backend, variance)];
  const rows = xs.length / channels;
  const sums = new Float64Array(channels);
  for (let at = 0; at < xs.length;) {
    for (let c = 0; c < channels; c++) sums[c] = (sums[c] as number) + (xs[at++] as number);
  }
  for (let c = 0; c < channels; c++) means[c] = (sums[c] as number) / rows;
  sums.fill(0);
  for (let at = 0; at < xs.length;) {
    for (let c = 0; c < channels; c++) {
      const centred = (xs[at++] as number) - (means[c] as number);
      sums[c] = (sums[c] as number) + centred * centred;
    }
  }
  for (let c = 0; c < channels; c++) variances[c] = (sums[c] as number) / rows;
  return [mean, variance];
};

/** Formulas in batch-norm.ts. dy, x `[…, channels]` → dx, dγ, dβ. */
export const batchNormGrad: KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const { dy, x, gamma, mean, variance } = inputs as Record<
    'dy' | 'x' | 'gamma' | 'mean' | 'variance',
    TensorInfo
  >;
  const { epsilon } = attrs as { epsilon: number };
  const channels = gamma.shape[0] ?? 0;
  const [dx, dGamma, dBeta] = [
    output(backend, x.shape),
    output(backend, [channels]),
    output(backend, [channels]),
  ];
  const [dys, xs, dxs] = [floats(backend, dy), floats(backend, x), floats(backend, dx)];
  const [gammas, means, variances] = [
    floats(backend, gamma),
    floats(backend, mean),
    floats(backend, variance),
  ];
  const rows = xs.length / channels;

  const betaSums = new Float64Array(channels);
  const productSums = new Float64Array(channels); // Σ dy · (x − mean)
  for (let at = 0; at < xs.length;) {
    for (let c = 0; c < channels; c++, at++) {
      const slope = dys[at] as number;
      betaSums[c] = (betaSums[c] as number) + slope;
      productSums[c] = (productSums[c] as number) + slope * ((xs[at] as number) - (means[c] as number));
    }
  }

  // dx = a · dy + b · x + c, with three numbers per channel
  const [a, b, c0] = [new Float64Array(channels), new Float64Array(channels), new Float64Array(channels)];
  const [dGammas, dBetas] = [floats(backend, dGamma), floats(backend, dBeta)];
  for (let c = 0; c < channels; c++) {
    const root = 1 / Math.sqrt((variances[c] as number) + epsilon);
    const [betaSum, gammaSum] = [betaSums[c] as number, (productSums[c] as number) * root];
    dBetas[c] = betaSum;
    dGammas[c] = gammaSum;
    a[c] = (gammas[c] as number) * root;
    b[c] = (-(a[c] as number) * root * gammaSum) / rows;
    c0[c] = (-(a[c] as number) * betaSum) / rows - (b[c] as number) * (means[c] as number);
  }
  for (let at = 0; at < xs.length;) {
    for (let c = 0; c < channels; c++, at++) {
      dxs[at] =
        (a[c] as number) * (dys[at] as number) + (b[c] as number) * (xs[at] as number) + (c0[c] as number);
    }
  }
  return [dx, dGamma, dBeta];
};
