// Two kernels of this program's own on the WASM backend, for statistics over time: mean and standard deviation
// (StatisticsPooling), and everything a window says about its bands (BandStatistics). The same as compositions of
// TF.js's operations are some 10 and 60 calls. Used by model/statistics.ts, which says what is computed.

import * as tf from '@tensorflow/tfjs-core';
import type { BandSettings, BandStatistic, PeriodicitySettings } from '../model/statistics.ts';
import type { SimdKernels } from './simd-kernels.ts';
import { BAND_SUMS, SOFTNESS } from './simd-statistics.ts';
import { channelSums, squareSums } from './wasm-batch-norm.ts';
import { addressOf, floatsAt, output, scratch, simd, type WasmBackend } from './wasm-heap.ts';

export const TIME_MOMENTS = 'HeartBeatTimeMoments';
export const BAND_STATISTICS = 'HeartBeatBandStatistics';

/** Energy added under an autocorrelation: silence has no period. */
export const ENERGY_FLOOR = 1e-3;

const BYTES = 4;
/** Bands in a vector. */
const LANES = 4;

/** Where a band's sums stand, from its first one. */
const SUM_PLACES = Object.fromEntries(BAND_SUMS.map((name, i) => [name, i * LANES])) as Record<
  (typeof BAND_SUMS)[number],
  number
>;

/** Whether the backend in use has these kernels. */
export function hasStatisticsKernels(): boolean {
  const registered = tf.getBackend() === 'wasm' && (tf.getKernel(TIME_MOMENTS, 'wasm') as unknown);
  return Boolean(registered) && simd(tf.backend() as WasmBackend) !== null;
}

/** x `[batch, frames, n]` → `[batch, 2n]`: means, then `sqrt(variance + epsilon)`. */
export const timeMoments: tf.KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const x = inputs['x'] as tf.TensorInfo;
  const { epsilon } = attrs as { epsilon: number };
  const [batch = 0, rows = 0, channels = 0] = x.shape;
  const out = output(backend, [batch, 2 * channels]);
  for (let image = 0; image < batch; image++) {
    const address = addressOf(backend, x) + image * rows * channels * BYTES;
    const outAt = addressOf(backend, out) + 2 * image * channels * BYTES;
    const matrix = { backend, address, rows, channels };
    const sums = channelSums(matrix);
    floatsAt(backend, outAt, channels).set(sums.map((sum) => sum / rows));
    const squares = squareSums(matrix, outAt);
    const sds = floatsAt(backend, outAt + channels * BYTES, channels);
    for (let channel = 0; channel < channels; channel++)
      sds[channel] = Math.sqrt((squares[channel] as number) / rows + epsilon);
  }
  return out;
};

/** One window `[frames, bands]` in the heap, and a row of its means. */
interface Window {
  backend: WasmBackend;
  address: number;
  meanAt: number;
  frames: number;
  bands: number;
}

/** x `[batch, frames, bands, …1]`, bands in fours → `[batch, n]`, as BandStatistics describes it. */
export const bandStatistics: tf.KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const x = inputs['x'] as tf.TensorInfo;
  const settings = attrs as unknown as BandSettings;
  const kernels = simd(backend);
  if (!kernels) throw new TypeError('this kernel is asked for only where there are vector loops');
  const [batch = 0, frames = 0, bands = 0] = x.shape;
  const width = bandStatisticsWidth(bands, settings);
  const out = output(backend, [batch, width]);
  const meanAt = scratch(backend, 'band-means', bands);
  const sumsAt = scratch(backend, 'band-sums', BAND_SUMS.length * bands);
  for (let image = 0; image < batch; image++) {
    const address = addressOf(backend, x) + image * frames * bands * BYTES;
    const window = { backend, address, meanAt, frames, bands };
    const outAt = addressOf(backend, out) + image * width * BYTES;
    describe(window, kernels, sumsAt, settings, floatsAt(backend, outAt, width));
  }
  return out;
};

/** Numbers that a window is described by. */
export function bandStatisticsWidth(bands: number, { statistics, periodicity }: BandSettings): number {
  const { groups, firstLag, lastLag } = periodicity;
  const sizes = statistics.map((name) =>
    name === 'periodicity' ? groups * (lastLag - firstLag + 1) : bands,
  );
  return sizes.reduce((a, b) => a + b, 0);
}

function describe(
  window: Window,
  kernels: SimdKernels,
  sumsAt: number,
  { statistics, periodicity, epsilon }: BandSettings,
  out: Float32Array,
): void {
  const { backend, address, meanAt, frames, bands } = window;
  const means = floatsAt(backend, meanAt, bands);
  const totals = channelSums({ backend, address, rows: frames, channels: bands });
  for (let band = 0; band < bands; band++) means[band] = (totals[band] as number) / frames;
  const sizeOfSums = BAND_SUMS.length * LANES;
  for (let band = 0; band < bands; band += LANES) {
    const [offset, to] = [band * BYTES, sumsAt + (band / LANES) * sizeOfSums * BYTES];
    kernels.bandSums(address + offset, meanAt + offset, frames, bands * BYTES, to);
  }
  const sums = floatsAt(backend, sumsAt, BAND_SUMS.length * bands);
  let at = 0;
  for (const statistic of statistics) {
    if (statistic === 'periodicity') {
      at += autocorrelation(window, means, periodicity, out.subarray(at));
      continue;
    }
    for (let band = 0; band < bands; band++) {
      const first = Math.floor(band / LANES) * sizeOfSums + (band % LANES);
      out[at++] =
        statistic === 'mean' ? (means[band] as number) : ofBand(statistic, sums, first, frames, epsilon);
    }
  }
}

/** Formulas in model/statistics.ts. @param first place of the band's first sum; the next is a vector further */
function ofBand(
  statistic: Exclude<BandStatistic, 'mean' | 'periodicity'>,
  sums: Float32Array,
  first: number,
  frames: number,
  epsilon: number,
): number {
  const mean = (sum: (typeof BAND_SUMS)[number]): number =>
    (sums[first + SUM_PLACES[sum]] as number) / frames;
  switch (statistic) {
    case 'sd':
      return Math.sqrt(mean('squares') + epsilon);
    case 'mean-absolute-difference':
      return (mean('differences') * frames) / (frames - 1);
    case 'skewness': {
      const skewness = mean('cubes') / (mean('squares') + epsilon) ** 1.5;
      return skewness / Math.sqrt(1 + Math.abs(skewness));
    }
    case 'soft-maximum':
      return Math.log(mean('highs')) / SOFTNESS;
    case 'soft-minimum':
      return -Math.log(mean('lows')) / SOFTNESS;
  }
}

/** Envelope by envelope: how alike it is to itself some steps later. @returns how many numbers were written */
function autocorrelation(
  window: Window,
  means: Float32Array,
  { groups, framesPerStep, firstLag, lastLag }: PeriodicitySettings,
  out: Float32Array,
): number {
  const steps = Math.floor(window.frames / framesPerStep);
  const nLags = lastLag - firstLag + 1;
  const envelope = new Float64Array(steps);
  for (let group = 0; group < groups; group++) {
    writeEnvelope(window, means, { group, groups, framesPerStep }, envelope);
    const energy = envelope.reduce((sum, value) => sum + value * value, 0) / steps + ENERGY_FLOOR;
    for (let lag = firstLag; lag <= lastLag; lag++) {
      let sum = 0;
      for (let step = lag; step < steps; step++)
        sum += (envelope[step] as number) * (envelope[step - lag] as number);
      out[group * nLags + lag - firstLag] = sum / (steps - lag) / energy;
    }
  }
  return groups * nLags;
}

/** Means over a group of bands and the frames of a step, less the group's mean. */
function writeEnvelope(
  { backend, address, frames, bands }: Window,
  means: Float32Array,
  { group, groups, framesPerStep }: { group: number; groups: number; framesPerStep: number },
  envelope: Float64Array,
): void {
  const xs = floatsAt(backend, address, frames * bands);
  const perGroup = bands / groups;
  const first = group * perGroup;
  let mean = 0;
  for (let band = first; band < first + perGroup; band++) mean += (means[band] as number) / perGroup;
  for (let step = 0; step < envelope.length; step++) {
    let sum = 0;
    for (let frame = step * framesPerStep; frame < (step + 1) * framesPerStep; frame++) {
      const row = frame * bands + first;
      for (let at = row; at < row + perGroup; at++) sum += xs[at] as number;
    }
    envelope[step] = sum / (framesPerStep * perGroup) - mean;
  }
}
