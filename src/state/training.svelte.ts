// Training as a person meets it: one run at a time over all tabs, begun, stopped, cancelled, resumed, judged, and
// what the person then does with the model. The run itself is training-run.ts.

import { isAbort, toAppError, type AppError } from '../core/errors.ts';
import type { TrainingHistoryEntry } from '../core/training/types.ts';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { RunDetails, RunEntry, RunStore } from '../storage/run-record.ts';
import type { NewId } from './new-id.ts';
import type { Later } from './ports.ts';
import { RunJournal } from './run-journal.ts';
import { runFraction, StagePace, type RunStage } from './run-stage.ts';
import { newRun, reopenedRun, unfinishedRun, type RunRecord } from './run-start.ts';
import { stateText } from './state-text.ts';
import { TrainingEstimate } from './training-estimate.svelte.ts';
import { TrainingForm } from './training-form.svelte.ts';
import type { RunDependencies, TrainingRun } from './training-run.ts';
import type { RunLock } from './training-ports.ts';

export interface TrainingDependencies extends RunDependencies {
  store: RunStore;
  lock: RunLock;
  later: Later;
  /** Milliseconds, monotonic. */
  now: () => number;
  newId: NewId;
}

export type TrainingPhase =
  | { kind: 'idle' }
  /** A run of an earlier visit that no tab is at: it can be resumed or discarded. */
  | { kind: 'unfinished' }
  | { kind: 'running' }
  /** It waits for, or has, the decision of the person. */
  | { kind: 'judged' }
  /** It can be resumed. */
  | { kind: 'failed'; error: AppError };

const IDLE: TrainingPhase = { kind: 'idle' };

export class TrainingState {
  readonly form: TrainingForm;
  readonly estimate: TrainingEstimate;
  readonly #dependencies: TrainingDependencies;
  #phase = $state.raw<TrainingPhase>(IDLE);
  #entry = $state.raw<RunEntry | null>(null);
  #details = $state.raw<RunDetails | null>(null);
  #stage = $state.raw<RunStage>({ kind: 'starting' });
  #leftSec = $state<number | null>(null);
  #history = $state.raw<readonly TrainingHistoryEntry[]>([]);
  #isStopping = $state(false);
  #isElsewhere = $state(false);
  #isDeciding = $state(false);
  #keepingError = $state.raw<AppError | null>(null);
  #decisionError = $state.raw<AppError | null>(null);
  #discardError = $state.raw<AppError | null>(null);
  #run: TrainingRun | null = null;
  /** Wished for, perhaps before there was a run to cancel. */
  #isCancelled = false;
  #pace = new StagePace();

  constructor(dependencies: TrainingDependencies) {
    this.#dependencies = dependencies;
    this.form = new TrainingForm(dependencies.collection, dependencies.models);
    this.estimate = new TrainingEstimate(this.form, dependencies);
  }

  get phase(): TrainingPhase {
    return this.#phase;
  }

  get isRunning(): boolean {
    return this.#phase.kind === 'running';
  }

  /** Of the run that the phase is about; null when idle. */
  get entry(): RunEntry | null {
    return this.#entry;
  }

  get details(): RunDetails | null {
    return this.#details;
  }

  get stage(): RunStage {
    return this.#stage;
  }

  /** Of the present stage, seconds; null while nothing can be said. */
  get leftSec(): number | null {
    return this.#leftSec;
  }

  /** Of the run under way, 0..1; null when there is none. */
  get progress(): number | null {
    return this.isRunning ? runFraction(this.#stage, this.#entry?.way === 'head') : null;
  }

  /** Epochs so far. */
  get history(): readonly TrainingHistoryEntry[] {
    return this.#history;
  }

  /** It ends after the step under way. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Another tab trains. */
  get isElsewhere(): boolean {
    return this.#isElsewhere;
  }

  /** Why the run under way could not be resumed if the page were closed now. */
  get keepingError(): AppError | null {
    return this.#keepingError;
  }

  /** The candidate is being made the active model. */
  get isDeciding(): boolean {
    return this.#isDeciding;
  }

  get decisionError(): AppError | null {
    return this.#decisionError;
  }

  /** Why it is not stored that a run was discarded: it is offered again at the next visit. */
  get discardError(): AppError | null {
    return this.#discardError;
  }

  /** The model that the verdict compares with is no longer the active one. */
  get isOutdated(): boolean {
    const { entry } = this;
    return entry?.decision === null && entry.activeKey !== this.#dependencies.models.activeKey;
  }

  /**
   * Looks for a run that no tab is at, then for a verdict that nobody has decided on. Runs that cannot be read
   * are none.
   */
  async look(): Promise<void> {
    const { lock, store } = this.#dependencies;
    if (this.#phase.kind !== 'idle' && this.#phase.kind !== 'unfinished') return;
    try {
      this.#isElsewhere = await lock.isTaken();
      if (this.#isElsewhere) {
        void lock.whenFree().then(() => this.look());
        return;
      }
      const entries = await store.list();
      const [latest] = entries;
      const unfinished = await unfinishedRun(entries, store);
      if (unfinished) await this.#show(unfinished.id, { kind: 'unfinished' });
      else if (latest?.decision === null && latest.modelKey !== null) await this.#showJudged(latest);
      else this.#forget();
    } catch {
      this.#forget();
    }
  }

  /** Resolves when the run has ended. Does nothing while one is under way, or the plan forbids one. */
  async start(): Promise<void> {
    if (this.isRunning || this.#run) return;
    const { base, plan } = this.form;
    if (!base || plan.notes.some(({ kind }) => kind === 'stop')) return;
    const { timestamp, newId, models } = this.#dependencies;
    const createdAt = timestamp();
    const begun = newRun(newId(createdAt), this.form, base, models.activeKey, createdAt);
    await this.#go(() => this.#runOf({ ...begun, checkpoint: null }));
  }

  /** Goes on with the run that failed or was left unfinished. Resolves when it has ended. */
  async resume(): Promise<void> {
    const entry = this.#entry;
    if (!entry || (this.#phase.kind !== 'failed' && this.#phase.kind !== 'unfinished')) return;
    await this.#go(async () => {
      const { store, collection } = this.#dependencies;
      const run = this.#run ?? (await this.#runOf(await reopenedRun(entry.id, store, collection)));
      run.journal.note(stateText.run.resumed);
      run.journal.change({ state: 'running', error: null });
      return run;
    });
  }

  /** The run that failed or was left unfinished is given up: here at once, for good when that is stored. */
  async discard(): Promise<void> {
    if (this.#phase.kind !== 'failed' && this.#phase.kind !== 'unfinished') return;
    const { store, timestamp } = this.#dependencies;
    const [entry, details] = [this.#entry, this.#details];
    this.#forget();
    this.#discardError = null;
    if (!entry || !details) return;
    const journal = new RunJournal(store, timestamp, entry, details);
    journal.note(stateText.run.discarded);
    await journal.end('cancelled');
    this.#discardError = journal.error;
  }

  dismissDiscardError(): void {
    this.#discardError = null;
  }

  /** After the step under way, with the best there is so far. */
  stop(): void {
    if (!this.isRunning || this.#isStopping) return;
    this.#isStopping = true;
    this.#run?.stop();
  }

  /** At once, and nothing is kept. */
  cancel(): void {
    if (!this.isRunning) return;
    this.#isCancelled = true;
    this.#run?.cancel();
  }

  /** Makes the candidate the active model. */
  async promote(): Promise<void> {
    const key = this.#entry?.modelKey;
    if (key) await this.#decide('promoted', () => this.#dependencies.models.promote(key));
  }

  /** Leaves the active model as it is; the candidate stays among the models. */
  async keep(): Promise<void> {
    await this.#decide('kept', () => Promise.resolve());
  }

  /** Puts the judged run away, decided or not. */
  close(): void {
    if (this.#phase.kind === 'judged') this.#forget();
  }

  /** These runs are being deleted: one of them that is shown is put away. */
  putAway(ids: readonly string[]): void {
    if (!this.isRunning && this.#entry && ids.includes(this.#entry.id)) this.#forget();
  }

  async #go(prepare: () => Promise<TrainingRun>): Promise<void> {
    const before = this.#phase;
    this.#phase = { kind: 'running' };
    this.#stage = { kind: 'starting' };
    this.#leftSec = null;
    this.#isStopping = false;
    this.#isCancelled = false;
    this.#pace = new StagePace();
    const release = await this.#dependencies.lock.take();
    if (!release) {
      this.#isElsewhere = true;
      this.#phase = before.kind === 'running' ? IDLE : before;
      void this.#dependencies.lock.whenFree().then(() => this.look());
      return;
    }
    try {
      this.#run = await prepare();
      this.#take();
      this.#grantWishes(this.#run);
      await this.#run.journal.save();
      this.#take();
      await this.#run.run();
      this.#take();
      this.#run = null;
      this.#phase = { kind: 'judged' };
    } catch (error) {
      await this.#fail(error);
    } finally {
      release();
    }
  }

  /** What was asked for before there was a run to ask. */
  #grantWishes(run: TrainingRun): void {
    if (this.#isStopping) run.stop();
    if (this.#isCancelled) run.cancel();
  }

  async #fail(error: unknown): Promise<void> {
    const journal = this.#run?.journal;
    if (isAbort(error)) {
      journal?.note(stateText.run.cancelled);
      await journal?.end('cancelled');
      this.#forget();
      return;
    }
    const failure = toAppError(error);
    journal?.note(stateText.run.failed(failure.message));
    await journal?.end('failed', failure);
    this.#take();
    this.#phase = { kind: 'failed', error: failure };
  }

  /** What a run needs is loaded with it: a visitor who does not train need not wait for it. */
  async #runOf({
    entry,
    details,
    checkpoint,
  }: RunRecord & { checkpoint: Checkpoint | null }): Promise<TrainingRun> {
    const { TrainingRun } = await import('./training-run.ts');
    const { store, timestamp, now } = this.#dependencies;
    const journal = new RunJournal(store, timestamp, entry, details);
    this.#history = details.history;
    return new TrainingRun(journal, checkpoint, this.#dependencies, {
      onStage: (stage) => {
        this.#stage = stage;
        this.#leftSec = this.#pace.leftSec(stage, now());
        this.#take();
      },
      onHistory: (history) => (this.#history = history),
    });
  }

  /** What of the run is shown. */
  #take(): void {
    const journal = this.#run?.journal;
    if (!journal) return;
    this.#entry = journal.entry;
    this.#details = journal.details;
    this.#keepingError = journal.error;
  }

  async #show(id: string, phase: TrainingPhase): Promise<void> {
    const found = await this.#dependencies.store.read(id);
    if (!found) return;
    this.#entry = found.entry;
    this.#details = found.details;
    this.#history = found.details.history;
    this.#phase = phase;
  }

  /** A model that was deleted since leaves nothing to decide. */
  async #showJudged({ id, modelKey }: RunEntry): Promise<void> {
    const { models } = this.#dependencies;
    await models.list();
    if (models.models.some(({ key }) => key === modelKey)) await this.#show(id, { kind: 'judged' });
    else this.#forget();
  }

  async #decide(decision: NonNullable<RunEntry['decision']>, act: () => Promise<void>): Promise<void> {
    const [entry, details] = [this.#entry, this.#details];
    if (this.#phase.kind !== 'judged' || this.#isDeciding || !entry || !details) return;
    this.#isDeciding = true;
    this.#decisionError = null;
    try {
      await act();
      const { store, timestamp } = this.#dependencies;
      const journal = new RunJournal(store, timestamp, { ...entry, decision }, details);
      journal.note(decision === 'promoted' ? stateText.run.promoted : stateText.run.kept);
      // It has ended, even where its end could not be stored: a checkpoint that was left goes.
      if (!(await journal.save(null)) && journal.error) throw journal.error;
      this.#entry = journal.entry;
      this.#details = journal.details;
      this.#keepingError = null;
    } catch (error) {
      this.#decisionError = toAppError(error);
    } finally {
      this.#isDeciding = false;
    }
  }

  #forget(): void {
    this.#run = null;
    this.#entry = null;
    this.#details = null;
    this.#history = [];
    this.#keepingError = null;
    this.#decisionError = null;
    this.#phase = IDLE;
  }
}
