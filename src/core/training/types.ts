// The nouns of training: settings, history, outcome. Plain data.

import type { ModelManifest } from '../model/manifest.ts';
import type { BackendName } from '../types.ts';

/**
 * Which weights move: a new last layer on embeddings that are computed once; the layers behind the convolutions and
 * the last convolution; all of them; or all of them from fresh ones.
 */
export const TRAINING_WAYS = ['head', 'last-blocks', 'all', 'scratch'] as const;
export type TrainingWay = (typeof TRAINING_WAYS)[number];

export interface TrainingSettings {
  epochs: number;
  batchSize: number;
  stepsPerEpoch: number;
  /** Peak of the one-cycle schedule, or the constant rate before plateaus. */
  learningRate: number;
  weightDecay: number;
  schedule: 'one-cycle' | 'plateau';
  /** Epochs without a better validation loss before the run stops; null: never. */
  earlyStoppingPatience: number | null;
  /** Epochs without a better validation loss before the rate is halved (plateau schedule). */
  plateauPatience: number;
  /** Weights are averaged over the last so many epochs and batch-norm statistics taken anew; 0: best epoch. */
  averageLastEpochs: number;
  balance: 'source-and-class' | 'class' | 'none';
  augment: boolean;
  seed: number;
}

export interface TrainingHistoryEntry {
  epoch: number;
  learningRate: number;
  /** Mean over the windows trained on in the epoch, as they were when it was their turn. */
  loss: number;
  accuracy: number;
  auroc: number | null;
  /** Of the recordings that decide when to stop and which epoch is kept; null: none are watched. */
  watchLoss: number | null;
  /** Of the recordings that judge the model. They are shown and decide nothing. */
  validationLoss: number | null;
  validationAccuracy: number | null;
  validationAuroc: number | null;
  seconds: number;
}

/** Reported while embeddings are computed, every few steps, and at the end of every epoch. */
export type TrainingProgress = EmbeddingProgress | StepProgress;

export interface EmbeddingProgress {
  kind: 'embedding';
  /** Recordings. */
  done: number;
  total: number;
}

export interface StepProgress {
  kind: 'step';
  epoch: number;
  epochs: number;
  step: number;
  stepsPerEpoch: number;
  /** Mean training loss of the epoch so far. */
  loss: number;
  msPerStep: number;
  /** Complete at the end of an epoch, else null. */
  entry: TrainingHistoryEntry | null;
}

export interface TrainingOutcome {
  /** TF.js layers topology with its weightsManifest, and the bytes it describes. */
  modelJson: unknown;
  weights: ArrayBuffer;
  history: TrainingHistoryEntry[];
  bestEpoch: number | null;
  stopped: 'finished' | 'early-stopping' | 'by-user';
  backend: BackendName;
  seconds: number;
  /** Calibration, threshold and band: from the watched recordings, else the parent's, else none. */
  judgement: Pick<ModelManifest, 'calibration' | 'threshold' | 'inconclusiveBand'>;
}
