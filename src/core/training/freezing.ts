// Which layers a way of training moves. What stands still keeps its weights, batch-norm statistics included,
// to the last bit (core/tensor/training-layers.ts).

import type * as tfl from '@tensorflow/tfjs-layers';
import { flatLayers } from '../tensor/training-layers.ts';
import type { TrainingWay } from './types.ts';

/** TF.js's classes of convolutions. */
const CONVOLUTION = /^(Separable|Depthwise)?Conv[123]D$/;

/**
 * Sets every layer's `trainable` for a way. Fine-tuning leaves all batch norms as they are: the few recordings at
 * hand say little about the statistics of all, and what the model knew rests on these.
 * `last-blocks` freezes whatever the last convolution builds on; a network without one is trained whole.
 */
export function freezeFor(network: tfl.LayersModel, way: TrainingWay): void {
  unfreeze(network);
  if (way === 'scratch') return;
  for (const layer of flatLayers(network))
    if (layer.getClassName() === 'BatchNormalization') layer.trainable = false;
  if (way !== 'last-blocks') return;
  const last = network.layers.filter((layer) => CONVOLUTION.test(layer.getClassName())).at(-1);
  if (!last) return;
  for (const layer of layersBelow(last))
    for (const part of flatLayers({ layers: [layer] })) part.trainable = false;
}

/** Also before a model is saved: flags would travel with it and hinder whoever trains it next. */
export function unfreeze(network: tfl.LayersModel): void {
  for (const layer of flatLayers(network)) layer.trainable = true;
}

/** All that a layer builds on. */
export function layersBelow(layer: tfl.layers.Layer): Set<tfl.layers.Layer> {
  const found = new Set<tfl.layers.Layer>();
  const visit = (one: tfl.layers.Layer): void => {
    for (const before of one.inboundNodes.flatMap((node) => node.inboundLayers)) {
      if (found.has(before)) continue;
      found.add(before);
      visit(before);
    }
  };
  visit(layer);
  return found;
}
