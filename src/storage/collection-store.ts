// The labelled collection in the database: what is known of each recording, and its bytes apart from that, so that
// a list of thousands reads no sound. Writes are single transactions: a recording and its bytes come and go together.

import type { CollectedRecording, RecordingFacts } from '../core/collection/types.ts';
import type { CollectedSound, CollectionStore } from './collection-record.ts';
import type { Database, StoreName } from './db.ts';

const COLLECTION_STORES: StoreName[] = ['recordings', 'recording-bytes'];
/** Records read at a time: a fingerprint makes them heavier than they look, and the page goes on between two. */
const READ_AT_ONCE = 250;
/** Records changed between two answers of the database, within one transaction: copying them takes its time. */
const CHANGE_AT_ONCE = 50;

/** @param database opened when it is first used; see `CollectionStore` for what each method promises */
export function createCollectionStore(database: Database): CollectionStore {
  return {
    add: (sounds) => add(database, sounds),
    list: () => list(database),
    readBytes: async (id) => (await database.read((db) => db.get('recording-bytes', id))) ?? null,
    update: (ids, change) => changeFacts(database, new Map(ids.map((id) => [id, change]))),
    restore: (facts) => changeFacts(database, facts),
    remove: (ids) => remove(database, ids),
  };
}

async function add(database: Database, sounds: readonly CollectedSound[]): Promise<string[]> {
  const added: string[] = [];
  await database.write(COLLECTION_STORES, async (transaction, requests) => {
    const recordings = transaction.objectStore('recordings');
    const ids = sounds.map(({ recording }) => recording.id);
    const known = await Promise.all(ids.map((id) => recordings.getKey(id)));
    const taken = new Set(known.filter((id) => id !== undefined));
    for (const { recording, bytes } of sounds) {
      if (taken.has(recording.id)) continue;
      taken.add(recording.id);
      requests.push(recordings.put(recording));
      requests.push(transaction.objectStore('recording-bytes').put(bytes, recording.id));
      added.push(recording.id);
    }
  });
  return added;
}

async function list(database: Database): Promise<CollectedRecording[]> {
  const all: CollectedRecording[] = [];
  for (let after = ''; ;) {
    const range = IDBKeyRange.lowerBound(after, true);
    const records = await database.read((db) => db.getAll('recordings', range, READ_AT_ONCE));
    for (const record of records) all.push(record);
    const last = records.at(-1);
    if (!last || records.length < READ_AT_ONCE) break;
    after = last.id;
  }
  return all.sort(byTimeAndName);
}

/** The facts named in a change, and no others, whatever else the object holds. */
async function changeFacts(
  database: Database,
  changes: ReadonlyMap<string, Partial<RecordingFacts>>,
): Promise<void> {
  const ids = [...changes.keys()];
  await database.write(['recordings'], async (transaction) => {
    const recordings = transaction.objectStore('recordings');
    for (let from = 0; from < ids.length; from += CHANGE_AT_ONCE) {
      const portion = ids.slice(from, from + CHANGE_AT_ONCE);
      const found = await Promise.all(portion.map((id) => recordings.get(id)));
      const puts = found.flatMap((recording) => {
        if (!recording) return [];
        const { label, group, source, site, side } = { ...recording, ...changes.get(recording.id) };
        return recordings.put({ ...recording, label, group, source, site, side });
      });
      await Promise.all(puts);
    }
  });
}

function remove(database: Database, ids: readonly string[]): Promise<void> {
  return database.write(COLLECTION_STORES, (transaction, requests) => {
    for (const id of ids) {
      requests.push(transaction.objectStore('recordings').delete(id));
      requests.push(transaction.objectStore('recording-bytes').delete(id));
    }
  });
}

function byTimeAndName(a: CollectedRecording, b: CollectedRecording): number {
  if (a.addedAt !== b.addedAt) return a.addedAt < b.addedAt ? -1 : 1;
  return a.fileName < b.fileName ? -1 : a.fileName > b.fileName ? 1 : 0;
}
