// What a run begins with, and begins again with: its entry and details, and what an earlier visit has left of it.

import { AppError } from '../core/errors.ts';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { RunDetails, RunEntry, RunStore } from '../storage/run-record.ts';
import { stateText } from './state-text.ts';
import type { TrainingForm } from './training-form.svelte.ts';
import type { RunModel, TrainingCollection } from './training-ports.ts';

export interface RunRecord {
  entry: RunEntry;
  details: RunDetails;
}

/**
 * @param base the model it starts from
 * @param createdAt ISO 8601, UTC
 */
export function newRun(
  id: string,
  { way, plan, settings, withReplay }: TrainingForm,
  base: RunModel,
  activeKey: string,
  createdAt: string,
): RunRecord {
  const entry: RunEntry = {
    id,
    createdAt,
    updatedAt: createdAt,
    state: 'running',
    way,
    baseKey: base.key,
    activeKey,
    labels: plan.labels,
    nTraining: plan.trainIds.length,
    nWatched: plan.watchIds.length,
    nValidation: plan.validationIds.length,
    epochsDone: 0,
    epochs: settings.epochs,
    backend: null,
    modelKey: null,
    recommendation: null,
    decision: null,
    error: null,
  };
  const log = [{ at: createdAt, text: stateText.run.begun(base.name) }];
  return { entry, details: { settings, plan, withReplay, history: [], bestEpoch: null, verdict: null, log } };
}

/** A run that an earlier visit left unfinished. @throws AppError `recordings-missing` */
export async function reopenedRun(
  id: string,
  store: RunStore,
  collection: TrainingCollection,
): Promise<RunRecord & { checkpoint: Checkpoint | null }> {
  const [found, checkpoint] = await Promise.all([
    store.read(id),
    store.readCheckpoint(id),
    collection.load(),
  ]);
  if (!found) throw new AppError('internal', stateText.run.gone);
  const there = new Set(collection.plannedRecordings().map((recording) => recording.id));
  const { recordings } = found.details.plan;
  const nGone = recordings.filter((recording) => !there.has(recording.id)).length;
  if (nGone > 0)
    throw new AppError('recordings-missing', stateText.run.recordingsGone(nGone, recordings.length));
  return { ...found, checkpoint };
}

/** The latest run that no tab has brought to its end and that can go on; null where there is none. */
export async function unfinishedRun(entries: readonly RunEntry[], store: RunStore): Promise<RunEntry | null> {
  const running = entries.find(({ state }) => state === 'running');
  if (running) return running;
  const [latest] = entries;
  if (latest?.state !== 'failed') return null;
  return (await store.readCheckpoint(latest.id)) ? latest : null;
}
