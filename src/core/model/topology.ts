// A model.json that came from outside, before any of it is built: building a network allocates what its topology asks
// for, so a few bytes could ask for all the memory there is. Pure.

import { AppError } from '../errors.ts';
import { modelText } from './model-text.ts';
import { graphFault } from './topology-graph.ts';

/** Most layers, and most units or filters of one: far above what anybody trains for heart sounds. */
const MAX_LAYERS = 2000;
const MAX_UNITS = 65_536;
/** Nesting of the JSON; a model within a model within a model stays below. */
const MAX_DEPTH = 64;

/** Bytes of one value of each kind that TF.js stores without quantizing. */
const DTYPE_BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1 };
const SIZES = ['units', 'filters', 'inputDim', 'outputDim', 'n'];

function invalid(reason: string): AppError {
  return new AppError('model-invalid', modelText.topology.invalid(reason));
}

/**
 * Checks what is announced: layers that are not too many or too large and can be put together, and weights that are
 * as long as weights.bin.
 * @throws AppError `model-invalid`
 */
export function assertTopology(modelJson: unknown, weightBytes: number): void {
  const { modelTopology, weightsManifest } = asRecord(modelJson);
  if (typeof modelTopology !== 'object' || modelTopology === null || !Array.isArray(weightsManifest))
    throw invalid(modelText.topology.why.noLayers);
  const counts = { layers: 0 };
  walk(modelTopology, 0, counts);
  const announced = (weightsManifest as unknown[])
    .flatMap((group) => asRecord(group)['weights'])
    .reduce<number>((sum, weight) => sum + bytesOf(weight), 0);
  if (announced !== weightBytes) throw invalid(modelText.topology.why.otherSize(announced, weightBytes));
}

function walk(value: unknown, depth: number, counts: { layers: number }): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw invalid(modelText.topology.why.tooDeep);
  const fields = Array.isArray(value) ? null : asTfjsReads(value);
  if (fields) checkFields(fields, counts);
  for (const inner of Object.values(fields ?? value)) walk(inner, depth + 1, counts);
}

function checkFields(fields: Record<string, unknown>, counts: { layers: number }): void {
  if ('className' in fields && ++counts.layers > MAX_LAYERS)
    throw invalid(modelText.topology.why.tooManyLayers);
  for (const key of SIZES) {
    const size = fields[key];
    if (typeof size === 'number' && !(size <= MAX_UNITS))
      throw invalid(modelText.topology.why.tooLarge(size, key));
  }
  const { className, config } = fields;
  const layers = asRecord(config)['layers'];
  if (!Array.isArray(layers) || className === 'Sequential') return;
  const fault = graphFault(layers.map(layerAsTfjsReads));
  if (fault !== null) throw invalid(fault);
}

function layerAsTfjsReads(layer: unknown): unknown {
  const fields = asTfjsReads(asRecord(layer));
  const config = asTfjsReads(asRecord(fields['config']));
  const inner = Array.isArray(config['layers']) ? config['layers'] : null;
  return { ...fields, config: { ...config, layers: inner && inner.slice(0, 1).map(layerAsTfjsReads) } };
}

/** The same fields by the names that TF.js makes of them; two that become one would hide one behind the other. */
function asTfjsReads(value: object): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [key, inner] of Object.entries(value)) {
    const name = key.length <= 1 ? key : key.replace(/_+(\w|$)/g, (_, next: string) => next.toUpperCase());
    if (fields.has(name)) throw invalid(modelText.topology.why.twice(name));
    fields.set(name, inner);
  }
  return Object.fromEntries(fields);
}

function bytesOf(weight: unknown): number {
  const { shape, dtype, quantization } = asRecord(weight);
  const bytes = typeof dtype === 'string' ? DTYPE_BYTES[dtype] : undefined;
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && Number(size) >= 0);
  if (bytes === undefined || !isShape || quantization !== undefined)
    throw invalid(modelText.topology.why.otherWeights);
  return (shape as number[]).reduce((product, size) => product * size, bytes);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
