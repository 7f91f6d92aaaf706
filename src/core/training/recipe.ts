// The recipe of the model this project trains: what it hears, how it is built, how it learns. The one place
// for these choices; the training worker and the command line both read it, and a fold's outcome is only reused
// while nothing in here changed. May import: types, and the manifest's constants.
// TF.js stays out: the command line reads this in Node.

import { isSameOrder } from './label-names.ts';
import type { ArchitectureSettings } from '../model/architecture.ts';
import { MANIFEST_SCHEMA, PIPELINE_VERSION, type ModelManifest } from '../model/manifest.ts';
import type { FitOptions } from './fit.ts';
import { replayedPerBatch } from './replay-mix.ts';
import type { TrainingSettings, TrainingWay } from './types.ts';

/** The parts of a manifest that are chosen, not measured. */
type ManifestTemplate = Pick<
  ModelManifest,
  'sampleRateHz' | 'window' | 'features' | 'inputLayout' | 'aggregation' | 'embeddingLayer' | 'explainLayer'
>;

export interface Recipe {
  manifest: ManifestTemplate;
  architecture: ArchitectureSettings;
  options: FitOptions;
  /** Without what a run decides: stepsPerEpoch follows from the number of recordings, seed from the person. */
  settings: Omit<TrainingSettings, 'stepsPerEpoch' | 'seed'>;
  /** Fraction of recordings, those nearest the threshold, that are left undecided. */
  inconclusiveFraction: number;
}

/**
 * Log-mel of 2 kHz sound, 100 ms windows every 20 ms, 48 bands of 20–800 Hz, normalised by recording so that
 * loudness tells nothing; a small CNN with statistics pooling over 6 s windows, and a branch on the window's own
 * long-term band statistics and the periodicity of its envelopes. Classes are half balanced inside each source.
 */
export const RECIPE: Recipe = {
  manifest: {
    sampleRateHz: 2000,
    window: { durationSec: 6, hopSec: 3, padding: 'repeat', maxWindows: null },
    features: {
      nFft: 512,
      winLength: 200,
      hopLength: 40,
      nMels: 48,
      melScale: 'htk',
      melNorm: 'unit-sum',
      fMinHz: 20,
      fMaxHz: 800,
      log: { kind: 'log10', offset: 1e-8 },
      normalization: 'recording-standard',
      scope: 'recording',
      signalNormalization: 'standard',
    },
    inputLayout: 'time-mel',
    aggregation: 'mean-logit',
    embeddingLayer: 'embedding',
    explainLayer: 'relu4',
  },
  architecture: {
    convolutions: [
      { filters: 16, kernel: [5, 5], stride: [2, 2], pool: [2, 2] },
      { filters: 24, kernel: [3, 3], stride: [1, 1], pool: [1, 2] },
      { filters: 32, kernel: [3, 3], stride: [1, 1], pool: [2, 1] },
      { filters: 48, kernel: [3, 3], stride: [1, 1], pool: [1, 1] },
    ],
    poolingDropout: 0.3,
    dense: 64,
    bandStatistics: [
      'mean',
      'sd',
      'mean-absolute-difference',
      'skewness',
      'soft-maximum',
      'soft-minimum',
      'periodicity',
    ],
    bandDense: 48,
    embeddingDropout: 0.4,
  },
  options: {
    sampling: { sourceExponent: 0.5, classBalance: 0.5, noisyWeight: 1 },
    augmentation: {
      gainSd: 0.1,
      frequencyMaskProbability: 0,
      maxMaskedBands: 8,
      timeMaskProbability: 0,
      maxMaskedFrames: 15,
    },
  },
  settings: {
    epochs: 12,
    batchSize: 48,
    learningRate: 3e-3,
    weightDecay: 1e-2,
    schedule: 'one-cycle',
    earlyStoppingPatience: null,
    plateauPatience: 3,
    averageLastEpochs: 5,
    balance: 'source-and-class',
    augment: true,
  },
  inconclusiveFraction: 0.1,
};

/** Hash of no weights yet. */
const NO_SHA256 = '0'.repeat(64);

/**
 * The manifest of a model that is about to be trained: not yet calibrated, cut at one half.
 * @param labels class names in output order, at least two
 * @param createdAt ISO 8601
 */
export function draftManifest(
  identity: { id: string; name: string; version: string; createdAt: string },
  labels: readonly string[],
  trainedOn: ModelManifest['trainedOn'],
): ModelManifest {
  return {
    schema: MANIFEST_SCHEMA,
    ...identity,
    pipelineVersion: PIPELINE_VERSION,
    labels: [...labels],
    output: labels.length === 2 ? 'sigmoid-logit' : 'softmax-logit',
    ...RECIPE.manifest,
    threshold: 0.5,
    inconclusiveBand: null,
    calibration: { kind: 'none' },
    sha256: NO_SHA256,
    trainedOn,
  };
}

/**
 * The manifest of a model that starts from another one: its features, other labels perhaps; not yet judged.
 * A network that gave probabilities gets a head that gives logits: see head.ts.
 */
export function fineTunedManifest(
  base: ModelManifest,
  identity: { id: string; name: string; version: string; createdAt: string },
  labels: readonly string[],
  trainedOn: ModelManifest['trainedOn'],
): ModelManifest {
  const keepsHead = isSameOrder(labels, base.labels) && base.output.endsWith('-logit');
  return {
    ...base,
    ...identity,
    labels: [...labels],
    output: keepsHead ? base.output : labels.length === 2 ? 'sigmoid-logit' : 'softmax-logit',
    threshold: 0.5,
    inconclusiveBand: null,
    calibration: { kind: 'none' },
    sha256: NO_SHA256,
    trainedOn,
  };
}

type WaySettings = Omit<TrainingSettings, 'stepsPerEpoch' | 'seed'>;

const FINE_TUNING: WaySettings = {
  ...RECIPE.settings,
  batchSize: 32,
  schedule: 'plateau',
  averageLastEpochs: 0,
  balance: 'class',
};

/** How each way starts from another model where some recordings are watched. */
const WAYS: Record<Exclude<TrainingWay, 'scratch'>, WaySettings> = {
  head: {
    ...FINE_TUNING,
    epochs: 60,
    learningRate: 3e-3,
    earlyStoppingPatience: 15,
    plateauPatience: 5,
    augment: false,
  },
  'last-blocks': {
    ...FINE_TUNING,
    epochs: 30,
    learningRate: 5e-4,
    earlyStoppingPatience: 8,
    plateauPatience: 3,
  },
  all: {
    ...FINE_TUNING,
    epochs: 30,
    learningRate: 5e-4,
    earlyStoppingPatience: 8,
    plateauPatience: 3,
  },
};

/** With nothing to watch, the run cannot know when to stop: fewer epochs, one cycle, the mean of the last ones. */
const UNWATCHED_EPOCHS_FRACTION = 0.5;
const UNWATCHED_AVERAGE_EPOCHS = 3;
/** An epoch over a handful of recordings would be too short to judge by. */
const MIN_STEPS_PER_EPOCH = 4;

/**
 * Good settings for a way of training.
 * @param nTraining recordings that are trained on
 * @param asked `isWatched`: whether recordings are kept back to decide when to stop; the rest wins over the defaults
 */
export function settingsForWay(
  way: TrainingWay,
  nTraining: number,
  asked: { seed: number; isWatched: boolean } & Partial<WaySettings>,
): TrainingSettings {
  const { seed, isWatched, ...changes } = asked;
  if (way === 'scratch') {
    const { epochs, batchSize, ...others } = changes;
    const chosen = { seed, ...(epochs && { epochs }), ...(batchSize && { batchSize }) };
    return { ...settingsFor(nTraining, chosen), ...others };
  }
  const defaults = isWatched ? WAYS[way] : unwatched(WAYS[way]);
  const settings = { ...defaults, ...changes };
  const averageLastEpochs = Math.min(settings.averageLastEpochs, Math.max(0, settings.epochs - 1));
  // With a replay set an epoch is then one pass over the recordings, without one two.
  const nOwn = settings.batchSize - replayedPerBatch(settings.batchSize);
  const stepsPerEpoch = Math.max(MIN_STEPS_PER_EPOCH, Math.ceil(nTraining / nOwn));
  return { ...settings, averageLastEpochs, stepsPerEpoch, seed };
}

function unwatched(settings: WaySettings): WaySettings {
  return {
    ...settings,
    epochs: Math.ceil(settings.epochs * UNWATCHED_EPOCHS_FRACTION),
    schedule: 'one-cycle',
    earlyStoppingPatience: null,
    averageLastEpochs: UNWATCHED_AVERAGE_EPOCHS,
  };
}

/** Settings of one run: the recipe's, with what a person asked for, over the recordings it trains on. */
export function settingsFor(
  nTraining: number,
  asked: Partial<Pick<TrainingSettings, 'epochs' | 'batchSize'>> & { seed: number },
): TrainingSettings {
  const { epochs = RECIPE.settings.epochs, batchSize = RECIPE.settings.batchSize, seed } = asked;
  return {
    ...RECIPE.settings,
    epochs,
    batchSize,
    // Averaging more passes than there are would average the random start.
    averageLastEpochs: Math.min(RECIPE.settings.averageLastEpochs, Math.max(0, epochs - 1)),
    stepsPerEpoch: Math.max(1, Math.ceil(nTraining / batchSize)),
    seed,
  };
}
