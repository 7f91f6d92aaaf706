// What training costs on this device, measured on noise before anything is decided. What a run will take follows in
// ./estimate.ts.

import type { ModelManifest } from '../model/manifest.ts';
import { windowFrames } from '../model/manifest.ts';
import { Random } from '../random.ts';
import type { StepCost } from './estimate.ts';
import type { TrainingData } from './feature-store.ts';
import { fit } from './fit.ts';
import { RECIPE } from './recipe.ts';
import type { Trainee } from './trainee.ts';
import type { TrainingSettings } from './types.ts';

/** The first step warms up; the middle one of the others counts. */
const MEASURED_STEPS = 4;
/** Windows of a timed forward pass: two batches. */
const MEASURED_WINDOWS = 32;

/** Runs a few real steps, and the network on some windows. Nothing of it is kept. */
export async function measureCost(
  trainee: Trainee,
  manifest: ModelManifest,
  settings: TrainingSettings,
  now: () => number,
  yieldControl: () => Promise<void>,
): Promise<Omit<StepCost, 'backend'>> {
  const msPerWindow = await timeForwards(trainee, manifest, now);
  const { history } = await fit({
    network: trainee.network,
    data: noiseLike(trainee, manifest),
    settings: {
      ...settings,
      epochs: MEASURED_STEPS,
      stepsPerEpoch: 1,
      earlyStoppingPatience: null,
      averageLastEpochs: 0,
    },
    options: RECIPE.options,
    score: () => Promise.resolve({ watch: null, validation: null }),
    now,
    yieldControl,
  });
  const times = history.slice(1).map(({ seconds }) => seconds * 1000);
  return { msPerStep: times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0, msPerWindow };
}

async function timeForwards(trainee: Trainee, manifest: ModelManifest, now: () => number): Promise<number> {
  const nFrames = windowFrames(manifest);
  const { nMels } = manifest.features;
  const random = new Random(1);
  const values = Float32Array.from({ length: nFrames * nMels }, () => random.normal());
  const windows = [{ firstFrame: 0, startSec: 0, endSec: manifest.window.durationSec }];
  const inputs = new Array(MEASURED_WINDOWS).fill({ matrix: { values, nFrames, nMels }, windows }) as never[];
  await trainee.forwards.predictAll(inputs);
  const started = now();
  await trainee.forwards.predictAll(inputs);
  return (now() - started) / MEASURED_WINDOWS;
}

/** Noise of the shape that the trainee's network takes, in two classes. */
function noiseLike(trainee: Trainee, { inputLayout }: ModelManifest): TrainingData {
  const [, ...shape] = trainee.network.inputs[0]?.shape ?? [];
  const [first = 1, second = 1] = (shape.length === 1 ? [1, ...shape] : shape) as number[];
  const isTimeFirst = shape.length === 1 || inputLayout === 'time-mel';
  return {
    recordings: [0, 1].map((label) => ({ label, source: '', quality: null })),
    replay: null,
    nFrames: isTimeFirst ? first : second,
    nMels: isTimeFirst ? second : first,
    layout: isTimeFirst ? 'time-mel' : 'mel-time',
    copyRandomWindow: (_index, random, batch, place) => {
      for (let i = 0; i < first * second; i++) batch[place * first * second + i] = random.normal();
    },
  };
}
