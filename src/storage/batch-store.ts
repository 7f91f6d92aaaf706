// Batches in the database: an entry for the list, the files it was made of, their names for the search, and a
// result for each. Writes are single transactions: entry and results never disagree.

import type { BatchEntry, BatchFiles, BatchStore, StoredResult } from './batch-record.ts';
import type { Database, StoreName, WriteTransaction } from './db.ts';
import { searchable } from './searchable.ts';
import { isNamed } from './storage-error.ts';

/** Results read at a time: some megabytes at most, and a task that nobody feels. */
const READ_AT_ONCE = 200;
/** Texts of names searched at a time: of the largest batches, some tens of megabytes. */
const SEARCH_AT_ONCE = 50;
/** Stands after each name; no file system allows it within one. */
const NAME_END = '\0';
const BATCH_STORES: StoreName[] = ['batches', 'batch-files', 'batch-names', 'batch-results'];

/** @param database opened when it is first used; see `BatchStore` for what each method promises */
export function createBatchStore(database: Database): BatchStore {
  return {
    create: (entry, files) => create(database, entry, files),
    save: (entry, results) => save(database, entry, results),
    list: async () => (await database.read((db) => db.getAll('batches'))).reverse(),
    read: (id) => read(database, id),
    readResults: (id) => readResults(database, id),
    readResult: async (id, index) =>
      (await database.read((db) => db.get('batch-results', [id, index])))?.result ?? null,
    remove: (ids) => remove(database, ids),
    search: (text) => search(database, searchable(text)),
  };
}

function create(database: Database, entry: BatchEntry, files: BatchFiles): Promise<void> {
  return database.write(['batches', 'batch-files', 'batch-names'], (transaction, requests) => {
    requests.push(...putBatch(transaction, entry, files));
  });
}

/** All of a batch but its results, in a transaction that somebody else has begun. */
export function putBatch(
  transaction: WriteTransaction,
  entry: BatchEntry,
  files: BatchFiles,
): Promise<unknown>[] {
  const names = files.names.map((name) => searchable(name) + NAME_END).join('');
  return [
    putFiles(transaction, entry.id, files),
    transaction.objectStore('batches').put(entry),
    transaction.objectStore('batch-names').put({ id: entry.id, names }),
  ];
}

function putFiles(transaction: WriteTransaction, id: string, files: BatchFiles): Promise<unknown> {
  const store = transaction.objectStore('batch-files');
  try {
    return store.put(files, id);
  } catch (error) {
    // Some browsers lend handles but cannot keep them: such a batch goes on by a second drop.
    if (!isNamed(error, 'DataCloneError') || files.handles.length === 0) throw error;
    return store.put({ ...files, handles: [] }, id);
  }
}

async function save(
  database: Database,
  entry: BatchEntry,
  results: readonly StoredResult[],
): Promise<boolean> {
  let isThere = false;
  await database.write(['batches', 'batch-results'], async (transaction, requests) => {
    const entries = transaction.objectStore('batches');
    isThere = (await entries.getKey(entry.id)) !== undefined;
    if (!isThere) return;
    requests.push(entries.put(entry));
    const store = transaction.objectStore('batch-results');
    for (const { index, result } of results) requests.push(store.put({ batchId: entry.id, index, result }));
  });
  return isThere;
}

async function read(
  database: Database,
  id: string,
): Promise<{ entry: BatchEntry; files: BatchFiles } | null> {
  const [entry, files] = await database.read((db) =>
    Promise.all([db.get('batches', id), db.get('batch-files', id)]),
  );
  return entry && files ? { entry, files } : null;
}

/** Each stretch is a transaction of its own: whoever reads may take their time between two. */
async function* readResults(database: Database, id: string): AsyncGenerator<StoredResult[]> {
  for (let from = 0; ;) {
    const range = resultRange(id, from);
    const records = await database.read((db) => db.getAll('batch-results', range, READ_AT_ONCE));
    const last = records.at(-1);
    if (!last) return;
    yield records.map(({ index, result }): StoredResult => ({ index, result }));
    if (records.length < READ_AT_ONCE) return;
    from = last.index + 1;
  }
}

function remove(database: Database, ids: readonly string[]): Promise<void> {
  return database.write(BATCH_STORES, (transaction, requests) => {
    for (const id of ids) {
      requests.push(transaction.objectStore('batches').delete(id));
      requests.push(transaction.objectStore('batch-files').delete(id));
      requests.push(transaction.objectStore('batch-names').delete(id));
      requests.push(transaction.objectStore('batch-results').delete(resultRange(id, 0)));
    }
  });
}

async function search(database: Database, text: string): Promise<{ id: string; nMatches: number }[]> {
  const found: { id: string; nMatches: number }[] = [];
  if (text === '') return found;
  for (let after = ''; ;) {
    const range = IDBKeyRange.lowerBound(after, true);
    const records = await database.read((db) => db.getAll('batch-names', range, SEARCH_AT_ONCE));
    for (const { id, names } of records) {
      const nMatches = countMatches(names, text);
      if (nMatches > 0) found.push({ id, nMatches });
    }
    const last = records.at(-1);
    if (!last || records.length < SEARCH_AT_ONCE) return found;
    after = last.id;
  }
}

/** How many of the names hold the text. */
function countMatches(names: string, text: string): number {
  let nMatches = 0;
  for (let at = names.indexOf(text); at >= 0; at = names.indexOf(text, at)) {
    nMatches++;
    // On to the next name: one that holds the text twice counts once.
    at = names.indexOf(NAME_END, at) + 1;
  }
  return nMatches;
}

/** Keys of a batch's results from a place on. */
export function resultRange(id: string, from: number): IDBKeyRange {
  return IDBKeyRange.bound([id, from], [id, Infinity]);
}
