// The batch on screen, from one recording to many thousands: handed over now, going on after an earlier visit, or
// looked up in the history. One threshold judges all of it and can be moved at any time. What there is of it is in
// held-batch.svelte.ts, what is under way with it in batch-hearing.svelte.ts.

import { toAppError, type AppError } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import type { LabelReading } from '../core/training/labels.ts';
import type { Collection } from '../input/collect-files.ts';
import type { FoundFile } from '../input/found-file.ts';
import type { BatchCounts, BatchEntry, BatchFiles, BatchStore } from '../storage/batch-record.ts';
import type { AnalysisState } from './analysis.svelte.ts';
import { BatchHearing, type HearingDependencies } from './batch-hearing.svelte.ts';
import { BatchKeeper } from './batch-keeper.ts';
import { BatchRecovery } from './batch-recovery.ts';
import type { BatchRow } from './batch-row.ts';
import { filesOf, matched, newEntry, NO_COUNTS, notThese, otherModel, recordingOf } from './batch-start.ts';
import { HeldBatch } from './held-batch.svelte.ts';
import type { NewId } from './new-id.ts';
import { OpenedRow } from './opened-row.svelte.ts';
import type { ReadTruth } from './ports.ts';
import type { SettingsState } from './settings.svelte.ts';

export interface BatchDependencies extends HearingDependencies {
  settings: SettingsState;
  analysis: AnalysisState;
  store: BatchStore;
  /** A batch of many is kept now: the browser is asked not to throw the storage away. */
  persist: () => Promise<unknown>;
  readTruth: ReadTruth;
  /** Between two slices of work on thousands of rows. */
  pause: () => Promise<void>;
  /** ISO 8601, UTC. */
  timestamp: () => string;
  newId: NewId;
}

/** The same one every time: whoever follows rows takes another array for another batch. */
const NONE: readonly never[] = [];

export class BatchState {
  readonly hearing: BatchHearing;
  readonly recovery: BatchRecovery;
  readonly #dependencies: BatchDependencies;
  readonly #opened: OpenedRow;
  #held = $state.raw<HeldBatch | null>(null);
  /** What was handed over, as long as it is no batch: it waits for a model. */
  #handed = $state.raw<{ collection: Collection; isSimulated: boolean } | null>(null);

  constructor(dependencies: BatchDependencies) {
    this.#dependencies = dependencies;
    this.#opened = new OpenedRow(dependencies.analysis, dependencies.model);
    this.hearing = new BatchHearing(dependencies, this.#opened);
    this.recovery = new BatchRecovery(() => this.#held, this.hearing, this.#opened);
  }

  /** What there is of it; null on the empty page and while its model is not ready. */
  get held(): HeldBatch | null {
    return this.#held;
  }

  /** What the history says of it; null on the empty page and while its model is not ready. */
  get entry(): BatchEntry | null {
    return this.#held?.entry ?? null;
  }

  /** One array for as long as the batch is the same; its rows are replaced in place, and `version` tells of it. */
  get rows(): readonly BatchRow[] {
    return this.#held?.ledger.rows ?? NONE;
  }

  get version(): number {
    return this.#held?.version ?? 0;
  }

  get isRunning(): boolean {
    return this.hearing.isRunning;
  }

  /** Nothing was handed over, or it was put away. */
  get isEmpty(): boolean {
    const isIdle = !this.isRunning && this.#dependencies.analysis.phase.kind === 'idle';
    return isIdle && this.rows.length === 0 && this.skipped.length === 0;
  }

  get skipped(): readonly SkippedFile[] {
    return (this.#held ?? this.#handed?.collection)?.skipped ?? NONE;
  }

  get truth(): LabelReading | null {
    return this.#held?.truth ?? null;
  }

  /** At the threshold. */
  get counts(): BatchCounts {
    return this.#held?.followed.counts ?? NO_COUNTS;
  }

  /** Of the model that judged, in its order. */
  get labels(): readonly string[] {
    return this.#held?.ledger.judgement.labels ?? NONE;
  }

  /** On the calibrated probability: the one that everything of this batch follows. */
  get threshold(): number {
    return this.#held?.followed.threshold ?? 0;
  }

  /** The threshold of the model that judged. */
  get ownThreshold(): number {
    return this.#held?.ledger.judgement.threshold ?? 0;
  }

  /** Its recordings are not at hand: what is known of them comes from the history. */
  get isStored(): boolean {
    return this.#held?.isStored ?? false;
  }

  /** Those that were left out and whose sound is at hand; none while the batch is under way. */
  get unheard(): number[] {
    return this.isRunning ? [] : (this.#held?.unheard ?? []);
  }

  /** Why results are not kept; they stay in memory until the page is closed. */
  get keepingError(): AppError | null {
    return this.#held?.keepingError ?? null;
  }

  get openIndex(): number | null {
    return this.#opened.index;
  }

  /** Takes the place of whatever was there. Resolves when all are heard or the rest is cancelled. */
  async listen(collection: Collection, isSimulated = false): Promise<void> {
    this.close();
    const signal = this.hearing.begin();
    this.#handed = { collection, isSimulated };
    const manifest = await this.#ready(collection.recordings[0], isSimulated, signal);
    if (this.hearing.isOver(signal)) return;
    if (!manifest) {
      this.hearing.end(null);
      return;
    }
    const { timestamp, newId, readTruth, store, settings, pause, persist } = this.#dependencies;
    const truth = await readTruth(collection, manifest.labels).catch((error: unknown) => {
      if (!this.hearing.isOver(signal)) this.close();
      throw error;
    });
    const files = filesOf(collection, truth);
    await pause();
    if (this.hearing.isOver(signal)) return;
    const threshold = settings.thresholdOf(manifest) ?? manifest.threshold;
    const createdAt = timestamp();
    const entry = newEntry(newId(createdAt), files, manifest, threshold, createdAt);
    const sound = { files: collection.recordings, isSimulated };
    const batch = new HeldBatch(entry, files, sound, BatchKeeper.forget(store), timestamp);
    this.#held = batch;
    this.#handed = null;
    await pause();
    if (this.hearing.isOver(signal)) return;
    const isKept = !isSimulated && files.names.length > 0;
    if (isKept) batch.keeper = BatchKeeper.create(store, entry, files);
    // Of one recording little is kept, and it is soon heard again.
    if (isKept && files.names.length > 1) void persist();
    await this.hearing.hear(batch, [...files.names.keys()], signal);
  }

  /** A batch of the history, without its sound. False where there is none of that id, or another was asked for since. */
  async show(id: string): Promise<boolean> {
    if (this.entry?.id === id) return true;
    this.close();
    const signal = this.hearing.begin(false);
    const found = await this.#dependencies.store.read(id);
    if (!found || this.hearing.isOver(signal)) return false;
    const batch = await this.#load(found.entry, found.files);
    if (batch && batch.ledger.threshold !== found.entry.threshold) void batch.save();
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
    const batch = await this.#load(found.entry, found.files);
    if (!batch) return;
    batch.sound = { files, isSimulated: false };
    const rest = batch.ledger.rows.flatMap(({ index, phase }) =>
      phase === 'done' || !files[index] ? [] : [index],
    );
    void this.hearing.hear(batch, rest);
  }

  /** Hears these once more: failed ones, or ones that a cancellation left out. */
  async retry(indices: readonly number[]): Promise<void> {
    const batch = this.#held;
    if (this.isRunning || !batch) return;
    const { files } = batch.sound;
    await this.hearing.hear(
      batch,
      indices.filter((index) => files[index]),
    );
  }

  /** Opens one: hears it again, now with its picture, or shows what is known where its sound is not at hand. */
  open(index: number): void {
    const batch = this.#held;
    if (batch?.ledger.rows[index] && this.openIndex !== index) void this.hearing.open(batch, index);
  }

  /** The open one again, after a failure; all of it, where there was no model to hear it with. */
  async again(): Promise<void> {
    const { openIndex } = this;
    if (this.#handed) await this.listen(this.#handed.collection, this.#handed.isSimulated);
    else if (this.#held && openIndex !== null) await this.hearing.open(this.#held, openIndex);
  }

  /** All of it anew, by the model that answers now, where its sound is at hand. Resolves as `listen` does. */
  async hearAnew(): Promise<void> {
    const { files = [], isSimulated } = this.#held?.sound ?? {};
    const recordings = files.filter((file) => file !== null);
    if (this.isRunning || recordings.length === 0) return;
    await this.listen({ recordings, skipped: [...this.skipped], labelFiles: [], handles: [] }, isSimulated);
  }

  /** @param threshold null: the model's own. Classes, counts, exports and what is open follow at once. */
  setThreshold(threshold: number | null): void {
    const batch = this.#held;
    if (!batch) return;
    const { ledger } = batch;
    ledger.moveThreshold(threshold ?? ledger.judgement.threshold);
    this.#dependencies.analysis.judgeBy(ledger.threshold, ledger.judgement);
    batch.changed();
    // Half loaded or half heard, its counts are not worth keeping: they are saved at the end.
    if (this.hearing.isIdle) void batch.save();
  }

  /** Stops after what is already answered. */
  cancel(): void {
    if (!this.isRunning) return;
    this.#opened.stop();
    this.hearing.cancel(this.#held);
  }

  /** Back to the empty page. What is under way is cancelled and can be gone on with from the history. */
  close(): void {
    this.cancel();
    this.hearing.forget();
    this.#opened.close();
    this.#held = null;
    this.#handed = null;
  }

  /** The manifest in use, or null after a failure, which is then what is open. */
  async #ready(
    first: FoundFile | undefined,
    isSimulated: boolean,
    signal: AbortSignal,
  ): Promise<ModelManifest | null> {
    const { model, analysis } = this.#dependencies;
    const recording = first && recordingOf(first, isSimulated);
    if (recording) analysis.expect(recording);
    try {
      return await model.ready();
    } catch (error) {
      if (recording && !this.hearing.isOver(signal)) analysis.fail(recording, toAppError(error));
      return null;
    }
  }

  /** Null where something else was asked for meanwhile. */
  async #load(entry: BatchEntry, files: BatchFiles): Promise<HeldBatch | null> {
    const { store, timestamp } = this.#dependencies;
    const sound = { files: files.names.map(() => null), isSimulated: false };
    const keeper = BatchKeeper.open(store, entry.id, files);
    const batch = new HeldBatch(entry, files, sound, keeper, timestamp);
    this.#held = batch;
    try {
      return (await this.hearing.load(batch)) ? batch : null;
    } catch (error) {
      if (this.#held === batch) this.close();
      throw error;
    }
  }
}
