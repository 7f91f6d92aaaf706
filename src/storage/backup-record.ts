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

/** What a restore has come to. */
export type RestoreNote = {
  /** ISO 8601; no two restores have the same. */
  begunAt: string;
  /** Of the backup. */
  createdAt: string;
  counts: Record<keyof BackupRecords, number>;
} & (
  | { kind: 'begun' }
  /** Everything is in its place but the settings that belong to it (null: they stay). */
  | { kind: 'done'; settings: KeptValue[] | null }
);

/** Records that wait, and the note. */
export type Staged =
  { [K in StagedKind]: { kind: K; records: BackupRecords[K][] } }[StagedKind] | RestoreNote;
