// What storage promises about training runs: their story, and the checkpoint of the one under way. Types only.

import type { ErrorCode } from '../core/errors.ts';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { TrainingHistoryEntry, TrainingSettings, TrainingWay } from '../core/training/types.ts';
import type { TrainingPlan } from '../core/training/plan.ts';
import type { Recommendation, Verdict } from '../core/training/verdict.ts';
import type { BackendName } from '../core/types.ts';

/** `running` after the page was closed: it can be resumed. */
export type RunState = 'running' | 'finished' | 'cancelled' | 'failed';

/** One line of the list of runs. */
export interface RunEntry {
  /** Sorts by the time of creation. */
  id: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  updatedAt: string;
  state: RunState;
  way: TrainingWay;
  /** Key of the model it started from (its features, for `scratch`) and of the one it is compared with. */
  baseKey: string;
  activeKey: string;
  labels: string[];
  nTraining: number;
  nWatched: number;
  nValidation: number;
  epochsDone: number;
  epochs: number;
  backend: BackendName | null;
  /** Key of the model it made; null before and where there is none. */
  modelKey: string | null;
  recommendation: Recommendation | null;
  /** What the person did with it; null: not yet decided. */
  decision: 'promoted' | 'kept' | null;
  error: { code: ErrorCode; message: string } | null;
}

/** The whole story of a run, beside its entry. */
export interface RunDetails {
  settings: TrainingSettings;
  /** Ids of the collection by side, and what each recording was at that time. */
  plan: TrainingPlan;
  withReplay: boolean;
  /** The best so far was asked for: whenever the run goes on, it ends with that. */
  isStopped?: boolean;
  history: TrainingHistoryEntry[];
  /** Whose weights were kept; null before the end, and for a mean of epochs. */
  bestEpoch: number | null;
  verdict: Verdict | null;
  log: { at: string; text: string }[];
}

/** Keeps runs. Every method rejects with AppError `storage-full` or `storage-blocked` and then has changed nothing. */
export interface RunStore {
  create(entry: RunEntry, details: RunDetails): Promise<void>;
  /** Entry and details in one transaction; a checkpoint goes in with them, null removes it, undefined leaves it. */
  save(entry: RunEntry, details: RunDetails, checkpoint?: Checkpoint | null): Promise<void>;
  /** Newest first. */
  list(): Promise<RunEntry[]>;
  read(id: string): Promise<{ entry: RunEntry; details: RunDetails } | null>;
  readCheckpoint(id: string): Promise<Checkpoint | null>;
  remove(ids: readonly string[]): Promise<void>;
}
