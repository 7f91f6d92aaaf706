// A new head: the last layer of a network, put on the layer that the manifest calls its embedding. What the old
// head knew of labels that stay goes into it as a start.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { AppError } from '../errors.ts';
import { SeededDropout } from '../model/layers.ts';
import { outputUnits, type ModelManifest } from '../model/manifest.ts';
import type { Random } from '../random.ts';
import { RECIPE } from './recipe.ts';
import { trainingText } from './training-text.ts';

const DROPOUT = 'embedding-dropout';
const LOGITS = 'logits';
/** SD of a start from nothing, times the root of the embedding's width: logits near even odds. */
const FRESH_SCALE = 0.1;

/** Kernel `[width, units]` row by row, and bias `[units]`. */
export interface HeadWeights {
  kernel: Float32Array;
  bias: Float32Array;
}

/** Where a head can be put on a network. */
export interface HeadSite {
  embedding: tfl.SymbolicTensor;
  /** Numbers in an embedding. */
  width: number;
  /** The old head where it is one dense layer; null: something else. */
  old: HeadWeights | null;
}

type Labelled = Pick<ModelManifest, 'labels' | 'output'>;

/** Whether the manifest names a layer that gives one row of numbers a window. */
export function isEmbeddingKnown(
  network: tfl.LayersModel,
  manifest: Pick<ModelManifest, 'embeddingLayer'>,
): boolean {
  return findEmbedding(network, manifest) !== null;
}

function findEmbedding(
  network: tfl.LayersModel,
  { embeddingLayer }: Pick<ModelManifest, 'embeddingLayer'>,
): { layer: tfl.layers.Layer; width: number } | null {
  const layer = network.layers.find(({ name }) => name === embeddingLayer);
  if (!layer || layer.inboundNodes.length !== 1) return null;
  const [, width, ...more] = layer.outputShape as (number | null)[];
  return typeof width === 'number' && more.length === 0 ? { layer, width } : null;
}

/** @throws AppError `model-invalid` where the manifest names no layer that gives one row of numbers a window */
export async function findHeadSite(
  network: tfl.LayersModel,
  manifest: Pick<ModelManifest, 'embeddingLayer'>,
): Promise<HeadSite> {
  const found = findEmbedding(network, manifest);
  if (!found) throw new AppError('model-invalid', trainingText.noEmbedding);
  const { layer, width } = found;
  const dense = plainHead(layer);
  const [kernel, bias] = dense?.getWeights() ?? [];
  const old = kernel && {
    kernel: (await kernel.data()).slice() as Float32Array,
    bias: bias ? ((await bias.data()).slice() as Float32Array) : new Float32Array(kernel.shape[1] ?? 0),
  };
  return { embedding: layer.output as tfl.SymbolicTensor, width, old: old ?? null };
}

/** The one dense layer behind the embedding, with nothing but dropout before and an activation after it. */
function plainHead(embedding: tfl.layers.Layer): tfl.layers.Layer | null {
  const behind = (layer: tfl.layers.Layer): tfl.layers.Layer[] =>
    layer.outboundNodes.map(({ outboundLayer }) => outboundLayer);
  let [next, ...others] = behind(embedding);
  while (next && others.length === 0 && /Dropout$/.test(next.getClassName()))
    [next, ...others] = behind(next);
  if (next?.getClassName() !== 'Dense' || others.length > 0) return null;
  const [after, ...more] = behind(next);
  const isLast =
    !after || (/^(Activation|Softmax)$/.test(after.getClassName()) && behind(after).length === 0);
  return isLast && more.length === 0 ? next : null;
}

/**
 * Weights to start a head from. A label that stays keeps its row; the new labels share what the old one that they
 * split up had, evenly; where no label stays, or the old head is of another kind, small random numbers.
 */
export function startOfHead(site: HeadSite, from: Labelled, to: Labelled, random: Random): HeadWeights {
  const units = outputUnits(to);
  const { width, old } = site;
  const kept = to.labels.filter((label) => from.labels.includes(label));
  if (!old || kept.length === 0 || old.bias.length !== outputUnits(from)) {
    const sd = FRESH_SCALE / Math.sqrt(width);
    const kernel = Float32Array.from({ length: width * units }, () => sd * random.normal());
    return { kernel, bias: new Float32Array(units) };
  }
  const columns = to.labels.map((label) => columnFor(label, { ...site, old }, from, to));
  const [first, second] = columns as [Column, Column];
  const chosen = units === 1 ? [second.map((value, i) => value - (first[i] ?? 0))] : columns;
  const kernel = new Float32Array(width * units);
  chosen.forEach((column, unit) => {
    for (let i = 0; i < width; i++) kernel[i * units + unit] = column[i] ?? 0;
  });
  return { kernel, bias: Float32Array.from(chosen, (column) => column[width] ?? 0) };
}

/** Kernel of one label, then its bias. */
type Column = number[];

function columnFor(
  label: string,
  site: HeadSite & { old: HeadWeights },
  from: Labelled,
  to: Labelled,
): Column {
  const { width, old } = site;
  const units = outputUnits(from);
  const columns = from.labels.map((_, index): Column => {
    // One unit speaks for class 1 against a silent class 0.
    const unit = units === 1 ? index - 1 : index;
    if (unit < 0) return new Array<number>(width + 1).fill(0);
    return [
      ...Array.from({ length: width }, (_unused, i) => old.kernel[i * units + unit] ?? 0),
      old.bias[unit] ?? 0,
    ];
  });
  const own = columns[from.labels.indexOf(label)];
  if (own) return own;
  const gone = columns.filter((_, index) => !to.labels.includes(from.labels[index] ?? ''));
  const nNew = to.labels.filter((name) => !from.labels.includes(name)).length;
  const models = gone.length > 0 ? gone : columns;
  const mean = models[0]?.map(
    (_, i) => models.reduce((sum, column) => sum + (column[i] ?? 0), 0) / models.length,
  );
  return (mean ?? []).map((value, i) => (i === width ? value + Math.log(models.length / nNew) : value));
}

/** A network of the head alone, from an embedding to logits. */
export function headNetwork(width: number, units: number, start: HeadWeights): tfl.LayersModel {
  const input = tfl.input({ shape: [width], name: 'embedding-input' });
  const network = tfl.model({ inputs: input, outputs: putHead(input, units, new Set()) });
  writeHead(network, start);
  return network;
}

/**
 * A network with the base's layers up to the embedding and a new head. The base is not to be used any more:
 * `disposeGrafted` ends both.
 */
export function graftHead(
  base: tfl.LayersModel,
  site: HeadSite,
  units: number,
  start: HeadWeights,
): tfl.LayersModel {
  const trunk = tfl.model({ inputs: base.inputs, outputs: site.embedding });
  const taken = new Set(trunk.layers.map(({ name }) => name));
  const network = tfl.model({ inputs: base.inputs, outputs: putHead(site.embedding, units, taken) });
  writeHead(network, start);
  return network;
}

/** Ends a grafted network and what of its base is not part of it. */
export function disposeGrafted(network: tfl.LayersModel, base: tfl.LayersModel): void {
  const shared = new Set(network.layers);
  network.dispose();
  if (network !== base) for (const layer of base.layers) if (!shared.has(layer)) layer.dispose();
}

function putHead(node: tfl.SymbolicTensor, units: number, taken: ReadonlySet<string>): tfl.SymbolicTensor {
  const rate = RECIPE.architecture.embeddingDropout;
  const dropout = new SeededDropout({ name: untaken(DROPOUT, taken), rate });
  const dense = tfl.layers.dense({ name: untaken(LOGITS, taken), units });
  return dense.apply(dropout.apply(node)) as tfl.SymbolicTensor;
}

function untaken(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let index = 2; taken.has(free); index++) free = `${name}-${index}`;
  return free;
}

/** The last layer of a network with a head of this file. */
export function writeHead(network: tfl.LayersModel, { kernel, bias }: HeadWeights): void {
  const dense = network.layers.at(-1);
  const units = bias.length;
  tf.tidy(() => dense?.setWeights([tf.tensor2d(kernel, [kernel.length / units, units]), tf.tensor1d(bias)]));
}

export async function readHead(network: tfl.LayersModel): Promise<HeadWeights> {
  const [kernel, bias] = network.layers.at(-1)?.getWeights() ?? [];
  return {
    kernel: ((await kernel?.data())?.slice() as Float32Array | undefined) ?? new Float32Array(),
    bias: ((await bias?.data())?.slice() as Float32Array | undefined) ?? new Float32Array(),
  };
}
