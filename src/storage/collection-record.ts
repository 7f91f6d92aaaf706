// What storage promises about the labelled collection. Types only.

import type { CollectedRecording, RecordingFacts } from '../core/collection/types.ts';

/** A recording with the bytes of its file. */
export interface CollectedSound {
  recording: CollectedRecording;
  bytes: ArrayBuffer;
}

/** Keeps the collection. Every method rejects with AppError `storage-full` or `storage-blocked` and then has changed nothing. */
export interface CollectionStore {
  /** All of them in one transaction; one whose id is there already is left as it is. Returns the ids that are new. */
  add(sounds: readonly CollectedSound[]): Promise<string[]>;
  /** Without bytes, in order of addedAt and file name. */
  list(): Promise<CollectedRecording[]>;
  /** The file's bytes; null where there is none of that id. */
  readBytes(id: string): Promise<ArrayBuffer | null>;
  /** The same change to many, in one transaction. Ids that are not there are left out. */
  update(ids: readonly string[], change: Partial<RecordingFacts>): Promise<void>;
  /** Puts back what `update` changed, each to its own facts, in one transaction. */
  restore(facts: ReadonlyMap<string, RecordingFacts>): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}
