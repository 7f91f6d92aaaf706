// The workers of the app, as the build knows them, and the pool of those that answer. Literal URLs: the bundler
// follows them.

import { InferenceClient } from './inference-client.ts';
import { InferencePool } from './inference-pool.ts';
import { SurveyCrew } from './survey-crew.ts';

export function spawnInferenceWorker(): Worker {
  return spawnComputeWorker('inference');
}

export function spawnTrainingWorker(): Worker {
  return spawnComputeWorker('training');
}

/** The name says which part the worker has; one program for both, so that the tensor library is downloaded once. */
function spawnComputeWorker(name: 'inference' | 'training'): Worker {
  return new Worker(new URL('../../workers/compute.worker.ts', import.meta.url), { type: 'module', name });
}

export function spawnEvaluationWorker(): Worker {
  return new Worker(new URL('../../workers/evaluation.worker.ts', import.meta.url), {
    type: 'module',
    name: 'evaluation',
  });
}

/** A pool around the client that the page has anyway, with as many more workers as the machine is found to be worth. */
export function openInferencePool(first: InferenceClient): InferencePool {
  return new InferencePool(first, {
    spawn: () => new InferenceClient(spawnInferenceWorker),
    now: () => performance.now(),
    timestamp: () => new Date().toISOString(),
    cores: navigator.hardwareConcurrency,
  });
}

/** More than this many at once wait for the disk, and for memory. */
const MAX_SURVEYORS = 4;

/** Workers that survey what is added to the collection; one core is left to the page. */
export function openSurveyCrew(): SurveyCrew {
  const size = Math.max(1, Math.min(MAX_SURVEYORS, navigator.hardwareConcurrency - 1));
  return new SurveyCrew(() => new InferenceClient(spawnInferenceWorker), size);
}
