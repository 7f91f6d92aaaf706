// What a backup holds of each kind, and what waits in the database while one is restored. Types only.

import type { CollectedRecording } from '../core/collection/types.ts';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { RecordingResult } from '../core/types.ts';
import type { BatchEntry, BatchFiles } from './batch-record.ts';
import type { ActiveModel, StoredModel } from './model-record.ts';
import type { RunDetails, RunEntry } from './run-record.ts';

/** A record by its kind, as it lies in a backup. */
export interface BackupRecords {
  recordings: CollectedRecording;
  batches: { entry: BatchEntry; files: BatchFiles };
  results: { batchId: string; index: number; result: RecordingResult };
  models: { model: StoredModel; modelJson: unknown };
  runs: { entry: RunEntry; details: RunDetails; checkpoint: Checkpoint | null };
  'active-model': ActiveModel;
  settings: KeptValue;
}

/** Of what is kept beside the database: a text under its key. */
export interface KeptValue {
  key: string;
  value: string;
}

/** Kinds whose records wait until all of a restore can be done at once. */
export type StagedKind = 'recordings' | 'batches' | 'results' | 'models' | 'runs';

/** Records that wait; and, once they are in their places, what is left to do: the settings (null: they stay). */
export type Staged =
  | { [K in StagedKind]: { kind: K; records: BackupRecords[K][] } }[StagedKind]
  | { kind: 'done'; settings: KeptValue[] | null };
