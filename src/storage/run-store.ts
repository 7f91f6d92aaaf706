// Training runs in the database: an entry for the list, their whole story, and where the one under way can go on
// from. Writes are single transactions: a checkpoint never disagrees with the entry that counts its epochs.

import type { Checkpoint } from '../core/training/checkpoint.ts';
import type { Database, StoreName } from './db.ts';
import type { RunDetails, RunEntry, RunStore } from './run-record.ts';

const RUN_STORES: StoreName[] = ['runs', 'run-details', 'checkpoints'];

/** @param database opened when it is first used; see `RunStore` for what each method promises */
export function createRunStore(database: Database): RunStore {
  return {
    create: (entry, details) => save(database, entry, details),
    save: (entry, details, checkpoint) => save(database, entry, details, checkpoint),
    list: async () => (await database.read((db) => db.getAll('runs'))).reverse(),
    read: (id) => read(database, id),
    readCheckpoint: async (id) => (await database.read((db) => db.get('checkpoints', id))) ?? null,
    remove: (ids) => remove(database, ids),
  };
}

function save(
  database: Database,
  entry: RunEntry,
  details: RunDetails,
  checkpoint?: Checkpoint | null,
): Promise<void> {
  return database.write(RUN_STORES, (transaction, requests) => {
    requests.push(transaction.objectStore('runs').put(entry));
    requests.push(transaction.objectStore('run-details').put(details, entry.id));
    const checkpoints = transaction.objectStore('checkpoints');
    if (checkpoint === null) requests.push(checkpoints.delete(entry.id));
    else if (checkpoint) requests.push(checkpoints.put(checkpoint, entry.id));
  });
}

async function read(
  database: Database,
  id: string,
): Promise<{ entry: RunEntry; details: RunDetails } | null> {
  const [entry, details] = await database.read((db) =>
    Promise.all([db.get('runs', id), db.get('run-details', id)]),
  );
  return entry && details ? { entry, details } : null;
}

function remove(database: Database, ids: readonly string[]): Promise<void> {
  return database.write(RUN_STORES, (transaction, requests) => {
    for (const id of ids)
      for (const store of RUN_STORES) requests.push(transaction.objectStore(store).delete(id));
  });
}
