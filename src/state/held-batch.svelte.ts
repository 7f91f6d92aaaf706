// One batch as the page has it: its entry in the history, its rows, the files that can be heard, and its whole results
// on their way to storage. It does not know how it comes by its answers.

import type { AppError } from '../core/errors.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import type { LabelReading } from '../core/training/labels.ts';
import type { RecordingResult } from '../core/types.ts';
import type { FoundFile } from '../input/found-file.ts';
import type { BatchEntry, BatchFiles } from '../storage/batch-record.ts';
import type { BatchKeeper } from './batch-keeper.ts';
import type { BatchLedger } from './batch-ledger.ts';
import { cleared, ledgerOf, recordingOf } from './batch-start.ts';
import type { RecordingFile } from './classify-file.ts';
import type { ModelState } from './model.svelte.ts';

/** What of a batch can be heard. */
export interface BatchSound {
  /** By place; null for what is known from the history alone. */
  files: readonly (FoundFile | null)[];
  isSimulated: boolean;
}

export class HeldBatch {
  /** As it is now; `followed` for whoever is to be told when it changes. */
  readonly ledger: BatchLedger;
  readonly truth: LabelReading | null;
  readonly skipped: readonly SkippedFile[];
  sound: BatchSound;
  /** Of whole results. */
  keeper: BatchKeeper;
  readonly #timestamp: () => string;
  #entry: BatchEntry;
  #followed: { ledger: BatchLedger; version: number };
  #refusal = $state.raw<AppError | null>(null);
  /** Whole results are nowhere any more. Nothing is written then: half a history would pass for a whole one. */
  #loss = $state.raw<AppError | null>(null);

  /** @param timestamp ISO 8601, UTC */
  constructor(
    entry: BatchEntry,
    files: BatchFiles,
    sound: BatchSound,
    keeper: BatchKeeper,
    timestamp: () => string,
  ) {
    this.#entry = $state.raw(entry);
    this.ledger = ledgerOf(entry, files);
    this.#followed = $state.raw({ ledger: this.ledger, version: 0 });
    this.truth = files.truth;
    this.skipped = files.skipped;
    this.sound = sound;
    this.keeper = keeper;
    this.#timestamp = timestamp;
  }

  /** What the history says of it. */
  get entry(): BatchEntry {
    return this.#entry;
  }

  /** Tells of changes within the ledger. */
  get version(): number {
    return this.#followed.version;
  }

  get followed(): BatchLedger {
    return this.#followed.ledger;
  }

  /** Why results are not kept; they stay in memory until the page is closed. */
  get keepingError(): AppError | null {
    return this.#loss ?? this.#refusal;
  }

  /** Its recordings are not at hand: what is known of them comes from the history. */
  get isStored(): boolean {
    return this.followed.rows.length > 0 && this.sound.files.every((file) => file === null);
  }

  /** Those that were left out and whose sound is at hand. */
  get unheard(): number[] {
    return this.followed.rows.flatMap(({ index, phase }) =>
      phase === 'cancelled' && this.sound.files[index] ? [index] : [],
    );
  }

  /** Answered ones whose whole result is nowhere any more, and whose sound is at hand. */
  get lost(): number[] {
    return this.ledger.rows.flatMap(({ index, phase }) =>
      phase === 'done' && this.sound.files[index] && !this.keeper.has(index) ? [index] : [],
    );
  }

  /** Null where its sound is not at hand. */
  recording(index: number): RecordingFile | null {
    const file = this.sound.files[index];
    return file ? recordingOf(file, this.sound.isSimulated) : null;
  }

  /** Whether the model that answers now is the one that has judged the rest: no batch is answered by two. */
  isJudgedBy(model: ModelState): boolean | Promise<boolean> {
    const judge = this.#entry.model.sha256;
    if (model.manifest) return model.manifest.sha256 === judge;
    // What cannot be started is told by whoever asks it for an answer.
    return model.ready().then(
      ({ sha256 }) => sha256 === judge,
      () => true,
    );
  }

  /** Takes up the answers that are stored, some at a time, until `signal` fires. */
  async load(signal: AbortSignal): Promise<void> {
    for await (const portion of this.keeper.all()) {
      if (signal.aborted) return;
      for (const { index, result } of portion) this.ledger.answer(index, result);
      this.changed();
    }
    this.ledger.cancelRest();
    this.changed();
  }

  answer(index: number, result: RecordingResult): void {
    this.ledger.answer(index, result);
    this.keeper.add(index, result);
  }

  /** The ledger has changed, and that is to be seen. */
  changed(): void {
    this.#followed = { ledger: this.ledger, version: this.#followed.version + 1 };
  }

  /** Of the entry, from what is saved next. */
  become(state: BatchEntry['state']): void {
    this.#entry = { ...this.#entry, state };
  }

  /** Writes what waits, with the entry as it is now. Resolves when it is written or refused, or results are lost. */
  async save(): Promise<void> {
    const { counts, threshold, soundSec } = this.ledger;
    this.#entry = { ...this.#entry, counts, threshold, soundSec, updatedAt: this.#timestamp() };
    if (this.#loss) return;
    await this.keeper.save(this.#entry);
    this.#refusal = this.keeper.error;
  }

  /** After a refusal, or when the storage was cleared: what waits is tried again with what is saved next. */
  async keepAgain(isCleared: boolean): Promise<void> {
    await this.keeper.startAgain(isCleared);
    this.#loss = null;
    this.#refusal = null;
  }

  /** Whole results are nowhere any more, and nothing is done about it before `keepAgain`. */
  tellLost(): void {
    this.#loss = cleared();
  }
}
