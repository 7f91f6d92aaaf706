// What is collected to train on, what is trained from it, and what judges: a run's verdict, and a batch with labels.

import { version as appVersion } from '../../package.json';
import { createPace } from '../input/breathe.ts';
import { collectRecordings } from '../input/collect-files.ts';
import { factsOf } from '../input/facts-of.ts';
import { EvaluationClient } from '../rpc/evaluation-client.ts';
import { InferenceClient } from '../rpc/inference-client.ts';
import {
  openSurveyCrew,
  spawnEvaluationWorker,
  spawnInferenceWorker,
  spawnTrainingWorker,
} from '../rpc/spawn-workers.ts';
import { TrainingClient } from '../rpc/training-client.ts';
import { AnalysisState } from '../state/analysis.svelte.ts';
import { later, sha256, trainingLock } from '../state/browser-ports.ts';
import { CollectionState } from '../state/collection.svelte.ts';
import { hashBytes } from '../state/model-ports.ts';
import { TrainingState } from '../state/training.svelte.ts';
import { createCollectionStore } from '../storage/collection-store.ts';
import { createRunStore } from '../storage/run-store.ts';
import type { Foundation } from './foundation.ts';
import type { Models } from './models.ts';

export function buildTraining(
  { database, settings, persist, timestamp, newId }: Foundation,
  { registry, hearing }: Models,
) {
  const now = (): number => performance.now();
  const collection = new CollectionState({
    store: createCollectionStore(database),
    surveyors: openSurveyCrew(),
    collect: collectRecordings,
    readFacts: factsOf,
    prepare: hearing.prepare,
    later,
    pace: createPace,
    persist,
    now,
    timestamp,
  });
  const evaluator = new EvaluationClient(spawnEvaluationWorker);
  const store = createRunStore(database);
  const training = new TrainingState({
    spawnTrainer: () => new TrainingClient(spawnTrainingWorker),
    spawnJudge: () => new InferenceClient(spawnInferenceWorker),
    verdicts: evaluator,
    models: registry,
    collection,
    store,
    lock: trainingLock,
    backend: () => settings.backend,
    sha256: hashBytes,
    later,
    now,
    timestamp,
    newId,
    appVersion,
  });
  return {
    collection,
    collected: new AnalysisState(hearing),
    training,
    evaluating: { evaluator, catalog: registry, sha256, later },
    runs: {
      store,
      isTraining: () => trainingLock.isTaken(),
      later,
      onRemove: (ids: readonly string[]) => training.putAway(ids),
    },
  };
}
