// What is heard, from one recording to a batch of thousands: the batch on the Predict page, the one of the history that
// is looked at, and the history itself.

import { breathe } from '../input/breathe.ts';
import { collectRecordings } from '../input/collect-files.ts';
import { reopenHandles } from '../input/kept-handles.ts';
import { truthOf } from '../input/truth-of.ts';
import { openInferencePool } from '../rpc/spawn-workers.ts';
import { AnalysisState } from '../state/analysis.svelte.ts';
import { BatchState } from '../state/batch.svelte.ts';
import { batchLocks, later } from '../state/browser-ports.ts';
import { HistoryState } from '../state/history.svelte.ts';
import { UnfinishedState } from '../state/unfinished.svelte.ts';
import { createBatchStore } from '../storage/batch-store.ts';
import type { Foundation } from './foundation.ts';
import type { Models } from './models.ts';

export type Batches = ReturnType<typeof buildBatches>;

export function buildBatches(
  { database, settings, persist, newId }: Foundation,
  { classifier, model, hearing }: Models,
) {
  const store = createBatchStore(database);
  const forMany = {
    ...hearing,
    pool: openInferencePool(classifier),
    settings,
    store,
    newId,
    locks: batchLocks,
    persist,
    readTruth: truthOf,
    later,
    pause: breathe,
    now: () => performance.now(),
  };
  const openBatch = (): { batch: BatchState; analysis: AnalysisState } => {
    const analysis = new AnalysisState(hearing);
    return { analysis, batch: new BatchState({ ...forMany, analysis }) };
  };
  const { batch, analysis } = openBatch();
  const unfinished = new UnfinishedState({
    batch,
    store,
    locks: batchLocks,
    collect: collectRecordings,
    reopen: reopenHandles,
  });
  const putAway = (ids: readonly string[]): void => {
    if (batch.entry && ids.includes(batch.entry.id)) batch.close();
    if (unfinished.entry && ids.includes(unfinished.entry.id)) unfinished.offer(null);
  };
  return {
    batch,
    analysis,
    past: openBatch(),
    unfinished,
    history: new HistoryState({ store, locks: batchLocks, later, onRemove: putAway }),
    usage: { store, memory: () => model.ready().then(() => classifier.memory()) },
  };
}
