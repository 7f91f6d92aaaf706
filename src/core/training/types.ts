// The nouns of training: settings, history, outcome. Plain data.

import type { BackendName } from '../types.ts';

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
  loss: number;
  validationLoss: number | null;
  validationAccuracy: number | null;
  validationAuroc: number | null;
  seconds: number;
}

/** Reported every few steps, and at the end of every epoch. */
export interface TrainingProgress {
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
}
