// The database: what each store holds, how it came to be, and the one connection that a page has to it.
// May import idb and core; every other file of this folder works on a store through here. IndexedDB has one
// writer, the page. Bytes are kept as ArrayBuffers and typed arrays, never as Blobs, which WebKit loses.

import {
  openDB,
  type DBSchema,
  type IDBPDatabase,
  type IDBPTransaction,
  type OpenDBCallbacks,
  type StoreNames,
} from 'idb';
import { AppError } from '../core/errors.ts';
import type { CollectedRecording } from '../core/collection/types.ts';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { RecordingResult } from '../core/types.ts';
import type { Staged } from './backup-record.ts';
import type { BatchEntry, BatchFiles } from './batch-record.ts';
import type { ActiveModel, StoredModel } from './model-record.ts';
import type { RunDetails, RunEntry } from './run-record.ts';
import { failureOf, heldElsewhere, isNamed, overtaken, toStorageError } from './storage-error.ts';

const NAME = 'heartbeat';
/** Waits before it is tried again to open what was broken off. */
const OPEN_AGAIN_MS = [50, 200, 1000];

export interface HeartbeatDb extends DBSchema {
  /**
   * `batches`: the history, one small record a batch: what was handed over, when, by which model it was judged
   * and the counts of its answers. The list is drawn from these alone. The id sorts by the time of creation.
   */
  batches: { key: string; value: BatchEntry };
  /**
   * `batch-files`: under the id of its batch, the recordings it is made of, in columns, with the labels that
   * came along and the handles that lead back to the files. Read when a batch is opened, never for the list.
   */
  'batch-files': { key: string; value: BatchFiles };
  /**
   * `batch-names`: the names of a batch's recordings as one text, as `searchText` folds them and `NAME_END`
   * ends them. A search reads these instead of files and results: a text of 20,000 names is one flat string.
   */
  'batch-names': { key: string; value: { id: string; names: string } };
  /**
   * `batch-results`: one record a recording that has its answer, under the batch and the place in it, so that a
   * range of keys is a stretch of a batch in order, and removing a batch is removing a range.
   */
  'batch-results': {
    key: [batchId: string, index: number];
    value: { batchId: string; index: number; result: RecordingResult };
  };
  /**
   * `recordings`: the labelled collection without its sound, one record a recording under the SHA-256 of its file.
   * Lists, filters and plans are made from these alone.
   */
  recordings: { key: string; value: CollectedRecording };
  /** `recording-bytes`: the files of the collection, under the same id, exactly as they were handed over. */
  'recording-bytes': { key: string; value: ArrayBuffer };
  /** `models`: trained and imported models without what is heavy; the key sorts by the time of creation. */
  models: { key: string; value: StoredModel };
  /** `model-topologies`: model.json under the key of its model. */
  'model-topologies': { key: string; value: unknown };
  /**
   * `model-blobs`: weights and replay sets under their own SHA-256: immutable, shared by the models that have the
   * same, and removed with the last of them.
   */
  'model-blobs': { key: string; value: ArrayBuffer };
  /** `active-model`: one record, `current`: which model answers and which did before. Written by `activate` alone. */
  'active-model': { key: 'current'; value: ActiveModel };
  /** `runs`: training runs, one small record each; the id sorts by the time of creation. */
  runs: { key: string; value: RunEntry };
  /** `run-details`: under the id of its run: settings, split, curves, verdict, log. */
  'run-details': { key: string; value: RunDetails };
  /** `checkpoints`: under the id of its run, where the run under way can go on from. Removed when it has ended. */
  checkpoints: { key: string; value: Checkpoint };
  /**
   * `restoring`: records of a backup that wait while it is restored, a portion each, until one transaction moves them to
   * their stores, and under 0 a note of the restore. Portions that are found here were left by a tab that was closed
   * meanwhile; the note stays until a later start has said and done what is due (backup-note.ts).
   */
  restoring: { key: number; value: Staged };
}

export type StoreName = StoreNames<HeartbeatDb>;
type Db = IDBPDatabase<HeartbeatDb>;
export type Migration = (db: Db) => void;
export type WriteTransaction = IDBPTransaction<HeartbeatDb, StoreName[], 'readwrite'>;

/**
 * One step a version, in order. A step that was shipped is never changed: a new store, or a change to one, is a
 * step added at the end, and the version counts them.
 */
export const MIGRATIONS: readonly Migration[] = [
  (db) => {
    db.createObjectStore('batches', { keyPath: 'id' });
    db.createObjectStore('batch-files');
    db.createObjectStore('batch-names', { keyPath: 'id' });
    db.createObjectStore('batch-results', { keyPath: ['batchId', 'index'] });
  },
  (db) => {
    db.createObjectStore('recordings', { keyPath: 'id' });
    db.createObjectStore('recording-bytes');
    db.createObjectStore('models', { keyPath: 'key' });
    db.createObjectStore('model-topologies');
    db.createObjectStore('model-blobs');
    db.createObjectStore('active-model');
    db.createObjectStore('runs', { keyPath: 'id' });
    db.createObjectStore('run-details');
    db.createObjectStore('checkpoints');
  },
  (db) => {
    db.createObjectStore('restoring', { autoIncrement: true });
  },
];

/** How the page stands with the database. */
export type Connection =
  /** In use, or not yet asked for. */
  | 'open'
  /** Another tab holds an older version: it goes on by itself when that tab is closed. */
  | 'waiting'
  /** A newer version of the program has taken it: nothing goes on before the page is loaded anew. */
  | 'overtaken'
  /** The browser does not let it be opened. Each use tries again. */
  | 'forbidden'
  /** It was open, was closed by the browser and cannot be opened again. Each use tries again. */
  | 'lost';

/** `cleared`: everything was deleted underneath, by the browser or a person; what is opened now is empty. */
export type DatabaseNews = Connection | 'cleared';

/** The page's connection: opened when it is first used, and again after it was lost. */
export class Database {
  readonly #migrations: readonly Migration[];
  #opening: Promise<Db> | null = null;
  #connection: Connection = 'open';
  #hasBeenOpen = false;
  #tell: (news: DatabaseNews) => void = () => undefined;

  constructor(migrations: readonly Migration[] = MIGRATIONS) {
    this.#migrations = migrations;
  }

  /** @param tell is called when the connection stands otherwise than before, and when everything was cleared */
  listen(tell: (news: DatabaseNews) => void): void {
    this.#tell = tell;
  }

  /** Opens it, again after it was refused. Never rejects: how it went is news. */
  async open(): Promise<void> {
    await this.#open().catch(() => undefined);
  }

  /** @throws AppError `storage-full`, `storage-blocked` */
  async read<T>(work: (db: Db) => Promise<T>): Promise<T> {
    try {
      return await this.#connected(work);
    } catch (error) {
      throw toStorageError(error);
    }
  }

  /**
   * One transaction, all of it or nothing.
   * @param work adds each request it makes to `requests`, and awaits nothing but requests of this transaction
   * @param durability `strict`: on disk before it counts as done
   * @throws AppError `storage-full`, `storage-blocked`, or what `work` throws; nothing has changed then
   */
  async write(
    stores: StoreName[],
    work: (transaction: WriteTransaction, requests: Promise<unknown>[]) => Promise<void> | void,
    durability: IDBTransactionDurability = 'default',
  ): Promise<void> {
    await this.read(async (db) => {
      const transaction = db.transaction(stores, 'readwrite', { durability });
      const requests: Promise<unknown>[] = [];
      const attempt = (async () => await work(transaction, requests))();
      await attempt.catch(() => abort(transaction));
      // The reason of a failure comes by a request or, for want of room, only as that of the transaction.
      const failure = failureOf(await Promise.allSettled([attempt, ...requests, transaction.done]));
      if (failure) throw failure;
    });
  }

  /** Empties every store, in one transaction. @throws AppError `storage-blocked`; nothing has changed then */
  async clear(): Promise<void> {
    const stores = await this.read((db) => Promise.resolve([...db.objectStoreNames]));
    await this.write(
      stores,
      (transaction, requests) => {
        for (const store of stores) requests.push(transaction.objectStore(store).clear());
      },
      'strict',
    );
  }

  /**
   * A connection that was closed underneath, as WebKit does in the background and every browser when it clears the
   * storage, is opened anew, once, and what that has broken off is done again.
   */
  async #connected<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const opening = this.#open();
    const db = await opening;
    try {
      return await work(db);
    } catch (error) {
      if (!isClosed(db)) throw error;
      this.#forget(opening);
    }
    return await work(await this.#open());
  }

  #open(): Promise<Db> {
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  /**
   * Another tab with a newer version of the program is let through, and this one's connection stays closed. The other
   * way round, a tab that does not let go is an error at once, not a wait without an end; the request stays, and is
   * served when that tab is closed.
   */
  #connect(): Promise<Db> {
    const opening = new Promise<Db>((resolve, reject) => {
      let isFresh = false;
      let isGivenUp = false;
      const callbacks: OpenDBCallbacks<HeartbeatDb> = {
        upgrade: (db, oldVersion) => {
          isFresh = oldVersion === 0;
          for (const step of this.#migrations.slice(oldVersion)) step(db);
        },
        blocked: () => {
          isGivenUp = true;
          this.#say('waiting');
          reject(heldElsewhere());
        },
        blocking: (_old, newVersion, event) => {
          (event.target as IDBDatabase).close();
          if (newVersion === null) this.#reopen(opening);
          else this.#beOvertaken();
        },
        terminated: () => this.#reopen(opening),
      };
      openPatiently(this.#migrations.length, callbacks).then(
        (db) => {
          if (isGivenUp) {
            db.close();
            this.#reopen(opening);
          } else {
            resolve(db);
            this.#beOpen(isFresh);
          }
        },
        (error: unknown) => (isGivenUp ? this.#fail(opening, error) : reject(error)),
      );
    });
    opening.catch((error: unknown) => this.#fail(opening, error));
    return opening;
  }

  #beOpen(isFresh: boolean): void {
    if (isFresh && this.#hasBeenOpen) this.#tell('cleared');
    this.#hasBeenOpen = true;
    this.#say('open');
  }

  #beOvertaken(): void {
    this.#opening = Promise.reject(overtaken());
    this.#opening.catch(() => undefined);
    this.#say('overtaken');
  }

  #fail(opening: Promise<Db>, error: unknown): void {
    // It waits for another tab.
    if (error instanceof AppError) return;
    if (isNamed(error, 'VersionError')) {
      this.#beOvertaken();
      return;
    }
    this.#forget(opening);
    this.#say(this.#hasBeenOpen ? 'lost' : 'forbidden');
  }

  /** Was closed. What has become of it is known once it is open again, so that is not left to the next use. */
  #reopen(opening: Promise<Db>): void {
    if (this.#opening !== opening) return;
    this.#opening = null;
    void this.open();
  }

  #forget(opening: Promise<Db>): void {
    if (this.#opening === opening) this.#opening = null;
  }

  #say(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    this.#tell(connection);
  }
}

/** While the browser clears the storage it breaks off what would be opened: a moment later it opens. */
async function openPatiently(version: number, callbacks: OpenDBCallbacks<HeartbeatDb>): Promise<Db> {
  for (const waitMs of OPEN_AGAIN_MS) {
    try {
      return await openDB(NAME, version, callbacks);
    } catch (error) {
      if (!isNamed(error, 'AbortError')) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return await openDB(NAME, version, callbacks);
}

/** Browsers give many reasons for what a closed connection broke off: whether it is closed, it says itself. */
function isClosed(db: Db): boolean {
  try {
    db.transaction('batches');
    return false;
  } catch (error) {
    return isNamed(error, 'InvalidStateError');
  }
}

/** One that has ended by itself cannot be aborted, and need not be. */
function abort(transaction: WriteTransaction): void {
  try {
    transaction.abort();
  } catch (error) {
    if (!isNamed(error, 'InvalidStateError')) throw error;
  }
}
