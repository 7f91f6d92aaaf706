// A model.json that came from outside, before any of it is built: building a network allocates what its topology asks
// for, so a few bytes could ask for all the memory there is. Pure.

import { AppError } from '../errors.ts';
import { modelText } from './model-text.ts';

const { why } = modelText.topology;

/** Most layers, and most units or filters of one: far above what anybody trains for heart sounds. */
const MAX_LAYERS = 2000;
const MAX_UNITS = 65_536;
/** Nesting of the JSON; a model within a model within a model stays below. */
const MAX_DEPTH = 64;

/** Bytes of one value of each kind that TF.js stores without quantizing. */
const DTYPE_BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1 };
const SIZES = ['units', 'filters', 'input_dim', 'output_dim', 'n'];

function invalid(reason: string): AppError {
  return new AppError('model-invalid', modelText.topology.invalid(reason));
}

/**
 * Checks what is announced: layers that are not too many or too large, and weights that are as long as weights.bin.
 * @throws AppError `model-invalid`
 */
export function assertTopology(modelJson: unknown, weightBytes: number): void {
  const { modelTopology, weightsManifest } = asRecord(modelJson);
  if (typeof modelTopology !== 'object' || modelTopology === null || !Array.isArray(weightsManifest))
    throw invalid(why.noLayers);
  const counts = { layers: 0 };
  walk(modelTopology, 0, counts);
  const announced = (weightsManifest as unknown[])
    .flatMap((group) => asRecord(group)['weights'])
    .reduce<number>((sum, weight) => sum + bytesOf(weight), 0);
  if (announced !== weightBytes) throw invalid(why.otherSize(announced, weightBytes));
}

function walk(value: unknown, depth: number, counts: { layers: number }): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw invalid(why.tooDeep);
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'class_name' && ++counts.layers > MAX_LAYERS) throw invalid(why.tooManyLayers);
    if (SIZES.includes(key) && typeof inner === 'number' && !(inner <= MAX_UNITS))
      throw invalid(why.tooLarge(inner, key));
    walk(inner, depth + 1, counts);
  }
}

function bytesOf(weight: unknown): number {
  const { shape, dtype, quantization } = asRecord(weight);
  const bytes = typeof dtype === 'string' ? DTYPE_BYTES[dtype] : undefined;
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && Number(size) >= 0);
  if (bytes === undefined || !isShape || quantization !== undefined) throw invalid(why.otherWeights);
  return (shape as number[]).reduce((product, size) => product * size, bytes);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
