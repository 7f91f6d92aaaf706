// The batch on screen, from one recording to many thousands: handed over now, going on after an earlier visit, or
// looked up in the history. The first recording is opened at once, so that there is something to look at; whole
// results go to storage as they come, rows stay here. One threshold judges all of it and can be moved at any time.

import { isAbort, toAppError, type AppError } from '../core/errors.ts';
import { rejudge } from '../core/report/rejudge.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import type { LabelReading } from '../core/training/labels.ts';
import type { RecordingResult } from '../core/types.ts';
import type { Collection } from '../input/collect-files.ts';
import type { FoundFile } from '../input/found-file.ts';
import type { BatchCounts, BatchEntry, BatchFiles, BatchStore } from '../storage/batch-record.ts';
import type { AnalysisState } from './analysis.svelte.ts';
import { BatchKeeper } from './batch-keeper.ts';
import type { BatchLedger } from './batch-ledger.ts';
import { startPulse } from './batch-pulse.ts';
import { judgedResults } from './batch-results.ts';
import type { BatchProgress, BatchRow } from './batch-row.ts';
import {
  filesOf,
  ledgerOf,
  matched,
  newEntry,
  NO_COUNTS,
  NO_PROGRESS,
  notKept,
  notThese,
  otherModel,
  cleared,
  tasksOf,
} from './batch-start.ts';
import type { RecordingFile } from './classify-file.ts';
import type { ModelState } from './model.svelte.ts';
import type { NewId } from './new-id.ts';
import type { BatchLocks, Later, PrepareRecording, ReadTruth, RecordingPool } from './ports.ts';
import type { SettingsState } from './settings.svelte.ts';

export interface BatchDependencies {
  pool: RecordingPool;
  model: ModelState;
  settings: SettingsState;
  analysis: AnalysisState;
  store: BatchStore;
  locks: BatchLocks;
  /** A batch of many is kept now: the browser is asked not to throw the storage away. */
  persist: () => Promise<unknown>;
  prepare: PrepareRecording;
  readTruth: ReadTruth;
  later: Later;
  /** Between two slices of work on thousands of rows. */
  pause: () => Promise<void>;
  appVersion: string;
  /** ISO 8601, UTC. */
  timestamp: () => string;
  newId: NewId;
  /** Milliseconds, monotonic. */
  now: () => number;
}

export class BatchState {
  readonly #dependencies: BatchDependencies;
  #entry = $state.raw<BatchEntry | null>(null);
  #version = $state(0);
  #isRunning = $state(false);
  #openIndex = $state<number | null>(null);
  #skipped = $state.raw<readonly SkippedFile[]>([]);
  #truth = $state.raw<LabelReading | null>(null);
  #progress = $state.raw<BatchProgress>(NO_PROGRESS);
  #keepingError = $state.raw<AppError | null>(null);
  #failure = $state.raw<AppError | null>(null);
  #ledger = $state.raw<BatchLedger | null>(null);
  /** What can be heard, by place; null for what is known from the history alone. */
  #files: readonly (FoundFile | null)[] = [];
  #isSimulated = false;
  /** What was handed over and waits for a model. */
  #waiting: Collection | null = null;
  #keeper: BatchKeeper;
  #running: AbortController | null = null;
  /** To be heard once more in the run under way. */
  #again: number[] = [];
  /** What is done about a storage that was cleared. */
  #recovery: Promise<void> = Promise.resolve();
  #stopPulse = (): void => undefined;

  constructor(dependencies: BatchDependencies) {
    this.#dependencies = dependencies;
    this.#keeper = BatchKeeper.forget(dependencies.store);
  }

  /** What the history says of it; null on the empty page and while its model is not ready. */
  get entry(): BatchEntry | null {
    return this.#entry;
  }

  /** One array for as long as the batch is the same; its rows are replaced in place, and `version` tells of it. */
  get rows(): readonly BatchRow[] {
    return this.#ledger?.rows ?? NO_ROWS;
  }

  get version(): number {
    return this.#version;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Nothing was handed over, or it was put away. */
  get isEmpty(): boolean {
    const isIdle = !this.#isRunning && this.#dependencies.analysis.phase.kind === 'idle';
    return isIdle && this.rows.length === 0 && this.#skipped.length === 0;
  }

  get skipped(): readonly SkippedFile[] {
    return this.#skipped;
  }

  get truth(): LabelReading | null {
    return this.#truth;
  }

  get progress(): BatchProgress {
    return this.#progress;
  }

  /** At the threshold. */
  get counts(): BatchCounts {
    return this.#followed?.counts ?? NO_COUNTS;
  }

  /** Of the model that judged, in its order. */
  get labels(): readonly string[] {
    return this.#ledger?.judgement.labels ?? [];
  }

  /** On the calibrated probability: the one that everything of this batch follows. */
  get threshold(): number {
    return this.#followed?.threshold ?? 0;
  }

  /** The threshold of the model that judged. */
  get ownThreshold(): number {
    return this.#ledger?.judgement.threshold ?? 0;
  }

  /** Its recordings are not at hand: what is known of them comes from the history. */
  get isStored(): boolean {
    const nRows = this.#followed?.rows.length ?? 0;
    return nRows > 0 && this.#files.every((file) => file === null);
  }

  /** Why results are not kept; they stay in memory until the page is closed. */
  get keepingError(): AppError | null {
    return this.#keepingError;
  }

  /** Why it ended before all were heard, where nobody cancelled it. */
  get failure(): AppError | null {
    return this.#failure;
  }

  get openIndex(): number | null {
    return this.#openIndex;
  }

  /** Takes the place of whatever was there. Resolves when all are heard or the rest is cancelled. */
  async listen(collection: Collection, isSimulated = false): Promise<void> {
    this.close();
    const attempt = new AbortController();
    this.#running = attempt;
    this.#isRunning = true;
    this.#isSimulated = isSimulated;
    this.#files = collection.recordings;
    this.#skipped = collection.skipped;
    this.#waiting = collection;
    const manifest = await this.#ready(collection.recordings[0]);
    if (this.#running !== attempt) return;
    if (!manifest) {
      this.#end();
      return;
    }
    this.#waiting = null;
    const { timestamp, newId, readTruth, store, settings, pause, persist } = this.#dependencies;
    const truth = await readTruth(collection, manifest.labels).catch((error: unknown) => {
      if (this.#running === attempt) this.close();
      throw error;
    });
    const files = filesOf(collection, truth);
    await pause();
    if (this.#running !== attempt) return;
    const threshold = settings.thresholdOf(manifest) ?? manifest.threshold;
    const createdAt = timestamp();
    const entry = newEntry(newId(createdAt), files, manifest, threshold, createdAt);
    this.#skipped = collection.skipped;
    this.#truth = truth;
    this.#entry = entry;
    this.#ledger = ledgerOf(entry, files);
    await pause();
    if (this.#running !== attempt) return;
    const isKept = !isSimulated && files.names.length > 0;
    this.#keeper = isKept ? BatchKeeper.create(store, entry, files) : BatchKeeper.forget(store);
    // Of one recording little is kept, and it is soon heard again.
    if (isKept && files.names.length > 1) void persist();
    await this.#hear([...files.names.keys()], attempt);
  }

  /** A batch of the history, without its sound. False where there is none of that id, or another was asked for since. */
  async show(id: string): Promise<boolean> {
    if (this.#entry?.id === id) return true;
    this.close();
    const attempt = new AbortController();
    this.#running = attempt;
    const found = await this.#dependencies.store.read(id);
    if (!found || this.#running !== attempt) return false;
    await this.#load(found.entry, found.files, attempt);
    if (this.#running !== attempt) return true;
    this.#running = null;
    if (this.threshold !== found.entry.threshold) void this.#save();
    return true;
  }

  /**
   * Goes on with a batch of an earlier visit: what is answered stays, the rest is heard where its file was found
   * again, by path and size. Resolves when it has begun.
   * @throws AppError `nothing-to-do` when none of the files belongs to it; `model-missing` when another model is in use
   */
  async resumeWith(id: string, recordings: readonly FoundFile[]): Promise<void> {
    const { store, model } = this.#dependencies;
    const found = await store.read(id);
    const files = found ? matched(found.files, recordings) : [];
    if (!found || files.every((file) => file === null)) throw notThese();
    const { sha256 } = await model.ready();
    if (sha256 !== found.entry.model.sha256) throw otherModel();
    this.close();
    const attempt = new AbortController();
    this.#running = attempt;
    await this.#load(found.entry, found.files, attempt);
    if (this.#running !== attempt) return;
    this.#isRunning = true;
    this.#files = files;
    const rest = this.rows.flatMap(({ index, phase }) => (phase === 'done' || !files[index] ? [] : [index]));
    void this.#hear(rest, attempt);
  }

  /** Those that were left out and whose sound is at hand; none while the batch is under way. */
  get unheard(): number[] {
    const rows = this.#isRunning ? NO_ROWS : (this.#followed?.rows ?? NO_ROWS);
    return rows.flatMap(({ index, phase }) => (phase === 'cancelled' && this.#files[index] ? [index] : []));
  }

  /** Hears these once more: failed ones, or ones that a cancellation left out. */
  async retry(indices: readonly number[]): Promise<void> {
    if (this.#isRunning || !this.#ledger) return;
    const attempt = new AbortController();
    this.#running = attempt;
    this.#isRunning = true;
    await this.#hear(
      indices.filter((index) => this.#files[index]),
      attempt,
    );
  }

  /** The storage was cleared: what is in memory is kept again; what is not is heard again while the batch is under way. */
  storageCleared(): Promise<void> {
    this.#recovery = this.#recover();
    return this.#recovery;
  }

  async #recover(): Promise<void> {
    if (!this.#entry || this.isStored) return;
    const keeper = this.#keeper;
    await keeper.startAgain(true);
    if (this.#keeper !== keeper) return;
    const { phase } = this.#dependencies.analysis;
    if (phase.kind === 'done' && this.#openIndex !== null) keeper.add(this.#openIndex, phase.result);
    if (this.#isRunning || this.#lost.length === 0) this.#keepLost();
    else this.#keepingError = cleared();
  }

  /** After the storage refused it, or was cleared. Answers that are nowhere whole are heard again. */
  async keepAgain(): Promise<void> {
    const keeper = this.#keeper;
    await keeper.startAgain(false);
    if (this.#keeper !== keeper) return;
    this.#keepingError = null;
    const lost = this.#lost;
    if (!this.#isRunning && lost.length > 0) await this.retry(lost);
    else this.#keepLost();
  }

  /** Opens one: hears it again, now with its picture, or shows what is known where its sound is not at hand. */
  open(index: number): void {
    const row = this.rows[index];
    if (!row || this.#openIndex === index) return;
    void this.#open(index);
  }

  /** The open one again, after a failure; all of it, where there was no model to hear it with. */
  async again(): Promise<void> {
    if (this.#waiting) await this.listen(this.#waiting, this.#isSimulated);
    else if (this.#openIndex !== null) await this.#open(this.#openIndex);
  }

  /** All of it anew, by the model that answers now, where its sound is at hand. Resolves as `listen` does. */
  async hearAnew(): Promise<void> {
    const recordings = this.#files.filter((file) => file !== null);
    if (this.#isRunning || recordings.length === 0) return;
    const collection = { recordings, skipped: [...this.#skipped], labelFiles: [], handles: [] };
    await this.listen(collection, this.#isSimulated);
  }

  /** Opens the neighbour of the open one, `step` places down the order in which rows are shown. */
  openNeighbour(step: number, order: ArrayLike<number>): void {
    const places = Array.from(order);
    const at = this.#openIndex === null ? -1 : places.indexOf(this.#openIndex);
    const next = at < 0 ? (step > 0 ? 0 : places.length - 1) : at + step;
    const index = places[Math.min(places.length - 1, Math.max(0, next))];
    if (index !== undefined) this.open(index);
  }

  /** @param threshold null: the model's own. Classes, counts, exports and what is open follow at once. */
  setThreshold(threshold: number | null): void {
    const ledger = this.#ledger;
    if (!ledger) return;
    ledger.moveThreshold(threshold ?? ledger.judgement.threshold);
    this.#dependencies.analysis.judgeBy(ledger.threshold, ledger.judgement);
    this.#version++;
    // Half loaded or half heard, its counts are not worth keeping: they are saved at the end.
    if (!this.#running) void this.#save();
  }

  /** Results of these, or of all that are answered, at the present threshold; see `judgedResults`. */
  async *results(indices: Iterable<number> | null = null): AsyncIterable<RecordingResult[]> {
    if (this.#ledger) yield* judgedResults(this.#keeper, this.#ledger, indices);
  }

  /** Stops after what is already answered. */
  cancel(): void {
    if (!this.#isRunning) return;
    this.#running?.abort();
    this.#ledger?.cancelRest();
    if (this.#dependencies.analysis.phase.kind === 'working') {
      this.#dependencies.analysis.close();
      this.#openIndex = null;
    }
    this.#end('cancelled');
  }

  /** Back to the empty page. What is under way is cancelled and can be gone on with from the history. */
  close(): void {
    if (this.#isRunning) this.cancel();
    this.#running?.abort();
    this.#running = null;
    this.#ledger = null;
    this.#keeper = BatchKeeper.forget(this.#dependencies.store);
    this.#entry = null;
    this.#waiting = null;
    this.#isSimulated = false;
    this.#files = [];
    this.#skipped = [];
    this.#truth = null;
    this.#openIndex = null;
    this.#progress = NO_PROGRESS;
    this.#keepingError = null;
    this.#failure = null;
    this.#dependencies.analysis.close();
    this.#version++;
  }

  /** What is nowhere any more is heard again in the run under way; what waits is written. */
  #keepLost(): void {
    const lost = this.#lost;
    for (const index of lost) this.#ledger?.requeue(index);
    this.#again.push(...lost);
    void this.#save();
  }

  /** Answered ones whose whole result is nowhere any more, and whose sound is at hand. */
  get #lost(): number[] {
    const rows = this.#ledger?.rows ?? NO_ROWS;
    return rows.flatMap(({ index, phase }) =>
      phase === 'done' && this.#files[index] && !this.#keeper.has(index) ? [index] : [],
    );
  }

  /** For whoever reads what changes within the ledger: the version, read here, is what tells of it. */
  get #followed(): BatchLedger | null {
    return this.#version < 0 ? null : this.#ledger;
  }

  /** The manifest in use, or null after a failure, which is then what is open. */
  async #ready(first: FoundFile | undefined) {
    const { model, analysis } = this.#dependencies;
    if (first) analysis.expect(this.#recording(first));
    try {
      return await model.ready();
    } catch (error) {
      if (first && this.#isRunning) analysis.fail(this.#recording(first), toAppError(error));
      return null;
    }
  }

  async #load(entry: BatchEntry, files: BatchFiles, attempt: AbortController): Promise<void> {
    const ledger = ledgerOf(entry, files);
    this.#entry = entry;
    this.#truth = files.truth;
    this.#skipped = files.skipped;
    this.#ledger = ledger;
    this.#files = files.names.map(() => null);
    this.#keeper = BatchKeeper.open(this.#dependencies.store, entry.id, files);
    try {
      for await (const portion of this.#keeper.all()) {
        if (this.#running !== attempt) return;
        for (const { index, result } of portion) ledger.answer(index, result);
        this.#version++;
      }
    } catch (error) {
      if (this.#running === attempt) this.close();
      throw error;
    }
    ledger.cancelRest();
    this.#progress = { ...NO_PROGRESS, done: ledger.nDone, total: ledger.rows.length };
    this.#version++;
  }

  /** Hears recordings through the pool; a single one is heard by being opened. */
  async #hear(indices: readonly number[], attempt: AbortController): Promise<void> {
    const { locks, pool } = this.#dependencies;
    const ledger = this.#ledger;
    if (!ledger || !this.#entry) return;
    const isJudge = this.#isJudge();
    if (!(isJudge instanceof Promise ? await isJudge : isJudge)) {
      this.#refuse(attempt);
      return;
    }
    this.#entry = { ...this.#entry, state: 'running' };
    this.#failure = null;
    const release = locks.hold(this.#entry.id);
    for (const index of indices) ledger.requeue(index);
    this.#stopPulse = this.#startPulse(ledger);
    try {
      const [first] = indices;
      const isSingle = ledger.rows.length === 1;
      const opening =
        first !== undefined && (isSingle || this.#openIndex === null) ? this.#open(first) : null;
      if (isSingle) await opening;
      else {
        for (let next = indices; next.length > 0; next = this.#again.splice(0)) {
          const tasks = tasksOf(next, this.#files, ledger.threshold, this.#dependencies);
          await pool.run(tasks, this.#listener(attempt), attempt.signal);
          await this.#written(attempt);
        }
      }
    } catch (error) {
      // The pool gives every recording its row: what is left is that nothing can be heard at all.
      if (this.#running === attempt && !isAbort(error)) this.#failure = toAppError(error);
    } finally {
      if (this.#running === attempt) {
        ledger.cancelRest();
        this.#end(ledger.nDone === ledger.rows.length ? 'done' : 'cancelled');
      }
      release();
      this.#dependencies.model.refreshReport();
    }
  }

  /** A batch is under way until it is written: that the storage was cleared may be known only then. */
  async #written(attempt: AbortController): Promise<void> {
    if (this.#running !== attempt) return;
    await this.#save();
    await this.#recovery;
  }

  #startPulse(ledger: BatchLedger): () => void {
    const { now, later } = this.#dependencies;
    const onBeat = (progress: BatchProgress): void => {
      this.#progress = progress;
      this.#version++;
    };
    return startPulse(ledger, this.#keeper, { now, later, onBeat, onSave: () => void this.#save() });
  }

  #listener(attempt: AbortController) {
    return {
      onStart: (index: number): void => {
        if (this.#running === attempt) this.#ledger?.start(index);
      },
      onAnswer: (index: number, result: RecordingResult): void => {
        if (this.#running === attempt) this.#answer(index, result);
      },
    };
  }

  #answer(index: number, result: RecordingResult): void {
    this.#ledger?.answer(index, result);
    this.#keeper.add(index, result);
  }

  async #open(index: number): Promise<void> {
    const ledger = this.#ledger;
    const row = ledger?.rows[index];
    if (!ledger || !row) return;
    this.#openIndex = index;
    const { analysis } = this.#dependencies;
    const file = this.#files[index];
    const isJudge = this.#isJudge();
    if (!file || !(isJudge instanceof Promise ? await isJudge : isJudge))
      return this.#showKept(index, ledger);
    const answer = await analysis.open(this.#recording(file), ledger.threshold);
    if (!answer || this.#ledger !== ledger) return;
    this.#answer(index, answer.result);
    analysis.judgeBy(ledger.threshold, ledger.judgement);
    if (!this.#isRunning) {
      this.#progress = { ...this.#progress, done: ledger.nDone };
      void this.#save();
    }
    this.#version++;
  }

  /** Whether the model that answers now is the one that has judged the rest: no batch is answered by two. */
  #isJudge(): boolean | Promise<boolean> {
    const { model } = this.#dependencies;
    const judge = this.#entry?.model.sha256;
    if (model.manifest) return model.manifest.sha256 === judge;
    // What cannot be started is told by whoever asks it for an answer.
    return model.ready().then(
      ({ sha256 }) => sha256 === judge,
      () => true,
    );
  }

  /** Another model answers by now: what is known stays. */
  #refuse(attempt: AbortController): void {
    if (this.#running !== attempt) return;
    this.#failure = otherModel();
    this.#end();
  }

  /** Opens one whose sound is not at hand, or that was heard by a model that is not in use. */
  async #showKept(index: number, ledger: BatchLedger): Promise<void> {
    const { analysis } = this.#dependencies;
    const recording = notKept(ledger.rows[index]?.fileName ?? '');
    const isWanted = (): boolean => this.#openIndex === index && this.#ledger === ledger;
    try {
      const result = await this.#keeper.read(index);
      if (result && isWanted()) analysis.show(recording, rejudge(result, ledger.threshold, ledger.judgement));
    } catch (error) {
      if (isWanted()) analysis.fail(recording, toAppError(error));
    }
  }

  #recording(file: FoundFile): RecordingFile {
    return { fileName: file.path, read: () => file.read(), isSimulated: this.#isSimulated };
  }

  /** @param state of the entry from now on; without one nothing of it was begun */
  #end(state?: 'done' | 'cancelled'): void {
    this.#stopPulse();
    this.#running = null;
    this.#isRunning = false;
    this.#again = [];
    const { nDone, rows } = this.#ledger ?? { nDone: 0, rows: NO_ROWS };
    this.#progress = { ...this.#progress, done: nDone, total: rows.length, leftSec: null };
    this.#version++;
    if (this.#entry && state) {
      this.#entry = { ...this.#entry, state };
      void this.#save();
    }
  }

  /** Writes what waits, with the entry as it is now. Resolves when it is written or refused. */
  async #save(): Promise<void> {
    const ledger = this.#ledger;
    if (!this.#entry || !ledger) return;
    const { counts, threshold, soundSec } = ledger;
    const entry = { ...this.#entry, counts, threshold, soundSec, updatedAt: this.#dependencies.timestamp() };
    this.#entry = entry;
    const keeper = this.#keeper;
    await keeper.save(entry);
    if (this.#keeper === keeper) this.#keepingError = keeper.error;
  }
}

const NO_ROWS: readonly BatchRow[] = [];
