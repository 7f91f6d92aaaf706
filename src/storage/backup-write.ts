// Writes a backup as a stream: what there is, is listed first; then one thing after the other is read whole in one
// transaction, checked as a restore will check it, hashed and handed on. So memory stays flat however much there is,
// and the program may be used meanwhile: what is added later is not in the backup, what is changed is in it as it was
// or as it is, what is deleted or cannot be read is left out whole, and nothing refers to what is not there.

import { makeZip } from 'client-zip';
import { AppError } from '../core/errors.ts';
import { isRecord } from './backup-checks.ts';
import { RecordWriter } from './backup-codec.ts';
import {
  arraysPath,
  BACKUP_SCHEMA,
  blobPath,
  MANIFEST_PATH,
  MAX_JSON_BYTES,
  noCounts,
  recordsPath,
  type BackupEntry,
  type BackupManifest,
  type BlobKind,
  type RecordKind,
} from './backup-format.ts';
import type { BackupRecords, KeptValue } from './backup-record.ts';
import { BackupSource, type Census } from './backup-source.ts';
import { MIGRATIONS, type Database } from './db.ts';
import { storageText } from './storage-text.ts';

/** A portion of records is an entry: small enough to parse without a long task. */
const PORTION_BYTES = 2 ** 16;
const PORTION_RECORDS = 200;
/** Bytes handed on at a time: the zip's checksum is computed on the page's thread. */
const SLICE_BYTES = 2 ** 20;
/** At least, of manifest.json: what stands before the entries at most, and the line of a sound. */
const MANIFEST_HEAD_BYTES = 4096;
const SOUND_LINE_BYTES = 180;
/** About what a record takes, for the time left: sounds are weighed, all else is guessed. */
const WEIGHTS = { recording: 4000, result: 2000, batch: 20_000, model: 700_000, run: 100_000 };

/** What is kept beside the database, as texts by key. */
export interface KeptValues {
  all(): KeptValue[];
  /** Afterwards there are these and no others. Never throws: where there is no room, what does not fit is missing. */
  replaceAll(values: readonly KeptValue[]): void;
}

export interface WriteOptions {
  database: Database;
  values: KeptValues;
  appVersion: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** SHA-256, lower-case hex. */
  hash: (bytes: BufferSource) => Promise<string>;
  /** Awaited between entries, so that the page goes on. */
  pause: () => Promise<void> | undefined;
  onProgress: (progress: WriteProgress) => void;
}

/** Recordings, results, models and runs so far and in all; and how much of the work that is. */
export interface WriteProgress {
  done: number;
  total: number;
  bytes: number;
  /** 0..1. */
  fraction: number;
}

export interface WrittenBackup {
  manifest: BackupManifest;
  /** Deleted meanwhile, or damaged in the database. */
  nLeftOut: number;
}

/** A file as client-zip takes it. */
interface ZipFile {
  name: string;
  input: Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array<ArrayBuffer>>;
  lastModified: Date;
}

/**
 * @param onWritten called when the last byte is on its way
 * @returns the zip. It ends with AppError `storage-blocked` where the database cannot be read, `backup-too-large` where
 *   there is more than a restore would read; cancel it to stop.
 */
export function writeBackup(
  options: WriteOptions,
  onWritten: (written: WrittenBackup) => void,
): ReadableStream<Uint8Array> {
  return makeZip(new BackupWriter(options).files(onWritten));
}

class BackupWriter {
  readonly #options: WriteOptions;
  readonly #source: BackupSource;
  readonly #modified: Date;
  readonly #entries: BackupEntry[] = [];
  readonly #counts = noCounts();
  readonly #blobs = new Set<string>();
  readonly #models = new Set<string>();
  #nLeftOut = 0;
  #done = 0;
  #weightDone = 0;
  #total = { n: 0, weight: 0 };
  #bytes = 0;
  /** Of manifest.json so far. */
  #listBytes = MANIFEST_HEAD_BYTES;

  constructor(options: WriteOptions) {
    this.#options = options;
    this.#source = new BackupSource(options.database, options.hash);
    this.#modified = new Date(options.createdAt);
  }

  async *files(onWritten: (written: WrittenBackup) => void): AsyncGenerator<ZipFile> {
    const census = await this.#source.census();
    // Said before gigabytes are written, too.
    if (census.recordings.length * SOUND_LINE_BYTES > MAX_JSON_BYTES) throw tooLarge();
    this.#total = totalOf(census);
    yield* this.#recordings(census.recordings);
    yield* this.#batches(census.batches);
    yield* this.#portions('models', census.models, WEIGHTS.model, (key) => this.#model(key));
    yield* this.#portions('runs', census.runs, WEIGHTS.run, (id) => this.#run(id));
    yield* this.#active();
    yield* this.#settings();
    const { appVersion, createdAt } = this.#options;
    const manifest: BackupManifest = {
      schema: BACKUP_SCHEMA,
      appVersion,
      databaseVersion: MIGRATIONS.length,
      createdAt,
      counts: this.#counts,
      entries: this.#entries,
    };
    yield this.#file(MANIFEST_PATH, new TextEncoder().encode(manifestText(manifest)));
    onWritten({ manifest, nLeftOut: this.#nLeftOut });
  }

  async *#recordings(census: Census['recordings']): AsyncGenerator<ZipFile> {
    const portion = new Portion('recordings');
    for (const { id, sizeBytes } of census) {
      const found = await this.#source.recording(id);
      if (found) {
        yield* this.#blob('sounds', id, found.bytes);
        portion.add(found.record);
        if (portion.isFull) yield* this.#records(portion);
      } else this.#nLeftOut++;
      this.#tell(1, WEIGHTS.recording + sizeBytes);
    }
    yield* this.#records(portion);
  }

  async *#batches(ids: readonly string[]): AsyncGenerator<ZipFile> {
    const portion = new Portion('batches');
    const results = new Portion('results');
    for (const id of ids) {
      const found = await this.#source.batch(id);
      if (found) {
        portion.add(found.record);
        for await (const some of this.#source.results(id, found.indices)) {
          for (const result of some) {
            if (result) results.add(result);
            else this.#nLeftOut++;
            this.#tell(1, WEIGHTS.result);
            if (results.isFull) yield* this.#records(results);
          }
          await this.#options.pause();
        }
        // Of one batch an entry.
        yield* this.#records(results);
        if (portion.isFull) yield* this.#records(portion);
      } else this.#nLeftOut++;
      this.#tell(0, WEIGHTS.batch);
    }
    yield* this.#records(portion);
  }

  async *#model(key: string): AsyncGenerator<ZipFile, BackupRecords['models'] | null> {
    const found = await this.#source.model(key);
    if (!found) return null;
    const { record, weights, replay } = found;
    const { manifest, replaySha256 } = record.model;
    yield* this.#blob('blobs', manifest.sha256, weights);
    if (replay && replaySha256 !== null) yield* this.#blob('blobs', replaySha256, replay);
    this.#models.add(key);
    return record;
  }

  // eslint-disable-next-line require-yield -- of a run nothing is an entry of its own
  async *#run(id: string): AsyncGenerator<ZipFile, BackupRecords['runs'] | null> {
    return await this.#source.run(id);
  }

  async *#portions<K extends RecordKind>(
    kind: K,
    keys: readonly string[],
    weight: number,
    read: (key: string) => AsyncGenerator<ZipFile, BackupRecords[K] | null>,
  ): AsyncGenerator<ZipFile> {
    const portion = new Portion(kind);
    for (const key of keys) {
      const record = yield* read(key);
      if (record) portion.add(record);
      else this.#nLeftOut++;
      if (portion.isFull) yield* this.#records(portion);
      this.#tell(1, weight);
    }
    yield* this.#records(portion);
  }

  async *#active(): AsyncGenerator<ZipFile> {
    const active = await this.#source.active();
    if (!active || (active.key.startsWith('local:') && !this.#models.has(active.key))) return;
    const portion = new Portion('active-model');
    portion.add(active);
    yield* this.#records(portion);
  }

  async *#settings(): AsyncGenerator<ZipFile> {
    const portion = new Portion('settings');
    for (const value of this.#options.values.all()) if (isRecord('settings', value)) portion.add(value);
    yield* this.#records(portion);
  }

  /** What is gathered becomes an entry, and one of arrays beside it. */
  async *#records(portion: Portion): AsyncGenerator<ZipFile> {
    if (portion.nRecords === 0) return;
    this.#counts[portion.kind] += portion.nRecords;
    const { path, json, arrays } = portion.take();
    yield await this.#entry(path, json);
    if (arrays) yield await this.#entry(arraysPath(path), arrays);
  }

  /** Two models with the same bytes share them. */
  async *#blob(kind: BlobKind, sha256: string, bytes: ArrayBuffer): AsyncGenerator<ZipFile> {
    const path = blobPath(kind, sha256);
    if (this.#blobs.has(path)) return;
    this.#blobs.add(path);
    yield await this.#entry(path, new Uint8Array(bytes), sha256);
  }

  async #entry(path: string, bytes: Uint8Array<ArrayBuffer>, sha256?: string): Promise<ZipFile> {
    const entry = { path, sizeBytes: bytes.length, sha256: sha256 ?? (await this.#options.hash(bytes)) };
    this.#entries.push(entry);
    this.#listBytes += lineOf(entry).length;
    const isList = path.endsWith('.json');
    if (this.#listBytes > MAX_JSON_BYTES || (isList && bytes.length > MAX_JSON_BYTES)) throw tooLarge();
    await this.#options.pause();
    return this.#file(path, bytes);
  }

  #file(name: string, bytes: Uint8Array<ArrayBuffer>): ZipFile {
    this.#bytes += bytes.length;
    const input = bytes.length > SLICE_BYTES ? inSlices(bytes, this.#options.pause) : bytes;
    return { name, input, lastModified: this.#modified };
  }

  #tell(n: number, weight: number): void {
    this.#done += n;
    this.#weightDone += weight;
    const total = Math.max(this.#total.n, this.#done);
    const fraction = Math.min(1, this.#weightDone / Math.max(1, this.#total.weight));
    this.#options.onProgress({ done: this.#done, total, bytes: this.#bytes, fraction });
  }
}

/** Records of a kind on their way into an entry, and the number of the next. */
class Portion {
  readonly kind: RecordKind;
  #writer = new RecordWriter();
  #number = 0;

  constructor(kind: RecordKind) {
    this.kind = kind;
  }

  get nRecords(): number {
    return this.#writer.nRecords;
  }

  get isFull(): boolean {
    return this.#writer.sizeBytes >= PORTION_BYTES || this.#writer.nRecords >= PORTION_RECORDS;
  }

  add(record: unknown): void {
    this.#writer.add(record);
  }

  take(): { path: string } & ReturnType<RecordWriter['finish']> {
    const taken = { path: recordsPath(this.kind, ++this.#number), ...this.#writer.finish() };
    this.#writer = new RecordWriter();
    return taken;
  }
}

function totalOf({ recordings, batches, nResults, models, runs }: Census): { n: number; weight: number } {
  const weight =
    recordings.reduce((sum, { sizeBytes }) => sum + WEIGHTS.recording + sizeBytes, 0) +
    batches.length * WEIGHTS.batch +
    nResults * WEIGHTS.result +
    models.length * WEIGHTS.model +
    runs.length * WEIGHTS.run;
  return { n: recordings.length + nResults + models.length + runs.length, weight };
}

/** As JSON, an entry a line: whoever looks for one finds it. */
function manifestText({ entries, ...head }: BackupManifest): string {
  const text = JSON.stringify({ ...head, entries: [] }, null, 2);
  const lines = entries.map(lineOf).join('');
  return `${text.replace(/\[\]\n\}$/, () => `[\n${lines.slice(0, -2)}\n  ]\n}`)}\n`;
}

function lineOf(entry: BackupEntry): string {
  return `    ${JSON.stringify(entry)},\n`;
}

/** What a restore would refuse is not written. */
function tooLarge(): AppError {
  return new AppError('backup-too-large', storageText.backup.tooMuch);
}

async function* inSlices(
  bytes: Uint8Array<ArrayBuffer>,
  pause: () => Promise<void> | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
    yield bytes.subarray(from, from + SLICE_BYTES);
    await pause();
  }
}
