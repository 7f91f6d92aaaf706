// A training run between two epochs as plain data: enough to go on as if it had never stopped, in another
// worker, on another backend. Weights go by name, because freezing a layer reorders a model's lists.

import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { AppError } from '../errors.ts';
import type { AdamState } from './adamw.ts';
import { readVector } from './parameters.ts';
import type { PlateauState } from './schedule.ts';
import { trainingText } from './training-text.ts';
import type { TrainingHistoryEntry } from './types.ts';

/** Values of every weight, batch-norm statistics included, by the weight's own name. */
export type NamedWeights = Record<string, Float32Array>;

/** The training loop's state. */
export interface FitState {
  /** Epochs done. */
  epoch: number;
  /** Of the stream that all of the run's random choices come from. */
  randomState: number;
  /** Of the network that is trained: only the head where the rest stands still. */
  weights: NamedWeights;
  optimizer: AdamState;
  plateau: PlateauState;
  /** Sum of the trainable weights at the ends of the last epochs, and of how many. */
  average: { sum: Float32Array; count: number } | null;
  /** Shares its weights with `weights` where the last epoch is the best. */
  best: { epoch: number; loss: number; weights: NamedWeights } | null;
  history: TrainingHistoryEntry[];
}

export interface Checkpoint extends FitState {
  /** Fingerprint of the request and its recordings: a checkpoint fits no other run. */
  run: string;
}

/** All weights in one reading of the device. */
export async function readWeights(network: tfl.LayersModel): Promise<NamedWeights> {
  const { weights } = network;
  const vector = tf.tidy(() => tf.concat1d(weights.map((weight) => tf.reshape(weight.read(), [-1]))));
  const values = await readVector(vector).finally(() => vector.dispose());
  const named: NamedWeights = {};
  let offset = 0;
  for (const weight of weights) {
    const { size } = weight.read();
    named[weight.originalName] = values.slice(offset, (offset += size));
  }
  return named;
}

/** @throws AppError `model-invalid` when a weight of the network is missing or of another size */
export function writeWeights(network: tfl.LayersModel, named: NamedWeights): void {
  for (const weight of network.weights) {
    const values = named[weight.originalName];
    const variable = weight.read() as tf.Variable;
    if (values?.length !== variable.size)
      throw new AppError('model-invalid', trainingText.otherWeights(weight.originalName));
    tf.tidy(() => variable.assign(tf.tensor(values.slice(), variable.shape)));
  }
}
