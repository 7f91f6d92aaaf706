// Embeddings of recordings: what the layers below a head make of every window, at the manifest's hop. Computed
// once, kept as numbers, for as many epochs of head training as wanted.

import * as tfl from '@tensorflow/tfjs-layers';
import { AppError } from '../errors.ts';
import { Classifier } from '../model/classifier.ts';
import { windowFrames, type ModelManifest } from '../model/manifest.ts';
import type { FeatureStore, TrainingData } from './feature-store.ts';
import type { HeadSite } from './head.ts';
import type { ReplayWindow } from './replay-mix.ts';
import { windowOutputs } from './score.ts';

/** Replayed windows whose embeddings are computed together. */
const REPLAYED_AT_A_TIME = 32;

/** The layers below the head; they belong to whoever owns the network. */
export function trunkOf(network: tfl.LayersModel, site: HeadSite, manifest: ModelManifest): Classifier {
  const layers = tfl.model({ inputs: network.inputs, outputs: site.embedding });
  // Whatever the head gives: an embedding is numbers as they are.
  return Classifier.around(layers, { ...manifest, output: 'softmax-logit' });
}

/** One row for each replayed window. @param between is awaited after every few */
export async function embedWindows(
  trunk: Classifier,
  windows: readonly ReplayWindow[],
  between: () => Promise<void>,
): Promise<number[][]> {
  const { window, features } = trunk.manifest;
  const nFrames = windowFrames(trunk.manifest);
  const { nMels } = features;
  const span = { firstFrame: 0, startSec: 0, endSec: window.durationSec };
  const rows: number[][] = [];
  for (let first = 0; first < windows.length; first += REPLAYED_AT_A_TIME) {
    const inputs = windows
      .slice(first, first + REPLAYED_AT_A_TIME)
      .map(({ values }) => ({ matrix: { values, nFrames, nMels }, windows: [span] }));
    for (const answer of await trunk.predictAll(inputs)) {
      if (answer instanceof AppError) throw answer;
      rows.push(...answer);
    }
    await between();
  }
  return rows;
}

export class EmbeddingStore {
  /** The layers below the head; belongs to whoever owns the base. */
  readonly trunk: Classifier;
  readonly #width: number;
  readonly #manifest: ModelManifest;
  readonly #store: FeatureStore;
  readonly #rows = new Map<string, number[][]>();
  #replayed: { classes: number[][]; rows: number[][] } = { classes: [], rows: [] };

  /** @param manifest of the model to be trained */
  constructor(base: tfl.LayersModel, site: HeadSite, manifest: ModelManifest, store: FeatureStore) {
    this.trunk = trunkOf(base, site, manifest);
    this.#width = site.width;
    this.#manifest = manifest;
    this.#store = store;
  }

  /** @param onRecordings is awaited after every few recordings; where it throws, so does this */
  async add(ids: readonly string[], onRecordings: (done: number) => Promise<void>): Promise<void> {
    const outputs = await windowOutputs(this.trunk, ids, this.#store, onRecordings);
    ids.forEach((id, i) => this.#rows.set(id, outputs[i] ?? []));
  }

  async addReplay(windows: readonly ReplayWindow[], between: () => Promise<void>): Promise<void> {
    const rows = await embedWindows(this.trunk, windows, between);
    this.#replayed = { classes: windows.map(({ classes }) => classes), rows };
  }

  /** Embeddings of the windows of recordings, in order, and how many each has. */
  rowsOf(ids: readonly string[]): number[][][] {
    return ids.map((id) => this.#rows.get(id) ?? []);
  }

  /** For the training loop: an embedding is a window of one frame. */
  trainingData(ids: readonly string[]): TrainingData {
    const rows = this.rowsOf(ids);
    const { classes, rows: replayed } = this.#replayed;
    const write = (row: number[] | undefined, batch: Float32Array, place: number): void => {
      if (row) batch.set(row, place * this.#width);
    };
    return {
      recordings: this.#store.sampled(ids, this.#manifest.labels),
      replay:
        replayed.length > 0
          ? {
              classes,
              embeddings: null,
              copyWindow: (index, batch, place) => write(replayed[index], batch, place),
            }
          : null,
      nFrames: 1,
      nMels: this.#width,
      layout: 'time-mel',
      copyRandomWindow: (index, random, batch, place) => {
        const own = rows[index] ?? [];
        write(own[random.integer(own.length)], batch, place);
      },
    };
  }
}
