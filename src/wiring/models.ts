// The models that are here, the one that answers, and the worker that it answers in.

import { version as appVersion } from '../../package.json';
import type { Golden } from '../core/training/golden.ts';
import { bundledModels } from '../input/bundled-models.ts';
import { prepareRecording } from '../input/prepare-recording.ts';
import { InferenceClient } from '../rpc/inference-client.ts';
import type { ModelAssets } from '../rpc/protocol.ts';
import { spawnInferenceWorker } from '../rpc/spawn-workers.ts';
import { hashBytes, openModelNews } from '../state/model-ports.ts';
import { ModelState } from '../state/model.svelte.ts';
import { RegistryState } from '../state/registry.svelte.ts';
import { createModelStore } from '../storage/model-store.ts';
import type { Foundation } from './foundation.ts';

export type Models = ReturnType<typeof buildModels>;

/** @param isBusy recordings are being answered */
export function buildModels(
  { database, settings, persist, timestamp, newId }: Foundation,
  isBusy: () => boolean,
) {
  const classifier = new InferenceClient(spawnInferenceWorker);
  const registry: RegistryState = new RegistryState({
    store: createModelStore(database),
    bundled: bundledModels(),
    ask: askKnownAnswers,
    hash: hashBytes,
    // Wanted seldom: loaded then.
    readModel: async (handOver) => (await import('../input/read-model.ts')).readModel(handOver),
    zipModel: async (folder) => (await import('../input/write-model.ts')).zipModel(folder),
    persist,
    news: openModelNews(),
    timestamp,
    newId,
    switchModel: (change) => model.switchAfter(change),
    isBusy,
    fingerprint: () => classifier.fingerprint(),
  });
  const model = new ModelState(classifier, registry.answering, settings);
  /** What a single recording is heard with. */
  const hearing = { classifier, model, prepare: prepareRecording, appVersion, timestamp };
  return { classifier, registry, model, hearing };
}

/** In a worker of its own: the page's goes on answering with the model that it has. WASM computes alike everywhere. */
async function askKnownAnswers(model: ModelAssets): Promise<Golden> {
  const client = new InferenceClient(spawnInferenceWorker);
  try {
    await client.start(model, 'wasm');
    return await client.fingerprint();
  } finally {
    client.dispose();
  }
}
