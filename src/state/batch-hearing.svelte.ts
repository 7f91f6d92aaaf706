// What is under way with the batch on screen, one thing at a time, and how far it is: it waits for its model, is loaded
// from the history, or its recordings are heard. The first of them is opened at once, so that there is something to
// look at; answers are written as they come.

import { isAbort, toAppError, type AppError } from '../core/errors.ts';
import type { RecordingResult } from '../core/types.ts';
import { startPulse } from './batch-pulse.ts';
import type { BatchProgress } from './batch-row.ts';
import { NO_PROGRESS, otherModel, tasksOf } from './batch-start.ts';
import type { HeldBatch } from './held-batch.svelte.ts';
import type { ModelState } from './model.svelte.ts';
import type { OpenedRow } from './opened-row.svelte.ts';
import type { BatchLocks, Later, PrepareRecording, RecordingPool } from './ports.ts';

export interface HearingDependencies {
  pool: RecordingPool;
  model: ModelState;
  locks: BatchLocks;
  prepare: PrepareRecording;
  later: Later;
  appVersion: string;
  /** Milliseconds, monotonic. */
  now: () => number;
}

export class BatchHearing {
  readonly #dependencies: HearingDependencies;
  readonly #opened: OpenedRow;
  #attempt: AbortController | null = null;
  #isRunning = $state(false);
  #progress = $state.raw<BatchProgress>(NO_PROGRESS);
  #failure = $state.raw<AppError | null>(null);
  /** To be heard once more before the end. */
  #again: number[] = [];
  /** What is done about a storage that was cleared. */
  #recovery: Promise<void> = Promise.resolve();
  #stopPulse = (): void => undefined;

  constructor(dependencies: HearingDependencies, opened: OpenedRow) {
    this.#dependencies = dependencies;
    this.#opened = opened;
  }

  /** Recordings are heard, or wait for their model. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Nothing of a batch is on its way. */
  get isIdle(): boolean {
    return this.#attempt === null;
  }

  get progress(): BatchProgress {
    return this.#progress;
  }

  /** Why it ended before all were heard, where nobody cancelled it. */
  get failure(): AppError | null {
    return this.#failure;
  }

  /** Takes the place of what was begun before. Its signal fires when it is cancelled or something else is begun. */
  begin(isRunning = true): AbortSignal {
    this.#attempt?.abort();
    this.#attempt = new AbortController();
    this.#isRunning = isRunning;
    return this.#attempt.signal;
  }

  /** Whether what was begun with this signal has ended, in whichever way: nothing may come of it any more. */
  isOver(signal: AbortSignal): boolean {
    return this.#attempt?.signal !== signal;
  }

  /** What is stored of a batch. False where something else was begun meanwhile. */
  async load(batch: HeldBatch): Promise<boolean> {
    const signal = this.begin(false);
    await batch.load(signal);
    if (this.isOver(signal)) return false;
    this.#attempt = null;
    const { nDone, rows } = batch.ledger;
    this.#progress = { ...NO_PROGRESS, done: nDone, total: rows.length };
    return true;
  }

  /** Hears recordings of a batch. Resolves when all are answered or it is over otherwise; see `failure`. */
  async hear(batch: HeldBatch, indices: readonly number[], signal = this.begin()): Promise<void> {
    const { locks, model } = this.#dependencies;
    const { ledger } = batch;
    const isJudge = batch.isJudgedBy(model);
    const isAllowed = isJudge instanceof Promise ? await isJudge : isJudge;
    if (this.isOver(signal)) return;
    this.#failure = isAllowed ? null : otherModel();
    if (!isAllowed) {
      this.end(batch);
      return;
    }
    batch.become('running');
    const release = locks.hold(batch.entry.id);
    for (const index of indices) ledger.requeue(index);
    this.#stopPulse = this.#startPulse(batch);
    try {
      await this.#hearAll(batch, indices, signal);
    } catch (error) {
      // The pool gives every recording its row: what is left is that nothing can be heard at all.
      if (!this.isOver(signal) && !isAbort(error)) this.#failure = toAppError(error);
    } finally {
      if (!this.isOver(signal)) {
        ledger.cancelRest();
        this.end(batch, ledger.nDone === ledger.rows.length ? 'done' : 'cancelled');
      }
      release();
      model.refreshReport();
    }
  }

  /** Through the pool; a single one is heard by being opened. */
  async #hearAll(batch: HeldBatch, indices: readonly number[], signal: AbortSignal): Promise<void> {
    const { ledger, sound } = batch;
    const [first] = indices;
    const isSingle = ledger.rows.length === 1;
    const isOpened = first !== undefined && (isSingle || this.#opened.index === null);
    const opening = isOpened ? this.open(batch, first) : null;
    if (isSingle) {
      await opening;
      return;
    }
    const listener = {
      onStart: (index: number): void => {
        if (!this.isOver(signal)) ledger.start(index);
      },
      onAnswer: (index: number, result: RecordingResult): void => {
        if (!this.isOver(signal)) batch.answer(index, result);
      },
    };
    for (let next = indices; next.length > 0; next = this.#again.splice(0)) {
      const tasks = tasksOf(next, sound.files, ledger.threshold, this.#dependencies);
      await this.#dependencies.pool.run(tasks, listener, signal);
      signal.throwIfAborted();
      // It is under way until it is written: that the storage was cleared may be known only then.
      await batch.save();
      await this.#recovery;
      signal.throwIfAborted();
    }
  }

  /** Opens one. What is answered by that is written at once where nothing else is under way. */
  async open(batch: HeldBatch, index: number): Promise<void> {
    const isAnswered = await this.#opened.open(batch, index);
    if (!isAnswered || this.#isRunning) return;
    this.#progress = { ...this.#progress, done: batch.ledger.nDone };
    void batch.save();
  }

  #startPulse(batch: HeldBatch): () => void {
    const { now, later } = this.#dependencies;
    const onBeat = (progress: BatchProgress): void => {
      this.#progress = progress;
      batch.changed();
    };
    return startPulse(batch.ledger, batch.keeper, { now, later, onBeat, onSave: () => void batch.save() });
  }

  /** What is done about a storage that was cleared: nothing is over before that. */
  awaitRecovery(recovery: Promise<void>): void {
    this.#recovery = recovery;
  }

  /** Hears these once more before the end. */
  requeue(batch: HeldBatch, indices: readonly number[]): void {
    for (const index of indices) batch.ledger.requeue(index);
    this.#again.push(...indices);
  }

  /** Stops after what is already answered. */
  cancel(batch: HeldBatch | null): void {
    batch?.ledger.cancelRest();
    this.end(batch, 'cancelled');
  }

  /** The batch is put away. */
  forget(): void {
    this.#attempt?.abort();
    this.#attempt = null;
    this.#progress = NO_PROGRESS;
    this.#failure = null;
  }

  /** @param state of the entry from now on; without one nothing of it was begun */
  end(batch: HeldBatch | null, state?: 'done' | 'cancelled'): void {
    this.#stopPulse();
    this.#attempt?.abort();
    this.#attempt = null;
    this.#isRunning = false;
    this.#again = [];
    const { nDone, rows } = batch?.ledger ?? { nDone: 0, rows: [] };
    this.#progress = { ...this.#progress, done: nDone, total: rows.length, leftSec: null };
    batch?.changed();
    if (!batch || !state) return;
    batch.become(state);
    void batch.save();
  }
}
