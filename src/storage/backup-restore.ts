// Puts a checked backup into the database, as if in one instant. Bytes and results that are missing here come first,
// under their keys, where nothing refers to them; records wait beside them; then one transaction (backup-swap.ts) makes
// all of it seen and removes what is not to stay. A restore that is broken off has changed nothing. Only where a thing
// here has lost its bytes, or has damaged ones, are they given back at once. What another tab adds or removes meanwhile
// stays as it has it; where the storage is cleared meanwhile, nothing is restored.

import { AppError } from '../core/errors.ts';
import { RecordWriter } from './backup-codec.ts';
import { STORE_OF } from './backup-damage.ts';
import {
  blobsOf,
  effectOf,
  isLater,
  lookHere,
  missingOf,
  type Here,
  type RestoreMode,
} from './backup-effect.ts';
import { arraysPath, blobPath, type BlobKind, type RecordKind } from './backup-format.ts';
import type { BackedUpBatch, CheckedBackup } from './backup-read.ts';
import { assertBegun } from './backup-note.ts';
import type { BackupRecords, RestoreNote, Staged } from './backup-record.ts';
import { begin, giveUp, swapIn } from './backup-swap.ts';
import type { KeptValues } from './backup-write.ts';
import { resultRange } from './batch-store.ts';
import type { Database, StoreName, WriteTransaction } from './db.ts';
import { storageText } from './storage-text.ts';

/** Bytes of sounds, and sounds, that are added in one transaction. */
const ADD_BYTES = 2 ** 24;
const ADD_AT_ONCE = 50;

export interface RestorePorts {
  database: Database;
  values: KeptValues;
  /** ISO 8601, now; no two restores have the same. */
  begunAt: string;
  pause: () => Promise<void> | undefined;
  signal: AbortSignal;
  onProgress: (progress: RestoreProgress) => void;
  /** Bytes that the browser would still give; null: it does not tell. */
  freeBytes: number | null;
  /** Before the last step: throws where it must not be taken. */
  checkLast: () => Promise<void>;
}

/** Recordings, results, models and runs so far and in all, and how much of the work that is. */
export interface RestoreProgress {
  done: number;
  total: number;
  /** 0..1. */
  fraction: number;
}

/**
 * The note of it stays: what is kept beside the database is on disk later than what is in it.
 * @throws AppError `storage-full`, `storage-blocked`, `backup-invalid`, `file-unreadable`, `model-missing`; the reason
 *   of the signal when it fires before the last step. What was here is as it was then. `storage-cleared`: it is not.
 */
export async function restoreBackup(
  backup: CheckedBackup,
  mode: RestoreMode,
  ports: RestorePorts,
): Promise<void> {
  const { database, values, begunAt, freeBytes } = ports;
  const isReplacing = mode === 'replace';
  const { createdAt, counts } = backup.archive.manifest;
  const note: RestoreNote = { kind: 'begun', begunAt, createdAt, counts };
  await begin(database, note);
  try {
    const here = await lookHere(database, values, backup.damaged);
    const { newBytes } = effectOf(backup, here, mode);
    if (freeBytes !== null && newBytes > freeBytes)
      throw new AppError('storage-full', storageText.backup.overFree(newBytes, freeBytes));
    const surplus = await new Staging(backup, isReplacing, ports, here).run();
    await ports.checkLast();
    await swapIn(database, { note, contents: backup.contents, isReplacing, here, surplus });
  } catch (error) {
    // What cannot be removed now is removed at the next start.
    await giveUp(database).catch(() => undefined);
    throw error;
  }
  if (isReplacing) values.replaceAll(backup.contents.settings);
}

/** Brings everything into the database that the last step needs, where nobody sees it. */
class Staging {
  readonly #backup: CheckedBackup;
  readonly #isReplacing: boolean;
  readonly #ports: RestorePorts;
  readonly #here: Here;
  readonly #surplus: [batchId: string, index: number][] = [];
  #done = 0;
  #doneBytes = 0;

  constructor(backup: CheckedBackup, isReplacing: boolean, ports: RestorePorts, here: Here) {
    this.#backup = backup;
    this.#isReplacing = isReplacing;
    this.#ports = ports;
    this.#here = here;
  }

  /** @returns results here of which the backup's batch has none */
  async run(): Promise<[batchId: string, index: number][]> {
    const { recordings, models, runs, batches } = this.#backup.contents;
    for (const path of recordings.keys()) await this.#recordings(path);
    for (const path of models.keys()) await this.#models(path);
    for (const path of runs.keys()) await this.#runs(path);
    for (const path of batches.keys()) await this.#batches(path);
    await this.#step(0, 0);
    return this.#surplus;
  }

  async #recordings(path: string): Promise<void> {
    const records = await this.#read('recordings', path);
    let portion: string[] = [];
    let nBytes = 0;
    for (const { id } of records) {
      const sizeBytes = this.#backup.archive.sizeOf(blobPath('sounds', id)) ?? 0;
      if (!this.#here.sounds.has(id)) {
        portion.push(id);
        nBytes += sizeBytes;
      }
      if (nBytes >= ADD_BYTES || portion.length >= ADD_AT_ONCE) {
        await this.#addBytes('sounds', portion);
        portion = [];
        nBytes = 0;
      }
      await this.#step(1, sizeBytes);
    }
    await this.#addBytes('sounds', portion);
    await this.#stage('recordings', await this.#changedRecordings(records));
  }

  async #changedRecordings(records: BackupRecords['recordings'][]): Promise<BackupRecords['recordings'][]> {
    if (!this.#isReplacing) return records.filter(({ id }) => !this.#here.recordings.has(id));
    const before = await this.#ports.database.read((db) => {
      const store = db.transaction('recordings').store;
      return Promise.all(records.map(({ id }) => store.get(id)));
    });
    return records.filter((record, i) => !isSame(before[i], record));
  }

  async #models(path: string): Promise<void> {
    const wanted: BackupRecords['models'][] = [];
    for (const record of await this.#read('models', path)) {
      const { key } = record.model;
      const all = blobsOf(record.model);
      const missing = missingOf({ key, blobs: all }, this.#here);
      const lost = all.filter((sha256) => !this.#here.blobs.has(sha256));
      await this.#addBytes('blobs', this.#isReplacing ? lost : missing.blobs);
      if (this.#isReplacing || !this.#here.models.has(key) || missing.lacksTopology) wanted.push(record);
      await this.#step(
        1,
        all.reduce((sum, sha256) => sum + this.#sizeOfBlob(sha256), 0),
      );
    }
    await this.#stage('models', wanted);
  }

  #sizeOfBlob(sha256: string): number {
    return this.#backup.archive.sizeOf(blobPath('blobs', sha256)) ?? 0;
  }

  async #runs(path: string): Promise<void> {
    const records = await this.#read('runs', path);
    const wanted = records.filter(({ entry }) => this.#isWanted(entry, this.#here.runs));
    await this.#stage('runs', wanted);
    await this.#step(records.length, 0);
  }

  #isWanted(
    { id, updatedAt }: { id: string; updatedAt: string },
    here: ReadonlyMap<string, string>,
  ): boolean {
    const before = here.get(id);
    return before === undefined || this.#isReplacing || isLater(updatedAt, before);
  }

  async #batches(path: string): Promise<void> {
    const batches = this.#backup.contents.batches.get(path) ?? [];
    const wanted = new Set<string>();
    for (const batch of batches)
      if (this.#isWanted(batch, this.#here.batches)) {
        wanted.add(batch.id);
        await this.#results(batch);
      } else await this.#step(batch.nResults, 0);
    if (wanted.size === 0) return;
    const records = await this.#read('batches', path);
    await this.#stage(
      'batches',
      records.filter(({ entry }) => wanted.has(entry.id)),
    );
  }

  /** Those of a batch that is not here are in their places at once; of one that is here, what differs waits. */
  async #results({ id, resultPaths }: BackedUpBatch): Promise<void> {
    const { database } = this.#ports;
    const isHere = this.#here.batches.has(id);
    const indices = new Set<number>();
    for (const path of resultPaths) {
      const results = await this.#read('results', path);
      for (const { index } of results) indices.add(index);
      if (isHere) await this.#stage('results', await this.#changedResults(results));
      else
        await this.#write('batch-results', (transaction, requests) => {
          for (const result of results) requests.push(transaction.objectStore('batch-results').put(result));
        });
      await this.#step(results.length, 0);
    }
    const keys = await database.read((db) => db.getAllKeys('batch-results', resultRange(id, 0)));
    for (const key of keys) if (!indices.has(key[1])) this.#surplus.push(key);
  }

  async #changedResults(results: BackupRecords['results'][]): Promise<BackupRecords['results'][]> {
    const before = await this.#ports.database.read((db) => {
      const store = db.transaction('batch-results').store;
      return Promise.all(results.map(({ batchId, index }) => store.get([batchId, index])));
    });
    return results.filter((result, i) => !isSame(before[i], result));
  }

  /** Under their own SHA-256: who refers to them comes later, or was here without them. */
  async #addBytes(kind: BlobKind, hashes: readonly string[]): Promise<void> {
    if (hashes.length === 0) return;
    const all: [sha256: string, bytes: ArrayBuffer][] = [];
    for (const sha256 of hashes) {
      const { buffer } = await this.#backup.archive.bytes(blobPath(kind, sha256));
      all.push([sha256, buffer]);
      await this.#ports.pause();
    }
    const store = STORE_OF[kind];
    await this.#write(store, (transaction, requests) => {
      for (const [sha256, bytes] of all) requests.push(transaction.objectStore(store).put(bytes, sha256));
    });
  }

  async #stage<K extends Extract<Staged, { records: unknown }>['kind']>(
    kind: K,
    records: BackupRecords[K][],
  ): Promise<void> {
    if (records.length === 0) return;
    await this.#write('restoring', (transaction, requests) => {
      requests.push(transaction.objectStore('restoring').add({ kind, records } as unknown as Staged));
    });
  }

  async #write(
    store: StoreName,
    work: (transaction: WriteTransaction, requests: Promise<unknown>[]) => void,
  ): Promise<void> {
    const { database, begunAt } = this.#ports;
    await database.write([store, 'restoring'], async (transaction, requests) => {
      await assertBegun(transaction, begunAt);
      work(transaction, requests);
    });
  }

  async #read<K extends RecordKind>(kind: K, path: string): Promise<BackupRecords[K][]> {
    const { archive } = this.#backup;
    const records = await archive.records(kind, path);
    this.#doneBytes += (archive.sizeOf(path) ?? 0) + (archive.sizeOf(arraysPath(path)) ?? 0);
    return records;
  }

  async #step(n: number, bytes: number): Promise<void> {
    const { signal, onProgress, pause } = this.#ports;
    this.#done += n;
    this.#doneBytes += bytes;
    const { counts } = this.#backup.archive.manifest;
    const total = counts.recordings + counts.results + counts.models + counts.runs;
    const fraction = Math.min(1, this.#doneBytes / Math.max(1, this.#backup.sizeBytes));
    onProgress({ done: this.#done, total, fraction });
    await pause();
    signal.throwIfAborted();
  }
}

/** @param here undefined: there is none */
function isSame(here: unknown, other: unknown): boolean {
  if (here === undefined) return false;
  const [one, two] = [here, other].map((record) => {
    const writer = new RecordWriter();
    writer.add(record);
    const { json, arrays } = writer.finish();
    return arrays ? [json, arrays] : [json];
  });
  return indexedDB.cmp(one, two) === 0;
}
