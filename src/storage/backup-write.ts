// Writes a backup as a stream: what there is, is listed first; then one thing after the other is read whole in one
// transaction, checked as a restore will check it, hashed and handed on. So memory stays flat however much there is,
// and the program may be used meanwhile: what is added later is not in the backup, what is changed is in it as it was
// or as it is, what is deleted or cannot be read is left out whole, and nothing refers to what is not there.

import { makeZip } from 'client-zip';
import { isRecord } from './backup-checks.ts';
import { RecordWriter } from './backup-codec.ts';
import {
  arraysPath,
  BACKUP_SCHEMA,
  blobPath,
  MANIFEST_PATH,
  noCounts,
  recordsPath,
  type BackupEntry,
  type BackupManifest,
  type BlobKind,
  type RecordKind,
} from './backup-format.ts';
import { isFitting } from './backup-read.ts';
import type { BackupRecords, KeptValue } from './backup-record.ts';
import { resultRange } from './batch-store.ts';
import { MIGRATIONS, type Database } from './db.ts';

/** A portion of records is an entry: small enough to parse without a long task. */
const PORTION_BYTES = 2 ** 16;
const PORTION_RECORDS = 200;
/** Read at a time, for their sizes or of a batch's results. */
const READ_AT_ONCE = 100;
/** Bytes handed on at a time: the zip's checksum is computed on the page's thread. */
const SLICE_BYTES = 2 ** 20;
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

/** What there was when the backup began. */
interface Census {
  recordings: { id: string; sizeBytes: number }[];
  batches: string[];
  nResults: number;
  models: string[];
  runs: string[];
}

/** A file as client-zip takes it. */
interface ZipFile {
  name: string;
  input: Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array<ArrayBuffer>>;
  lastModified: Date;
}

/**
 * @param onWritten called when the last byte is on its way
 * @returns the zip. It ends with AppError `storage-blocked` where the database cannot be read; cancel it to stop.
 */
export function writeBackup(
  options: WriteOptions,
  onWritten: (written: WrittenBackup) => void,
): ReadableStream<Uint8Array> {
  return makeZip(new BackupWriter(options).files(onWritten));
}

class BackupWriter {
  readonly #options: WriteOptions;
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

  constructor(options: WriteOptions) {
    this.#options = options;
    this.#modified = new Date(options.createdAt);
  }

  async *files(onWritten: (written: WrittenBackup) => void): AsyncGenerator<ZipFile> {
    const census = await takeCensus(this.#options.database);
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
      const found = await this.#recording(id);
      if (found) {
        yield* this.#blob('sounds', id, found.bytes);
        portion.add(found.record);
        if (portion.isFull) yield* this.#records(portion);
      } else this.#nLeftOut++;
      this.#tell(1, WEIGHTS.recording + sizeBytes);
    }
    yield* this.#records(portion);
  }

  async #recording(id: string): Promise<{ record: BackupRecords['recordings']; bytes: ArrayBuffer } | null> {
    const [record, bytes] = await this.#options.database.read((db) => {
      const transaction = db.transaction(['recordings', 'recording-bytes']);
      return Promise.all([
        transaction.objectStore('recordings').get(id),
        transaction.objectStore('recording-bytes').get(id),
      ]);
    });
    if (!bytes || !isRecord('recordings', record) || record.sizeBytes !== bytes.byteLength) return null;
    if ((await this.#options.hash(bytes)) !== id) return null;
    return { record, bytes };
  }

  async *#batches(ids: readonly string[]): AsyncGenerator<ZipFile> {
    const portion = new Portion('batches');
    const results = new Portion('results');
    for (const id of ids) {
      const found = await this.#batch(id);
      if (found) {
        portion.add(found.record);
        for await (const result of this.#results(id, found.indices)) {
          results.add(result);
          if (results.isFull) yield* this.#records(results);
        }
        // Of one batch an entry.
        yield* this.#records(results);
        if (portion.isFull) yield* this.#records(portion);
      } else this.#nLeftOut++;
      this.#tell(0, WEIGHTS.batch);
    }
    yield* this.#records(portion);
  }

  /** With the places of the results that its entry counts: those that come later are not of this backup. */
  async #batch(id: string): Promise<{ record: BackupRecords['batches']; indices: Set<number> } | null> {
    const [entry, files, keys] = await this.#options.database.read((db) => {
      const transaction = db.transaction(['batches', 'batch-files', 'batch-results']);
      return Promise.all([
        transaction.objectStore('batches').get(id),
        transaction.objectStore('batch-files').get(id),
        transaction.objectStore('batch-results').getAllKeys(resultRange(id, 0)),
      ]);
    });
    // Handles of files are of this browser alone, and no file can hold them.
    const record = { entry, files: files && { ...files, handles: [] } };
    if (!isRecord('batches', record)) return null;
    const indices = keys.map(([, index]) => index).filter((index) => index < record.entry.total);
    return { record, indices: new Set(indices) };
  }

  async *#results(id: string, indices: ReadonlySet<number>): AsyncGenerator<BackupRecords['results']> {
    for (let from = 0; ;) {
      const range = resultRange(id, from);
      const found = await this.#options.database.read((db) =>
        db.getAll('batch-results', range, READ_AT_ONCE),
      );
      for (const record of found) {
        if (!indices.has(record.index)) continue;
        if (isRecord('results', record)) yield record;
        else this.#nLeftOut++;
        this.#tell(1, WEIGHTS.result);
      }
      const last = found.at(-1);
      if (!last || found.length < READ_AT_ONCE) return;
      from = last.index + 1;
      await this.#options.pause();
    }
  }

  async *#model(key: string): AsyncGenerator<ZipFile, BackupRecords['models'] | null> {
    const { database, hash } = this.#options;
    const found = await database.read(async (db) => {
      const transaction = db.transaction(['models', 'model-topologies', 'model-blobs']);
      const model = await transaction.objectStore('models').get(key);
      const blobs = transaction.objectStore('model-blobs');
      const [modelJson, weights, replay] = await Promise.all([
        transaction.objectStore('model-topologies').get(key),
        model && blobs.get(model.manifest.sha256),
        model && model.replaySha256 !== null ? blobs.get(model.replaySha256) : undefined,
      ]);
      return { model, modelJson, weights, replay };
    });
    const { model, modelJson, weights, replay } = found;
    if (!model || !weights || (await hash(weights)) !== model.manifest.sha256) return null;
    // Without its replay set a model answers as before.
    const replaySha256 = replay && (await hash(replay)) === model.replaySha256 ? model.replaySha256 : null;
    const record = { model: { ...model, replaySha256 }, modelJson };
    if (!isRecord('models', record) || !isFitting(record.model, modelJson, weights.byteLength)) return null;
    yield* this.#blob('blobs', model.manifest.sha256, weights);
    if (replay && replaySha256 !== null) yield* this.#blob('blobs', replaySha256, replay);
    this.#models.add(key);
    return record;
  }

  // eslint-disable-next-line require-yield -- of a run nothing is an entry of its own
  async *#run(id: string): AsyncGenerator<ZipFile, BackupRecords['runs'] | null> {
    const [entry, details, checkpoint = null] = await this.#options.database.read((db) => {
      const transaction = db.transaction(['runs', 'run-details', 'checkpoints']);
      return Promise.all([
        transaction.objectStore('runs').get(id),
        transaction.objectStore('run-details').get(id),
        transaction.objectStore('checkpoints').get(id),
      ]);
    });
    const record = { entry, details, checkpoint };
    return isRecord('runs', record) ? record : null;
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
    const active = await this.#options.database.read((db) => db.get('active-model', 'current'));
    if (!isRecord('active-model', active)) return;
    if (active.key.startsWith('local:') && !this.#models.has(active.key)) return;
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
    const hash = sha256 ?? (await this.#options.hash(bytes));
    this.#entries.push({ path, sizeBytes: bytes.length, sha256: hash });
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

async function takeCensus(database: Database): Promise<Census> {
  const [batches, nResults, models, runs] = await database.read((db) => {
    const transaction = db.transaction(['batches', 'batch-results', 'models', 'runs']);
    return Promise.all([
      transaction.objectStore('batches').getAllKeys(),
      transaction.objectStore('batch-results').count(),
      transaction.objectStore('models').getAllKeys(),
      transaction.objectStore('runs').getAllKeys(),
    ]);
  });
  const recordings: Census['recordings'] = [];
  for (let after = ''; ;) {
    const range = IDBKeyRange.lowerBound(after, true);
    const found = await database.read((db) => db.getAll('recordings', range, READ_AT_ONCE));
    for (const { id, sizeBytes } of found) recordings.push({ id, sizeBytes });
    const last = found.at(-1);
    if (!last || found.length < READ_AT_ONCE) break;
    after = last.id;
  }
  return { recordings, batches, nResults, models, runs };
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
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  return `${text.replace(/\[\]\n\}$/, () => `[\n${lines}\n  ]\n}`)}\n`;
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
