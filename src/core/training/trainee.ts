// What a way of training moves, what it learns from and how it is scored: a whole network on windows, or a head
// on embeddings that are computed once. The loop (fit.ts) knows no difference between the two.

import { isSameOrder } from './label-names.ts';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { AppError } from '../errors.ts';
import { aggregateLogits } from '../model/aggregate.ts';
import { buildNetwork } from '../model/architecture.ts';
import { Classifier, loadNetwork, type ModelAssets } from '../model/classifier.ts';
import { outputUnits, type ModelManifest } from '../model/manifest.ts';
import { Random } from '../random.ts';
import { EmbeddingStore, embedWindows, trunkOf } from './embeddings.ts';
import type { FeatureStore, TrainingData } from './feature-store.ts';
import { freezeFor, unfreeze } from './freezing.ts';
import {
  disposeGrafted,
  findHeadSite,
  graftHead,
  headNetwork,
  isEmbeddingKnown,
  readHead,
  startOfHead,
} from './head.ts';
import { RECIPE } from './recipe.ts';
import type { ReplayWindow } from './replay-mix.ts';
import { scoreRecordings } from './score.ts';
import { trainingText } from './training-text.ts';
import type { TrainingWay } from './types.ts';
import { exportModel, type ModelArtifacts } from './weights.ts';

export interface Trainee {
  /** Trained in place; its output is logits. */
  network: tfl.LayersModel;
  /** What every window goes through once: to be embedded, or to be scored. */
  forwards: Classifier;
  /**
   * Before `data` and `score`, with all recordings that these are to be asked about. Null: nothing to prepare.
   * @param onRecordings is awaited after every few recordings; where it throws, so does this
   */
  prepare: ((ids: readonly string[], onRecordings: (done: number) => Promise<void>) => Promise<void>) | null;
  /** @throws AppError `labels-invalid` */
  data(trainIds: readonly string[]): TrainingData;
  /** Uncalibrated logits per recording, by the network as it is. */
  score(ids: readonly string[]): Promise<number[][]>;
  /** The whole model, as a folder keeps it. */
  export(): Promise<ModelArtifacts>;
  dispose(): void;
}

export interface TraineeOptions {
  way: TrainingWay;
  /** Null only for `scratch`. */
  from: ModelAssets | null;
  /** Of the model to be trained. */
  manifest: ModelManifest;
  /** Of fresh weights. */
  seed: number;
  store: FeatureStore;
  replay: readonly ReplayWindow[];
  yieldControl: () => Promise<void>;
}

/** @throws AppError `model-missing`, `model-invalid` */
export async function openTrainee(options: TraineeOptions): Promise<Trainee> {
  const { way, from, manifest, seed } = options;
  if (way === 'scratch') {
    if (manifest.inputLayout !== 'time-mel') throw new AppError('model-invalid', trainingText.onlyFurther);
    const network = buildNetwork(manifest, RECIPE.architecture, new Random(seed));
    return wholeTrainee(network, options);
  }
  if (!from) throw new AppError('model-missing', trainingText.chooseModel);
  const base = await loadNetwork(from);
  try {
    const open = way === 'head' ? headTrainee : networkTrainee;
    return await open(base, from.manifest, options);
  } catch (error) {
    base.dispose();
    throw error;
  }
}

/** The base itself, or where its answers are others (labels, or probabilities), the base with a new head. */
async function networkTrainee(
  base: tfl.LayersModel,
  from: ModelManifest,
  options: TraineeOptions,
): Promise<Trainee> {
  const { way, manifest, seed, store, replay, yieldControl } = options;
  const keepsHead = from.output === manifest.output && isSameOrder(from.labels, manifest.labels);
  // A network that keeps its head can do without a known embedding: replay then holds to labels alone.
  const site = keepsHead && !isEmbeddingKnown(base, from) ? null : await findHeadSite(base, from);
  const start = site && startOfHead(site, from, manifest, new Random(seed));
  const network = keepsHead || !site || !start ? base : graftHead(base, site, outputUnits(manifest), start);
  freezeFor(network, way);
  const trainee = wholeTrainee(network, options);
  trainee.dispose = () => disposeGrafted(network, base);
  if (!site || replay.length === 0) return trainee;
  let embeddings: number[][] | null = null;
  return {
    ...trainee,
    network: tfl.model({
      inputs: network.inputs,
      outputs: [network.outputs[0] as tfl.SymbolicTensor, site.embedding],
    }),
    prepare: async () => {
      embeddings = await embedWindows(trunkOf(network, site, manifest), replay, yieldControl);
    },
    data: (trainIds) => store.trainingData(trainIds, manifest.labels, replay, embeddings),
  };
}

function wholeTrainee(network: tfl.LayersModel, options: TraineeOptions): Trainee {
  const { manifest, store, replay, yieldControl } = options;
  const forwards = Classifier.around(network, manifest);
  return {
    network,
    forwards,
    prepare: null,
    data: (trainIds) => store.trainingData(trainIds, manifest.labels, replay),
    score: (ids) => scoreRecordings(forwards, ids, store, yieldControl),
    export: () => {
      unfreeze(network);
      return exportModel(network);
    },
    dispose: () => network.dispose(),
  };
}

async function headTrainee(
  base: tfl.LayersModel,
  from: ModelManifest,
  options: TraineeOptions,
): Promise<Trainee> {
  const { manifest, store, seed, replay, yieldControl } = options;
  const site = await findHeadSite(base, from);
  const units = outputUnits(manifest);
  const head = headNetwork(site.width, units, startOfHead(site, from, manifest, new Random(seed)));
  const embeddings = new EmbeddingStore(base, site, manifest, store);
  return {
    network: head,
    forwards: embeddings.trunk,
    prepare: async (ids, onRecordings) => {
      await embeddings.add(ids, onRecordings);
      await embeddings.addReplay(replay, yieldControl);
    },
    data: (trainIds) => embeddings.trainingData(trainIds),
    score: (ids) => scoreEmbeddings(head, embeddings.rowsOf(ids), manifest),
    export: async () => {
      const whole = graftHead(base, site, units, await readHead(head));
      unfreeze(whole);
      const artifacts = await exportModel(whole);
      for (const layer of whole.layers) if (!base.layers.includes(layer)) layer.dispose();
      return artifacts;
    },
    dispose: () => {
      head.dispose();
      base.dispose();
    },
  };
}

/** @param rows embeddings of each recording's windows */
async function scoreEmbeddings(
  head: tfl.LayersModel,
  rows: readonly number[][][],
  manifest: ModelManifest,
): Promise<number[][]> {
  const units = outputUnits(manifest);
  const all = rows.flat();
  const logits = tf.tidy(() => head.predict(tf.tensor2d(all), { batchSize: all.length }) as tf.Tensor);
  const values = (await logits.data().finally(() => logits.dispose())) as Float32Array;
  let at = 0;
  return rows.map((windows) =>
    aggregateLogits(
      windows.map(() => Array.from(values.subarray(at, (at += units)))),
      manifest,
    ),
  );
}
