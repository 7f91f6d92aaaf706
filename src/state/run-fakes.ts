// Training runs made up for tests: entries, stories, checkpoints, and a store that keeps them in memory and fails
// when it is told to. For tests only.

import type { AppError } from '../core/errors.ts';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { TrainingPlan } from '../core/training/plan.ts';
import type { TrainingHistoryEntry } from '../core/training/types.ts';
import type { RunDetails, RunEntry, RunStore } from '../storage/run-record.ts';

export function fakeRunEntry(id: string, change: Partial<RunEntry> = {}): RunEntry {
  return {
    id,
    createdAt: '2026-01-01T10:00:00Z',
    updatedAt: '2026-01-01T10:05:00Z',
    state: 'finished',
    way: 'head',
    baseKey: 'bundled:tiny',
    activeKey: 'bundled:tiny',
    labels: ['normal', 'abnormal'],
    nTraining: 2,
    nWatched: 0,
    nValidation: 2,
    epochsDone: 2,
    epochs: 2,
    backend: 'wasm',
    modelKey: null,
    recommendation: null,
    decision: null,
    error: null,
    ...change,
  };
}

export function fakeHistoryEntry(
  epoch: number,
  change: Partial<TrainingHistoryEntry> = {},
): TrainingHistoryEntry {
  return {
    epoch,
    learningRate: 1e-3,
    loss: 0.7 / epoch,
    accuracy: 0.75,
    auroc: 0.8,
    watchLoss: null,
    validationLoss: 0.8 / epoch,
    validationAccuracy: 0.7,
    validationAuroc: 0.75,
    seconds: 2,
    ...change,
  };
}

export function fakePlan(change: Partial<TrainingPlan> = {}): TrainingPlan {
  const recording = (id: string, label: string) => ({
    id,
    fileName: `${id}.wav`,
    label,
    group: id,
    source: 'clinic',
    quality: null,
    durationSec: 10,
    side: null,
  });
  return {
    seed: 1,
    validationFraction: 0.5,
    labels: ['normal', 'abnormal'],
    recordings: [
      recording('a', 'normal'),
      recording('b', 'abnormal'),
      recording('c', 'normal'),
      recording('d', 'abnormal'),
    ],
    trainIds: ['a', 'b'],
    watchIds: [],
    validationIds: ['c', 'd'],
    notes: [],
    ...change,
  };
}

export function fakeRunDetails(change: Partial<RunDetails> = {}): RunDetails {
  return {
    settings: {
      epochs: 2,
      batchSize: 2,
      stepsPerEpoch: 1,
      learningRate: 1e-3,
      weightDecay: 1e-2,
      schedule: 'one-cycle',
      earlyStoppingPatience: null,
      plateauPatience: 3,
      averageLastEpochs: 0,
      balance: 'source-and-class',
      augment: true,
      seed: 1,
    },
    plan: fakePlan(),
    withReplay: false,
    history: [fakeHistoryEntry(1), fakeHistoryEntry(2)],
    bestEpoch: null,
    verdict: null,
    log: [{ at: '2026-01-01T10:00:00Z', text: 'Begun.' }],
    ...change,
  };
}

export function fakeCheckpoint(epoch: number): Checkpoint {
  const values = Float32Array.of(epoch, -epoch);
  return {
    epoch,
    run: 'fake',
    randomState: epoch,
    weights: { 'dense/kernel': values },
    optimizer: { step: epoch, firstMoment: values, secondMoment: values },
    plateau: { rate: 1e-3, bestLoss: 1, epochsWithoutBetter: 0 },
    average: null,
    best: null,
    history: Array.from({ length: epoch }, (_, e) => fakeHistoryEntry(e + 1)),
  };
}

/** Keeps runs in memory; every method fails with `error` while there is one. */
export class FakeRunStore implements RunStore {
  error: AppError | null = null;
  /** Only of writing a checkpoint. */
  checkpointError: AppError | null = null;
  readonly runs = new Map<string, { entry: RunEntry; details: RunDetails }>();
  readonly checkpoints = new Map<string, Checkpoint>();

  async create(entry: RunEntry, details: RunDetails): Promise<void> {
    await this.save(entry, details);
  }

  async save(entry: RunEntry, details: RunDetails, checkpoint?: Checkpoint | null): Promise<void> {
    await this.#answer();
    if (checkpoint && this.checkpointError) throw this.checkpointError;
    this.runs.set(entry.id, structuredClone({ entry, details }));
    if (checkpoint) this.checkpoints.set(entry.id, structuredClone(checkpoint));
    if (checkpoint === null) this.checkpoints.delete(entry.id);
  }

  async list(): Promise<RunEntry[]> {
    await this.#answer();
    const entries = [...this.runs.values()].map(({ entry }) => entry);
    return entries.sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  async read(id: string): Promise<{ entry: RunEntry; details: RunDetails } | null> {
    await this.#answer();
    return this.runs.get(id) ?? null;
  }

  async readCheckpoint(id: string): Promise<Checkpoint | null> {
    await this.#answer();
    return this.checkpoints.get(id) ?? null;
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#answer();
    for (const id of ids) {
      this.runs.delete(id);
      this.checkpoints.delete(id);
    }
  }

  async #answer(): Promise<void> {
    await Promise.resolve();
    if (this.error) throw this.error;
  }
}
