// What takes the room: how many of each kind of thing lie in the database, and about how many bytes they are. Cheap
// on purpose: sizes that are written down are added up, and of the many small records a few are weighed.

import type { Database, StoreName } from './db.ts';

export interface Tally {
  n: number;
  /** About. */
  bytes: number;
}

export interface Census {
  /** Of the collection, with their sound. */
  recordings: Tally;
  /** Trained or imported, with weights and replay sets. */
  models: Tally;
  /** Answers in the history. */
  results: Tally;
  /** Training runs, with the checkpoint of the one under way. */
  runs: Tally;
}

/** Records read at a time; the page goes on between two. */
const READ_AT_ONCE = 250;
/** Records that are weighed for all of their store. */
const SAMPLE = 20;

const NUMBER_BYTES = 8;

/** @throws AppError `storage-blocked` */
export async function takeCensus(database: Database): Promise<Census> {
  const [recordings, models, results, names, runs, details, checkpoints] = await Promise.all([
    countRecordings(database),
    countModels(database),
    sample(database, 'batch-results'),
    sample(database, 'batch-files'),
    sample(database, 'runs'),
    sample(database, 'run-details'),
    sample(database, 'checkpoints'),
  ]);
  return {
    recordings,
    models,
    results: { n: results.n, bytes: results.bytes + names.bytes },
    runs: { n: runs.n, bytes: runs.bytes + details.bytes + checkpoints.bytes },
  };
}

/** Each record says how large its file is: no sound is read. */
async function countRecordings(database: Database): Promise<Tally> {
  const tally = { n: 0, bytes: 0 };
  for (let after = ''; ;) {
    const range = IDBKeyRange.lowerBound(after, true);
    const records = await database.read((db) => db.getAll('recordings', range, READ_AT_ONCE));
    for (const { sizeBytes, fingerprint } of records) tally.bytes += sizeBytes + fingerprint.byteLength;
    tally.n += records.length;
    const last = records.at(-1);
    if (!last || records.length < READ_AT_ONCE) return tally;
    after = last.id;
  }
}

/** Models are few, and one at a time is in memory. */
async function countModels(database: Database): Promise<Tally> {
  return await database.read(async (db) => {
    const transaction = db.transaction(['models', 'model-blobs']);
    const n = await transaction.objectStore('models').count();
    let bytes = 0;
    let cursor = await transaction.objectStore('model-blobs').openCursor();
    while (cursor) {
      bytes += cursor.value.byteLength;
      cursor = await cursor.continue();
    }
    return { n, bytes };
  });
}

async function sample(database: Database, store: StoreName): Promise<Tally> {
  return await database.read(async (db) => {
    const [n, records] = await Promise.all([db.count(store), db.getAll(store, null, SAMPLE)]);
    const bytes = records.reduce((sum: number, record) => sum + sizeOf(record), 0);
    return { n, bytes: records.length === 0 ? 0 : Math.round((bytes / records.length) * n) };
  });
}

/** Bytes of a plain value, about as a browser stores it. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return NUMBER_BYTES;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength;
  return Object.entries(value).reduce((sum, [key, each]) => sum + key.length + sizeOf(each), 0);
}
