// The statistics layers of model/statistics.ts as ONNX operations, one by one as the layers compute them.
// Imports the graph and those layers' settings.

import { groupShares, type BandSettings, type PeriodicitySettings } from '../model/statistics.ts';
import { CLIP, SOFTNESS } from '../tensor/simd-statistics.ts';
import { ENERGY_FLOOR } from '../tensor/wasm-statistics.ts';
import type { OnnxGraph, TensorName } from './onnx-graph.ts';

/** `end` of a slice that goes on to the last place: int64 as far as float64 is exact. */
const TO_THE_END = Number.MAX_SAFE_INTEGER;

/** Means and standard deviations over time. @param x `[batch, channels, frames, regions]`, channels first */
export function statisticsPooling(graph: OnnxGraph, x: TensorName, epsilon: number): TensorName {
  const [mean, , sd] = moments(graph, x, 2, epsilon);
  const both = graph.operation('Concat', [mean, sd], { axis: 2 });
  const channelsLast = graph.operation('Transpose', [both], { perm: [0, 2, 3, 1] });
  return graph.operation('Reshape', [channelsLast, graph.integers(0, -1)]);
}

/** Long-term statistics of the bands. @param x `[batch, frames, bands, 1]` with the lengths given */
export function bandStatistics(
  graph: OnnxGraph,
  x: TensorName,
  [frames, bands]: readonly [number, number],
  settings: BandSettings,
): TensorName {
  const rows = graph.operation('Reshape', [x, graph.integers(0, frames, bands)]);
  const [mean, centred, sd] = moments(graph, rows, 1, settings.epsilon);
  const softness = graph.floats([SOFTNESS]);
  let powers: TensorName | null = null;
  const softPowers = (): TensorName => (powers ??= exponentials(graph, centred));
  const softMean = (values: TensorName): TensorName =>
    graph.operation('Log', [meanOver(graph, values, 1, false)]);
  const parts = settings.statistics.map((statistic): TensorName => {
    switch (statistic) {
      case 'mean':
        return graph.operation('Squeeze', [mean, graph.integers(1)]);
      case 'sd':
        return graph.operation('Squeeze', [sd, graph.integers(1)]);
      case 'mean-absolute-difference':
        return meanAbsoluteDifference(graph, centred);
      case 'skewness':
        return compressedSkewness(graph, graph.operation('Div', [centred, sd]));
      case 'soft-maximum':
        return graph.operation('Div', [softMean(softPowers()), softness]);
      case 'soft-minimum':
        return graph.operation('Div', [
          softMean(graph.operation('Reciprocal', [softPowers()])),
          graph.operation('Neg', [softness]),
        ]);
      case 'periodicity':
        return periodicity(graph, centred, [frames, bands], settings.periodicity);
    }
  });
  return graph.operation('Concat', parts, { axis: 1 });
}

/** Mean, centred values and standard deviation along one axis, which is kept. */
function moments(
  graph: OnnxGraph,
  x: TensorName,
  axis: number,
  epsilon: number,
): [mean: TensorName, centred: TensorName, sd: TensorName] {
  const mean = meanOver(graph, x, axis, true);
  const centred = graph.operation('Sub', [x, mean]);
  const variance = meanOver(graph, graph.operation('Mul', [centred, centred]), axis, true);
  return [
    mean,
    centred,
    graph.operation('Sqrt', [graph.operation('Add', [variance, graph.floats([epsilon])])]),
  ];
}

function meanOver(graph: OnnxGraph, x: TensorName, axis: number, keep: boolean): TensorName {
  return graph.operation('ReduceMean', [x], { axes: [axis], keepdims: keep ? 1 : 0 });
}

function slice(graph: OnnxGraph, x: TensorName, axis: number, from: number, to: number): TensorName {
  return graph.operation('Slice', [x, graph.integers(from), graph.integers(to), graph.integers(axis)]);
}

function exponentials(graph: OnnxGraph, centred: TensorName): TensorName {
  const clipped = graph.operation('Clip', [centred, graph.floats([-CLIP]), graph.floats([CLIP])]);
  return graph.operation('Exp', [graph.operation('Mul', [clipped, graph.floats([SOFTNESS])])]);
}

function meanAbsoluteDifference(graph: OnnxGraph, rows: TensorName): TensorName {
  const [later, earlier] = [slice(graph, rows, 1, 1, TO_THE_END), slice(graph, rows, 1, 0, -1)];
  return meanOver(graph, graph.operation('Abs', [graph.operation('Sub', [later, earlier])]), 1, false);
}

function compressedSkewness(graph: OnnxGraph, standardized: TensorName): TensorName {
  const squares = graph.operation('Mul', [standardized, standardized]);
  const skewness = meanOver(graph, graph.operation('Mul', [squares, standardized]), 1, false);
  const bound = graph.operation('Add', [graph.operation('Abs', [skewness]), graph.floats([1])]);
  return graph.operation('Div', [skewness, graph.operation('Sqrt', [bound])]);
}

/** Autocorrelation of the envelopes of groups of bands; model/statistics.ts says how all lags come at once. */
function periodicity(
  graph: OnnxGraph,
  centred: TensorName,
  [frames, bands]: readonly [number, number],
  settings: PeriodicitySettings,
): TensorName {
  const { groups, framesPerStep, firstLag, lastLag } = settings;
  const steps = Math.floor(frames / framesPerStep);
  const width = steps + lastLag;
  const nLags = lastLag - firstLag + 1;
  const reshape = (x: TensorName, ...shape: number[]): TensorName =>
    graph.operation('Reshape', [x, graph.integers(...shape)]);
  const whole = reshape(slice(graph, centred, 1, 0, steps * framesPerStep), -1, framesPerStep * bands);
  const shares = graph.floats(groupShares(bands, settings), [framesPerStep * bands, groups]);
  const averaged = graph.operation('MatMul', [whole, shares]);
  const perGroup = graph.operation('Transpose', [reshape(averaged, -1, steps, groups)], { perm: [0, 2, 1] });
  const rows = reshape(perGroup, -1, steps);
  const padded = graph.operation('Pad', [rows, graph.integers(0, 0, 0, lastLag)]);
  const tiled = graph.operation('Tile', [padded, graph.integers(1, lastLag + 1)]);
  const shifted = reshape(slice(graph, tiled, 1, 0, (lastLag + 1) * (width - 1)), -1, lastLag + 1, width - 1);
  const once = reshape(slice(graph, padded, 1, 0, width - 1), -1, width - 1, 1);
  const sums = reshape(graph.operation('MatMul', [shifted, once]), -1, lastLag + 1);
  const counts = graph.floats(
    Array.from({ length: nLags }, (_, k) => steps - firstLag - k),
    [nLags],
  );
  const products = graph.operation('Div', [slice(graph, sums, 1, firstLag, lastLag + 1), counts]);
  const meanSquare = meanOver(graph, graph.operation('Mul', [rows, rows]), 1, true);
  const energy = graph.operation('Add', [meanSquare, graph.floats([ENERGY_FLOOR])]);
  return reshape(graph.operation('Div', [products, energy]), -1, groups * nLags);
}
