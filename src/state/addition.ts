// Adding a hand-over to the collection: each recording read, surveyed and kept, some at a time, so that thousands need
// no more memory than a few. A bad one is told, and the rest goes on; what is in stays, whatever ends it.

import type { FoundFacts } from '../core/collection/facts.ts';
import type { CollectedRecording, RecordingFacts, SoundSurvey } from '../core/collection/types.ts';
import { isAbort, toAppError, type AppError } from '../core/errors.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import type { Collection } from '../input/collect-files.ts';
import type { FoundFile } from '../input/found-file.ts';
import type { RecordingSource } from '../rpc/protocol.ts';
import type { CollectedSound, CollectionStore } from '../storage/collection-record.ts';
import { BatchPace } from './batch-pace.ts';
import type { BatchProgress } from './batch-row.ts';
import type { PrepareRecording } from './ports.ts';

/** Kept in one transaction: few enough that the page goes on meanwhile, and so little that memory stays flat. */
const KEEP_AT_ONCE = 32;
const KEEP_BYTES = 4_000_000;
/** The screen follows so often, milliseconds. */
const BEAT_MS = 150;

export interface AddingOutcome {
  nAdded: number;
  /** The same file was there already. */
  nKnown: number;
  /** What could not be read, with code and sentence. */
  failed: { fileName: string; code: string; message: string }[];
  /** What is no recording. */
  skipped: SkippedFile[];
  /** Not reached: cancelled, or there was no room. */
  nLeft: number;
  /** Why it ended early; null: it did not, or a person stopped it. */
  error: AppError | null;
}

/** Workers that survey; see rpc/survey-crew.ts. */
export interface Surveyors {
  readonly size: number;
  survey(read: () => Promise<RecordingSource>, signal: AbortSignal): Promise<SoundSurvey>;
  dismiss(): void;
}

export interface AdditionDependencies {
  store: Pick<CollectionStore, 'add'>;
  surveyors: Surveyors;
  prepare: PrepareRecording;
  /** What is there: by id, and by name and size. */
  known: () => readonly CollectedRecording[];
  onAdded: (recordings: readonly CollectedRecording[]) => void;
  /** Milliseconds, monotonic. */
  now: () => number;
  /** ISO 8601, UTC. */
  timestamp: () => string;
}

/** What a person says of all that is handed over. */
export interface AddingChoice {
  /** For those that come without one; null: they stay without. */
  label: string | null;
  /** For all; null: as found. */
  source: string | null;
  /** Whether folders name classes. */
  usesFolders: boolean;
}

/** How many are there already, as far as name and size tell. */
export function countSeen(files: readonly FoundFile[], known: readonly CollectedRecording[]): number {
  const seen = new Set(known.map(({ fileName, sizeBytes }) => `${sizeBytes} ${fileName}`));
  return files.filter(({ path, sizeBytes }) => seen.has(`${sizeBytes} ${path}`)).length;
}

/** What is kept of a recording's facts when a person has had their say. */
export function chosenFacts(
  facts: RecordingFacts,
  from: FoundFacts['from'],
  { label, source, usesFolders }: AddingChoice,
): RecordingFacts {
  const found = from === 'folders' && !usesFolders ? null : facts.label;
  return { ...facts, label: found ?? label, source: source ?? facts.source };
}

/** One run over a hand-over. */
export class Addition {
  readonly #dependencies: AdditionDependencies;
  readonly #collection: Collection;
  readonly #facts: readonly RecordingFacts[];
  readonly #onProgress: (progress: BatchProgress) => void;
  readonly #pace: BatchPace;
  readonly #known: Set<string>;
  readonly #addedAt: string;
  readonly #outcome: AddingOutcome;
  #waiting: CollectedSound[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #nDone = 0;
  #soundSec = 0;
  #lastBeat = -Infinity;
  #full: AppError | null = null;

  constructor(
    dependencies: AdditionDependencies,
    collection: Collection,
    facts: readonly RecordingFacts[],
    onProgress: (progress: BatchProgress) => void,
  ) {
    this.#dependencies = dependencies;
    this.#collection = collection;
    this.#facts = facts;
    this.#onProgress = onProgress;
    this.#pace = new BatchPace(dependencies.now(), 0, 0);
    this.#known = new Set(dependencies.known().map(({ id }) => id));
    this.#addedAt = dependencies.timestamp();
    const skipped = collection.skipped;
    this.#outcome = { nAdded: 0, nKnown: 0, failed: [], skipped, nLeft: 0, error: null };
  }

  async run(signal: AbortSignal): Promise<AddingOutcome> {
    this.#beat();
    const queue = this.#collection.recordings.entries();
    // One more than there are workers: while they work the next one is read.
    const lanes = Array.from({ length: this.#dependencies.surveyors.size + 1 }, () =>
      this.#lane(queue, signal),
    );
    await Promise.all(lanes);
    await this.#keep();
    const { nAdded, nKnown, failed } = this.#outcome;
    const nLeft = this.#collection.recordings.length - nAdded - nKnown - failed.length;
    return { ...this.#outcome, nLeft, error: this.#full };
  }

  async #lane(queue: Iterator<[number, FoundFile]>, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted || this.#full) return;
      const next = queue.next();
      if (next.done) return;
      const [index, file] = next.value;
      try {
        await this.#add(file, this.#facts[index], signal);
      } catch (error) {
        if (isAbort(error)) return;
        const { code, message } = toAppError(error);
        this.#outcome.failed.push({ fileName: file.path, code, message });
      }
      this.#nDone++;
      this.#beat();
    }
  }

  async #add(found: FoundFile, facts: RecordingFacts | undefined, signal: AbortSignal): Promise<void> {
    const copy: { bytes?: ArrayBuffer } = {};
    const file = await found.read();
    const survey = await this.#dependencies.surveyors.survey(async () => {
      const source = await this.#dependencies.prepare(file);
      // The worker takes what it is given, so what is kept is a copy.
      if (source.kind === 'bytes') copy.bytes = source.bytes.slice(0);
      return source;
    }, signal);
    const { sha256: id, ...rest } = survey;
    this.#soundSec += survey.durationSec;
    if (this.#known.has(id)) {
      this.#outcome.nKnown++;
      return;
    }
    this.#known.add(id);
    const bytes = copy.bytes ?? (await file.arrayBuffer());
    const own = facts ?? { label: null, group: null, source: '', site: null, side: null };
    const recording: CollectedRecording = {
      id,
      fileName: found.path,
      sizeBytes: bytes.byteLength,
      addedAt: this.#addedAt,
      ...own,
      ...rest,
    };
    this.#waiting.push({ recording, bytes });
    this.#waitingBytes += bytes.byteLength;
    if (this.#waiting.length >= KEEP_AT_ONCE || this.#waitingBytes >= KEEP_BYTES) await this.#keep();
  }

  /** One chunk after the other; who has one to keep waits for those before it. */
  async #keep(): Promise<void> {
    const sounds = this.#waiting.splice(0);
    this.#waitingBytes = 0;
    this.#writing = this.#writing.then(() => this.#write(sounds));
    await this.#writing;
  }

  async #write(sounds: readonly CollectedSound[]): Promise<void> {
    if (sounds.length === 0 || this.#full) return;
    try {
      const ids = new Set(await this.#dependencies.store.add(sounds));
      const added = sounds.flatMap(({ recording }) => (ids.has(recording.id) ? recording : []));
      this.#outcome.nAdded += added.length;
      // Another tab was faster with the rest.
      this.#outcome.nKnown += sounds.length - added.length;
      this.#dependencies.onAdded(added);
    } catch (error) {
      this.#full = toAppError(error);
    }
  }

  #beat(): void {
    const atMs = this.#dependencies.now();
    const total = this.#collection.recordings.length;
    if (atMs - this.#lastBeat < BEAT_MS && this.#nDone < total) return;
    this.#lastBeat = atMs;
    this.#onProgress(this.#pace.mark({ atMs, nDone: this.#nDone, soundSec: this.#soundSec }, total));
  }
}
