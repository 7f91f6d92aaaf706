// What is kept of a batch: its entry in the history, the files it was made of, and a result for each. Types
// only. A single recording is a batch of one. No sound is kept.

import type { Judgement } from '../core/report/rejudge.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import type { LabelReading } from '../core/training/labels.ts';
import type { RecordingResult } from '../core/types.ts';

/** Answers by kind, and the answered ones by class, at the batch's threshold. */
export interface BatchCounts {
  ok: number;
  inconclusive: number;
  error: number;
  /** Recordings with status `ok`, by predicted class. */
  perClass: Record<string, number>;
}

/** One line of the history. */
export interface BatchEntry {
  /** Sorts by the time of creation. */
  id: string;
  /** What was handed over, as a person knows it: a folder's or file's name. */
  title: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  updatedAt: string;
  /** `running` after the page was closed: it can go on. */
  state: 'running' | 'done' | 'cancelled';
  model: RecordingResult['model'] & { name: string };
  /** Enough to judge again when the model is gone. */
  judgement: Judgement;
  /** On the calibrated probability: the one that classes and counts follow now. */
  threshold: number;
  /** Recordings in it, and how many of them carry a label. */
  total: number;
  nLabelled: number;
  counts: BatchCounts;
  /** Seconds of sound answered. */
  soundSec: number;
}

/** The recordings of a batch in order, in columns: a list of 20,000 is one record. */
export interface BatchFiles {
  names: string[];
  sizesBytes: Float64Array;
  skipped: SkippedFile[];
  truth: LabelReading | null;
  /** Handles of dropped folders and files, where the browser lends them for later: to go on without a second drop. */
  handles: FileSystemHandle[];
}

export interface StoredResult {
  /** Place of the recording in the batch, from 0. */
  index: number;
  result: RecordingResult;
}

/** Keeps batches. Every method rejects with AppError `storage-full` or `storage-blocked` and then has changed nothing. */
export interface BatchStore {
  create(entry: BatchEntry, files: BatchFiles): Promise<void>;
  /**
   * Results and the entry that counts them, in one transaction. False where the batch was removed meanwhile, here or
   * in another tab: it stays removed, and nothing is written.
   */
  save(entry: BatchEntry, results: readonly StoredResult[]): Promise<boolean>;
  /** Newest first. */
  list(): Promise<BatchEntry[]>;
  /** Null where there is none of that id. */
  read(id: string): Promise<{ entry: BatchEntry; files: BatchFiles } | null>;
  /** All results in order of index, some hundred at a time, so that a large batch never lies in memory whole. */
  readResults(id: string): AsyncIterable<StoredResult[]>;
  readResult(id: string, index: number): Promise<RecordingResult | null>;
  remove(ids: readonly string[]): Promise<void>;
  /** Entries in which a file's name holds the text, whatever the case, with how many do. */
  search(text: string): Promise<{ id: string; nMatches: number }[]>;
}
