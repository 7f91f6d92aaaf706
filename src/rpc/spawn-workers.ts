// The two workers of the app, as the build knows them. Literal URLs: the bundler follows them.

export function spawnInferenceWorker(): Worker {
  return new Worker(new URL('../../workers/inference.worker.ts', import.meta.url), {
    type: 'module',
    name: 'inference',
  });
}

export function spawnTrainingWorker(): Worker {
  return new Worker(new URL('../../workers/training.worker.ts', import.meta.url), {
    type: 'module',
    name: 'training',
  });
}
