// Two kernels of this program's own on the WASM backend: a batch's mean and variance per channel, and the
// gradient of batch norm in training mode, each in two passes over memory. Used by batch-norm.ts.
// Vector loops where channels come in fours, else plain ones; sums over many values end in float64.

import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { channelBlocks, type SimdKernels } from './simd-kernels.ts';
import { addressOf, floats, floatsAt, output, scratch, simd, type WasmBackend } from './wasm-heap.ts';

export const CHANNEL_MOMENTS = 'HeartBeatChannelMoments';
export const BATCH_NORM_GRAD = 'HeartBeatBatchNormGrad';

const BYTES = 4;
/** Rows that a vector loop adds up in float32 before float64 takes over: keeps the error of long sums at 1e-7. */
const CHUNK_ROWS = 256;

/** `[rows, channels]` in the heap. */
export interface Matrix {
  backend: WasmBackend;
  address: number;
  rows: number;
  channels: number;
}

function matrix(backend: WasmBackend, info: TensorInfo, channels: number): Matrix {
  const rows = info.shape.reduce((product, length) => product * length, 1) / channels;
  return { backend, address: addressOf(backend, info), rows, channels };
}

function vectorLoops({ backend, channels }: Matrix): SimdKernels | null {
  return channels % 4 === 0 ? simd(backend) : null;
}

/**
 * Adds up a matrix chunk by chunk: `sumChunk` writes `results` sums per channel of some rows and of some channels to
 * scratch memory, one list of channels after the other.
 */
function sumInChunks(
  { backend, rows, channels }: Matrix,
  results: number,
  sumChunk: (vectors: number, offset: number, rows: number, firstChannel: number, to: number) => void,
): Float64Array {
  const partsAt = scratch(backend, 'channel-sums', results * channels);
  const parts = floatsAt(backend, partsAt, results * channels);
  const sums = new Float64Array(results * channels);
  const blocks = channelBlocks(channels);
  for (let row = 0; row < rows; row += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows - row);
    for (const [first, vectors] of blocks) {
      sumChunk(vectors, (row * channels + first) * BYTES, count, first, partsAt + first * BYTES);
    }
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (parts[i] as number);
  }
  return sums;
}

export function channelSums(x: Matrix): Float64Array {
  const kernels = vectorLoops(x);
  if (kernels) {
    return sumInChunks(x, 1, (vectors, offset, rows, _, to) =>
      kernels.channelSums(vectors, x.address + offset, rows, x.channels * BYTES, to),
    );
  }
  const xs = floatsAt(x.backend, x.address, x.rows * x.channels);
  const sums = new Float64Array(x.channels);
  for (let at = 0; at < xs.length;) {
    for (let c = 0; c < x.channels; c++) sums[c] = (sums[c] as number) + (xs[at++] as number);
  }
  return sums;
}

/** Σ (x − mean)² per channel. */
export function squareSums(x: Matrix, meanAt: number): Float64Array {
  const kernels = vectorLoops(x);
  if (kernels) {
    return sumInChunks(x, 1, (vectors, offset, rows, first, to) =>
      kernels.squareSums(vectors, x.address + offset, rows, x.channels * BYTES, meanAt + first * BYTES, to),
    );
  }
  const xs = floatsAt(x.backend, x.address, x.rows * x.channels);
  const means = floatsAt(x.backend, meanAt, x.channels);
  const sums = new Float64Array(x.channels);
  for (let at = 0; at < xs.length;) {
    for (let c = 0; c < x.channels; c++) {
      const centred = (xs[at++] as number) - (means[c] as number);
      sums[c] = (sums[c] as number) + centred * centred;
    }
  }
  return sums;
}

/** Σ dy per channel, then Σ dy · (x − mean) per channel. */
function slopeSums(dy: Matrix, x: Matrix, meanAt: number): Float64Array {
  const { channels } = x;
  const kernels = vectorLoops(x);
  if (kernels) {
    return sumInChunks(x, 2, (vectors, offset, rows, first, to) =>
      kernels.slopeSums(
        vectors,
        dy.address + offset,
        x.address + offset,
        rows,
        channels * BYTES,
        meanAt + first * BYTES,
        to,
        to + channels * BYTES,
      ),
    );
  }
  const xs = floatsAt(x.backend, x.address, x.rows * channels);
  const dys = floatsAt(x.backend, dy.address, x.rows * channels);
  const means = floatsAt(x.backend, meanAt, channels);
  const sums = new Float64Array(2 * channels);
  for (let at = 0; at < xs.length;) {
    for (let c = 0; c < channels; c++, at++) {
      const slope = dys[at] as number;
      sums[c] = (sums[c] as number) + slope;
      sums[channels + c] =
        (sums[channels + c] as number) + slope * ((xs[at] as number) - (means[c] as number));
    }
  }
  return sums;
}

/** x `[…, channels]` → mean and variance `[channels]`; the variance of the centred values, so nothing cancels. */
export const channelMoments: KernelFunc = ({ inputs, backend: anyBackend }) => {
  const backend = anyBackend as WasmBackend;
  const info = inputs['x'] as TensorInfo;
  const channels = info.shape[info.shape.length - 1] ?? 0;
  const [mean, variance] = [output(backend, [channels]), output(backend, [channels])];
  const x = matrix(backend, info, channels);
  const sums = channelSums(x);
  floats(backend, mean).set(sums.map((sum) => sum / x.rows));
  const squares = squareSums(x, addressOf(backend, mean));
  floats(backend, variance).set(squares.map((sum) => sum / x.rows));
  return [mean, variance];
};

/** Formulas in batch-norm.ts. dy, x `[…, channels]` → dx, dγ, dβ. */
export const batchNormGrad: KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const tensors = inputs as Record<'dy' | 'x' | 'gamma' | 'mean' | 'variance', TensorInfo>;
  const { epsilon } = attrs as { epsilon: number };
  const channels = tensors.gamma.shape[0] ?? 0;
  const dx = output(backend, tensors.x.shape);
  const [dGamma, dBeta] = [output(backend, [channels]), output(backend, [channels])];
  const factorsAt = scratch(backend, 'batch-norm-factors', 3 * channels);
  const [dy, x] = [matrix(backend, tensors.dy, channels), matrix(backend, tensors.x, channels)];
  const sums = slopeSums(dy, x, addressOf(backend, tensors.mean));

  // dx = a · dy + b · x + c, with three numbers per channel
  const factors = floatsAt(backend, factorsAt, 3 * channels);
  const [dGammas, dBetas] = [floats(backend, dGamma), floats(backend, dBeta)];
  const gammas = floats(backend, tensors.gamma);
  const [means, variances] = [floats(backend, tensors.mean), floats(backend, tensors.variance)];
  for (let channel = 0; channel < channels; channel++) {
    const root = 1 / Math.sqrt((variances[channel] as number) + epsilon);
    const betaSum = sums[channel] as number;
    const gammaSum = (sums[channels + channel] as number) * root;
    const a = (gammas[channel] as number) * root;
    const b = (-a * root * gammaSum) / x.rows;
    dBetas[channel] = betaSum;
    dGammas[channel] = gammaSum;
    factors[channel] = a;
    factors[channels + channel] = b;
    factors[2 * channels + channel] = (-a * betaSum) / x.rows - b * (means[channel] as number);
  }
  combine(dy, x, addressOf(backend, dx), factorsAt);
  return [dx, dGamma, dBeta];
};

/** out = a · dy + b · x + c; a, b and c follow each other at `factorsAt`, one of each per channel. */
function combine(dy: Matrix, x: Matrix, out: number, factorsAt: number): void {
  const { backend, rows, channels } = x;
  const kernels = vectorLoops(x);
  if (kernels) {
    const step = channels * BYTES;
    for (let row = 0; row < rows; row += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows - row);
      for (const [first, vectors] of channelBlocks(channels)) {
        const offset = row * step + first * BYTES;
        const a = factorsAt + first * BYTES;
        const [slope, value, to] = [dy.address + offset, x.address + offset, out + offset];
        kernels.combine(vectors, slope, value, to, count, step, a, a + step, a + 2 * step);
      }
    }
    return;
  }
  const [dys, xs] = [
    floatsAt(backend, dy.address, rows * channels),
    floatsAt(backend, x.address, rows * channels),
  ];
  const [dxs, factors] = [
    floatsAt(backend, out, rows * channels),
    floatsAt(backend, factorsAt, 3 * channels),
  ];
  for (let at = 0; at < xs.length;) {
    for (let c = 0; c < channels; c++, at++) {
      const [a, b] = [factors[c] as number, factors[channels + c] as number];
      dxs[at] = a * (dys[at] as number) + b * (xs[at] as number) + (factors[2 * channels + c] as number);
    }
  }
}

/** Batch norm by given statistics per channel, out = a · x + c; other shapes go to the shipped kernel. */
export const fusedBatchNorm =
  (shipped: KernelFunc): KernelFunc =>
  (parameters) => {
    const backend = parameters.backend as WasmBackend;
    const tensors = parameters.inputs as Record<'x' | 'mean' | 'variance', TensorInfo> & {
      offset?: TensorInfo;
      scale?: TensorInfo;
    };
    const { varianceEpsilon } = parameters.attrs as { varianceEpsilon: number };
    const channels = tensors.x.shape[tensors.x.shape.length - 1] ?? 0;
    const kernels = channels % 4 === 0 ? simd(backend) : null;
    const perChannel = [tensors.mean, tensors.variance, tensors.offset, tensors.scale].every(
      (info) => !info || (info.shape.length === 1 && info.shape[0] === channels),
    );
    if (!kernels || !perChannel) return shipped(parameters);
    const out = output(backend, tensors.x.shape);
    const factorsAt = scratch(backend, 'batch-norm-factors', 3 * channels);
    const [means, variances] = [floats(backend, tensors.mean), floats(backend, tensors.variance)];
    const offsets = tensors.offset ? floats(backend, tensors.offset) : null;
    const scales = tensors.scale ? floats(backend, tensors.scale) : null;
    const factors = floatsAt(backend, factorsAt, 2 * channels);
    for (let channel = 0; channel < channels; channel++) {
      const a = (scales?.[channel] ?? 1) / Math.sqrt((variances[channel] as number) + varianceEpsilon);
      factors[channel] = a;
      factors[channels + channel] = (offsets?.[channel] ?? 0) - a * (means[channel] as number);
    }
    const { address, rows } = matrix(backend, tensors.x, channels);
    const [step, outAt] = [channels * BYTES, addressOf(backend, out)];
    for (let row = 0; row < rows; row += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows - row);
      for (const [first, vectors] of channelBlocks(channels)) {
        const [offset, a] = [row * step + first * BYTES, factorsAt + first * BYTES];
        kernels.affine(vectors, address + offset, outAt + offset, count, step, a, a + step);
      }
    }
    return out;
  };
