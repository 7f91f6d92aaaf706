// The layers of this program's networks as ONNX operations. Feature maps are channels first, as ONNX wants them,
// from the first convolution to the statistics; the input itself stays as the network takes it.
// Imports the graph writer and the settings of the program's own layers.

import { AppError } from '../errors.ts';
import { DEFAULT_EPSILON, DEFAULT_PERIODICITY, type BandStatistic } from '../model/statistics.ts';
import { interopText } from './interop-text.ts';
import type { OnnxGraph, TensorName } from './onnx-graph.ts';
import { bandStatistics, statisticsPooling } from './onnx-statistics.ts';

/** The settings of a layer in `model.json` that are read here. */
export interface LayerConfig {
  batch_input_shape?: (number | null)[];
  pool_size?: number[];
  strides?: number[];
  dilation_rate?: number[];
  padding?: string;
  data_format?: string | null;
  activation?: string;
  axis?: number | number[];
  epsilon?: number;
  max_value?: number | null;
  negative_slope?: number | null;
  threshold?: number | null;
  statistics?: BandStatistic[];
  periodicity?: { groups: number; frames_per_step: number; first_lag: number; last_lag: number };
}

export interface Weight {
  values: Float32Array;
  shape: readonly number[];
}

/** What a layer has made of the network's input. */
export interface Value {
  name: TensorName;
  /** As TF.js has it, without the batch; null where nothing asks for it. */
  shape: readonly number[] | null;
  /** The tensor in the graph is `[batch, channels, height, width]`. */
  channelsFirst: boolean;
}

/** A layer, and what it is translated with. */
export interface Layer {
  graph: OnnxGraph;
  className: string;
  name: string;
  config: LayerConfig;
  inputs: readonly Value[];
  weights: ReadonlyMap<string, Weight>;
}

/** Of a batch norm in Keras and TF.js. */
const KERAS_EPSILON = 1e-3;

const ACTIVATIONS: Record<string, string> = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh' };

const TRANSLATIONS: Record<string, (layer: Layer, input: Value) => Value> = {
  Conv2D: convolution,
  MaxPooling2D: maxPooling,
  BatchNormalization: batchNorm,
  ReLU: relu,
  Activation: activated,
  Dropout: (_, input) => input,
  SeededDropout: (_, input) => input,
  Dense: dense,
  Concatenate: concatenate,
  StatisticsPooling: pooledStatistics,
  BandStatistics: ownStatistics,
};

/** @throws AppError `model-invalid` for a layer, or a setting of one, that is not translated */
export function translateLayer(layer: Layer): Value {
  if (layer.className === 'InputLayer') return networkInput(layer);
  const translate = TRANSLATIONS[layer.className];
  const [input] = layer.inputs;
  if (!translate || !input) throw untranslatable(interopText.what.otherKind(layer.className));
  return translate(layer, input);
}

export function untranslatable(what: string): AppError {
  return new AppError('model-invalid', interopText.untranslatable(what));
}

function unusual({ name }: Layer, setting: string): AppError {
  return untranslatable(interopText.what.unusual(name, setting));
}

function networkInput(layer: Layer): Value {
  const shape = (layer.config.batch_input_shape ?? []).slice(1);
  if (shape.length === 0 || shape.includes(null)) throw unusual(layer, interopText.settings.shape);
  const fixed = shape as number[];
  return { name: layer.graph.input(layer.name, fixed), shape: fixed, channelsFirst: false };
}

function weightOf({ name, weights }: Layer, part: string): Weight {
  const weight = weights.get(`${name}/${part}`);
  if (!weight) throw untranslatable(interopText.what.noWeights(`${name}/${part}`));
  return weight;
}

function channelsFirst({ graph }: Layer, input: Value): TensorName {
  return input.channelsFirst
    ? input.name
    : graph.operation('Transpose', [input.name], { perm: [0, 3, 1, 2] });
}

/** Strides and padding of convolution and pooling; runtimes do not pad dilated convolutions by themselves. */
function steps(layer: Layer): { strides: number[]; auto_pad: string } {
  const { config } = layer;
  if ((config.data_format ?? 'channels_last') !== 'channels_last')
    throw unusual(layer, interopText.settings.channelOrder);
  if (config.dilation_rate?.some((rate) => rate !== 1)) throw unusual(layer, interopText.settings.dilation);
  return { strides: config.strides ?? [1, 1], auto_pad: config.padding === 'same' ? 'SAME_UPPER' : 'VALID' };
}

function convolution(layer: Layer, input: Value): Value {
  const { graph, config, name, weights } = layer;
  const { values, shape } = weightOf(layer, 'kernel');
  const [height = 1, width = 1, inChannels = 1, filters = 1] = shape;
  const perFilter = height * width * inChannels;
  const kernel = values.map((_, i) => {
    const [filter, channel] = [Math.floor(i / perFilter), Math.floor((i % perFilter) / (height * width))];
    const place = i % (height * width);
    return values[(place * inChannels + channel) * filters + filter] ?? NaN;
  });
  const operands = [
    channelsFirst(layer, input),
    graph.floats(kernel, [filters, inChannels, height, width]),
    ...(weights.has(`${name}/bias`) ? [graph.floats(weightOf(layer, 'bias').values, [filters])] : []),
  ];
  const attributes = {
    ...steps(layer),
    dilations: config.dilation_rate ?? [1, 1],
    kernel_shape: [height, width],
  };
  const map = { name: graph.operation('Conv', operands, attributes), shape: null, channelsFirst: true };
  return activated(layer, map);
}

function maxPooling(layer: Layer, input: Value): Value {
  const size = layer.config.pool_size ?? [2, 2];
  const attributes = { ...steps(layer), kernel_shape: size };
  const pooled = layer.graph.operation('MaxPool', [channelsFirst(layer, input)], attributes);
  return { name: pooled, shape: null, channelsFirst: true };
}

function batchNorm(layer: Layer, input: Value): Value {
  const { graph, config, name, weights } = layer;
  if (input.shape && input.shape.length > 1) throw unusual(layer, interopText.settings.place);
  const { values: mean } = weightOf(layer, 'moving_mean');
  const given = (part: string, otherwise: number): Float32Array =>
    weights.has(`${name}/${part}`) ? weightOf(layer, part).values : mean.map(() => otherwise);
  const parameters = [given('gamma', 1), given('beta', 0), mean, weightOf(layer, 'moving_variance').values];
  const operands = [input.name, ...parameters.map((values) => graph.floats(values, [values.length]))];
  const epsilon = { float: config.epsilon ?? KERAS_EPSILON };
  return { ...input, name: graph.operation('BatchNormalization', operands, { epsilon }) };
}

function relu(layer: Layer, input: Value): Value {
  const { max_value: limit, negative_slope: slope, threshold } = layer.config;
  if (typeof limit === 'number' || slope || threshold) throw unusual(layer, interopText.settings.limit);
  return { ...input, name: layer.graph.operation('Relu', [input.name]) };
}

/** What a layer's own activation, or one that is a layer, makes of a value. */
function activated(layer: Layer, input: Value): Value {
  const activation = layer.config.activation ?? 'linear';
  if (activation === 'linear') return input;
  const type = ACTIVATIONS[activation];
  if (!type) throw unusual(layer, interopText.settings.activation);
  return { ...input, name: layer.graph.operation(type, [input.name]) };
}

function dense(layer: Layer, input: Value): Value {
  const { graph, name, weights } = layer;
  if (input.channelsFirst || (input.shape && input.shape.length > 1))
    throw unusual(layer, interopText.settings.input);
  const { values, shape } = weightOf(layer, 'kernel');
  const product = graph.operation('MatMul', [input.name, graph.floats(values, shape)]);
  const bias = weights.has(`${name}/bias`) ? weightOf(layer, 'bias') : null;
  const sum = bias ? graph.operation('Add', [product, graph.floats(bias.values, bias.shape)]) : product;
  return activated(layer, { name: sum, shape: shape.slice(1), channelsFirst: false });
}

function concatenate(layer: Layer): Value {
  const { graph, inputs, config } = layer;
  if (inputs.some((input) => input.channelsFirst) || ![-1, 1].includes(Number(config.axis ?? -1)))
    throw unusual(layer, interopText.settings.axis);
  const names = inputs.map(({ name }) => name);
  return { name: graph.operation('Concat', names, { axis: 1 }), shape: null, channelsFirst: false };
}

function pooledStatistics(layer: Layer, input: Value): Value {
  const { epsilon = DEFAULT_EPSILON } = layer.config;
  const pooled = statisticsPooling(layer.graph, channelsFirst(layer, input), epsilon);
  return { name: pooled, shape: null, channelsFirst: false };
}

function ownStatistics(layer: Layer, input: Value): Value {
  const { statistics = [], periodicity: given, epsilon = DEFAULT_EPSILON } = layer.config;
  const [frames, bands, channels] = input.shape ?? [];
  if (!frames || !bands || channels !== 1) throw unusual(layer, interopText.settings.input);
  const periodicity = given
    ? {
        groups: given.groups,
        framesPerStep: given.frames_per_step,
        firstLag: given.first_lag,
        lastLag: given.last_lag,
      }
    : DEFAULT_PERIODICITY;
  const described = bandStatistics(layer.graph, input.name, [frames, bands], {
    statistics,
    periodicity,
    epsilon,
  });
  return { name: described, shape: null, channelsFirst: false };
}
