// How long a run will take, from its plan and from what a step was measured to cost here. Rough on purpose: a person
// decides by it whether to wait or to have tea. May import: core/model/manifest types, ./plan and ./types types.
// TF.js stays out: the page reads this.

import type { ModelManifest } from '../model/manifest.ts';
import type { BackendName } from '../types.ts';
import type { TrainingPlan } from './plan.ts';
import type { TrainingSettings, TrainingWay } from './types.ts';

export interface StepCost {
  /** One step of the optimizer on a whole batch. */
  msPerStep: number;
  /** One window forwards: to be embedded (head), or scored after an epoch. */
  msPerWindow: number;
  backend: BackendName;
}

/** Decoding, resampling and log-mel of one second of sound, measured with WASM on two slow cores, milliseconds. */
const READ_MS_PER_SOUND_SEC = 2;
/** The quality check and heart rate that answers come with, of one second of sound, milliseconds. */
const ANSWER_MS_PER_SOUND_SEC = 4;
/** Starting the workers, and thousands of resamples for the intervals, seconds. */
const FIXED_SEC = 6;
/** A run that may stop early has hardly ever run all its epochs: from a third to two thirds of them, in trials. */
const EARLY_FRACTION = 0.5;

/** Reading all recordings into the training worker. */
export function readingSeconds({ recordings }: TrainingPlan): number {
  const soundSec = recordings.reduce((sum, { durationSec }) => sum + durationSec, 0);
  return (soundSec * READ_MS_PER_SOUND_SEC) / 1000;
}

/** The epochs that are to be expected, with what is scored after each. */
export function trainingSeconds(
  way: TrainingWay,
  settings: Pick<TrainingSettings, 'epochs' | 'stepsPerEpoch' | 'earlyStoppingPatience'>,
  plan: TrainingPlan,
  manifest: Pick<ModelManifest, 'window'>,
  { msPerStep, msPerWindow }: Pick<StepCost, 'msPerStep' | 'msPerWindow'>,
): number {
  const { epochs: most, stepsPerEpoch, earlyStoppingPatience } = settings;
  const epochs = earlyStoppingPatience === null ? most : most * EARLY_FRACTION;
  const scored = countWindows(plan, [...plan.watchIds, ...plan.validationIds], manifest);
  // Embeddings are computed once; a network that moves is scored after every epoch.
  const forwards =
    way === 'head' ? scored + countWindows(plan, plan.trainIds, manifest) : (epochs + 1) * scored;
  return (epochs * stepsPerEpoch * msPerStep + forwards * msPerWindow) / 1000;
}

/** Both models' answers to the recordings that judge, and the verdict. */
export function judgingSeconds(
  plan: TrainingPlan,
  manifest: Pick<ModelManifest, 'window'>,
  { msPerWindow }: Pick<StepCost, 'msPerWindow'>,
): number {
  const judging = new Set(plan.validationIds);
  const soundSec = plan.recordings.reduce(
    (sum, { id, durationSec }) => sum + (judging.has(id) ? durationSec : 0),
    0,
  );
  const windows = countWindows(plan, plan.validationIds, manifest);
  return FIXED_SEC + (2 * (soundSec * ANSWER_MS_PER_SOUND_SEC + windows * msPerWindow)) / 1000;
}

function countWindows(
  { recordings }: TrainingPlan,
  ids: readonly string[],
  { window }: Pick<ModelManifest, 'window'>,
): number {
  const wanted = new Set(ids);
  const counts = recordings.map(({ id, durationSec }) => {
    if (!wanted.has(id)) return 0;
    const all = 1 + Math.max(0, Math.ceil((durationSec - window.durationSec) / window.hopSec));
    return Math.min(all, window.maxWindows ?? Infinity);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
