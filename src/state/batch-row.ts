// One line of the batch table: what is known of a recording without its whole result. Types only. Thousands of
// these lie in memory, whole results lie in storage.

import type { Quality, RecordingResult } from '../core/types.ts';

/** What the table says of an answer; follows the threshold. */
export interface RowAnswer {
  status: RecordingResult['status'];
  predictedClass: string | null;
  /** Calibrated, in the order of the model's labels; empty on error. */
  probabilities: readonly number[];
  confidence: number | null;
  quality: Quality['verdict'] | null;
  heartRateBpm: number | null;
  durationSec: number | null;
  errorCode: string | null;
}

export interface BatchRow {
  /** Place in the batch, from 0. */
  readonly index: number;
  /** With its path below what was handed over. */
  readonly fileName: string;
  phase: 'queued' | 'working' | 'done' | 'cancelled';
  answer: RowAnswer | null;
  /** The truth, where what was handed over names it. */
  readonly label: string | null;
}

export interface BatchProgress {
  done: number;
  total: number;
  recordingsPerSec: number;
  /** Seconds of sound answered per second. */
  soundPerSec: number;
  /** Null until there is something to tell it by. */
  leftSec: number | null;
}
