// What a network may take of the memory. A topology of a few bytes can ask for any number of weights, and a layer
// without a single weight for an output of any size: the first is counted while TF.js builds the layers, before it
// makes room for them, the second before anything is computed. May import: TF.js, core/errors.

import * as tfl from '@tensorflow/tfjs-layers';
import { AppError } from '../errors.ts';
import { modelText } from './model-text.ts';

const { topology } = modelText;

/** Values of one layer's output for one window, and of all layers together: 64 MB a window, 0.5 GB in a batch of 16. */
const MAX_OUTPUT_VALUES = 2 ** 23;
const MAX_OUTPUT_VALUES_IN_ALL = 2 ** 25;

interface BuiltLayer {
  inboundNodes: { outputShapes: tfl.Shape[] }[];
  layers?: BuiltLayer[];
}

interface Weight {
  dispose(): void;
}

type AddWeight = (
  name: string,
  shape: tfl.Shape,
  dtype: unknown,
  initializer: unknown,
  ...others: unknown[]
) => Weight;

const layerPrototype = tfl.layers.Layer.prototype as unknown as { addWeight: AddWeight };
const addWeight = layerPrototype.addWeight;

/** Values that the layers under construction may still ask for. */
let left = Infinity;
/** What was made for it: a network that comes to nothing has no owner who would give it back. */
let made: Weight[] = [];
/** One network at a time: the count is of the one that is being built. */
let building: Promise<unknown> = Promise.resolve();

layerPrototype.addWeight = function (this: tfl.layers.Layer, name, shape, dtype, initializer, ...others) {
  if (left === Infinity) return addWeight.call(this, name, shape, dtype, initializer, ...others);
  left -= sizeOf(shape);
  if (!(left >= 0)) throw new Error(modelText.moreWeights);
  // They are read from weights.bin next: nothing is drawn for them.
  const weight = addWeight.call(this, name, shape, dtype, tfl.initializers.zeros(), ...others);
  made.push(weight);
  return weight;
};

/** @param nValues what `build` may ask for in weights; beyond that it fails with an Error */
export function withinWeights<T>(nValues: number, build: () => Promise<T>): Promise<T> {
  const mine = building.then(async () => {
    left = nValues;
    try {
      return await build();
    } catch (error) {
      for (const weight of made) weight.dispose();
      throw error;
    } finally {
      left = Infinity;
      made = [];
    }
  });
  building = mine.catch(() => undefined);
  return mine;
}

/**
 * @param input shape of one window, for sizes that the topology leaves open
 * @throws AppError `model-invalid`
 */
export function assertOutputsFit(network: tfl.LayersModel, input: readonly number[]): void {
  let sum = 0;
  const visit = (layer: BuiltLayer): void => {
    for (const { outputShapes } of layer.inboundNodes)
      for (const shape of outputShapes) {
        const size = sizeOf(shape.slice(1).map((length, i) => length ?? input[i] ?? 1));
        sum += size;
        if (!(size <= MAX_OUTPUT_VALUES && sum <= MAX_OUTPUT_VALUES_IN_ALL))
          throw new AppError('model-invalid', topology.invalid(topology.why.outputs));
      }
    for (const inner of layer.layers ?? []) visit(inner);
  };
  for (const layer of network.layers) visit(layer as unknown as BuiltLayer);
}

/** NaN where it is no size. */
function sizeOf(shape: tfl.Shape): number {
  const isShape = shape.every((length) => Number.isInteger(length) && (length ?? -1) >= 0);
  return isShape ? shape.reduce<number>((product, length) => product * (length ?? 0), 1) : NaN;
}
