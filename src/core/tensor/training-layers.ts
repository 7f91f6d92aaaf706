// Makes a model of stock TF.js layers train faster without changing what it is: the same layers, weights
// and model.json, but while training
// - batch norm runs as one operation (batch-norm.ts) instead of a chain of some 25, and
// - convolutions without bias skip the fused operation, which computes the gradient by its input even for
//   the first layer, whose input nobody learns,
// and a frozen batch norm stands still: it uses its moving statistics and does not move them.
//
//   speedUpTraining(model);   // once, after building or loading, before the first training step

import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { trainingBatchNorm } from './batch-norm.ts';

type Inputs = tf.Tensor | tf.Tensor[];
type Call = (inputs: Inputs, kwargs: { training?: boolean }) => Inputs;

interface Variable {
  read(): tf.Tensor;
  write(value: tf.Tensor): unknown;
}

/** What TF.js's BatchNormalization holds. */
interface BatchNormLayer {
  call: Call;
  trainable: boolean;
  axis: number;
  epsilon: number;
  momentum: number;
  gamma?: Variable | null;
  beta?: Variable | null;
  movingMean: Variable;
  movingVariance: Variable;
}

/** What TF.js's Conv2D holds. */
interface ConvolutionLayer {
  call: Call;
  kernel: Variable;
  strides: [number, number];
  padding: 'same' | 'valid';
  dataFormat: 'channelsFirst' | 'channelsLast';
  dilationRate: number | [number, number];
  useBias: boolean;
  activation: { getClassName?: () => string } | null;
}

/** Changes how the layers of `model` compute while training; idempotent. Inference stays as it was. */
export function speedUpTraining(model: tfl.LayersModel): void {
  for (const layer of flatLayers(model)) {
    if (spedUp.has(layer)) continue;
    spedUp.add(layer);
    if (layer.getClassName() === 'BatchNormalization') speedUpBatchNorm(layer as unknown as BatchNormLayer);
    if (layer.getClassName() === 'Conv2D') speedUpConvolution(layer as unknown as ConvolutionLayer);
  }
}

/** The layers of a model, those of models inside it among them. */
export function flatLayers(model: Pick<tfl.LayersModel, 'layers'>): tfl.layers.Layer[] {
  return model.layers.flatMap((layer) => {
    const { layers } = layer as Partial<Pick<tfl.LayersModel, 'layers'>>;
    return layers ? flatLayers({ layers }) : [layer];
  });
}

const spedUp = new WeakSet<tfl.layers.Layer>();

function single(inputs: Inputs): tf.Tensor {
  const first = Array.isArray(inputs) ? inputs[0] : inputs;
  if (!first) throw new TypeError('a layer was called without an input');
  return first;
}

function speedUpBatchNorm(layer: BatchNormLayer): void {
  const shipped = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    const x = single(inputs);
    const { gamma, beta } = layer;
    const overLastAxis = layer.axis === -1 || layer.axis === x.rank - 1;
    // TF.js would normalise by the batch and move the averages of a frozen layer too.
    if (kwargs.training === true && !layer.trainable)
      return overLastAxis ? frozenBatchNorm(layer, x) : shipped(inputs, { ...kwargs, training: false });
    if (kwargs.training !== true || !gamma || !overLastAxis) return shipped(inputs, kwargs);
    return tf.tidy(() => {
      const { value, mean, variance } = trainingBatchNorm(
        x,
        gamma.read() as tf.Tensor1D,
        // TF.js itself cannot train a batch norm without beta (it reads one all the same).
        (beta?.read() ?? tf.zerosLike(gamma.read())) as tf.Tensor1D,
        layer.epsilon,
      );
      moveTowards(layer.movingMean, mean, layer.momentum);
      moveTowards(layer.movingVariance, variance, layer.momentum);
      return value;
    });
  };
}

/** By the moving statistics, as one factor and one offset a channel: its gradient is a product. */
function frozenBatchNorm(layer: BatchNormLayer, x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const { gamma, beta, movingMean, movingVariance, epsilon } = layer;
    const root = tf.rsqrt(tf.add(movingVariance.read(), epsilon));
    const factor = gamma ? tf.mul(root, gamma.read()) : root;
    const centred = tf.mul(movingMean.read(), factor);
    const offset = beta ? tf.sub(beta.read(), centred) : tf.neg(centred);
    return tf.add(tf.mul(x, factor), offset);
  });
}

function moveTowards(average: Variable, value: tf.Tensor, momentum: number): void {
  tf.tidy(() => {
    const old = average.read();
    average.write(tf.sub(old, tf.mul(tf.sub(old, value), 1 - momentum)));
  });
}

function speedUpConvolution(layer: ConvolutionLayer): void {
  const activation = layer.activation?.getClassName?.() ?? 'linear';
  const dilations = [layer.dilationRate].flat();
  const plain = !layer.useBias && activation === 'linear' && dilations.every((rate) => rate === 1);
  if (!plain || layer.dataFormat !== 'channelsLast') return;
  const shipped = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    if (kwargs.training !== true) return shipped(inputs, kwargs);
    const kernel = layer.kernel.read() as tf.Tensor4D;
    return tf.conv2d(single(inputs) as tf.Tensor4D, kernel, layer.strides, layer.padding);
  };
}
