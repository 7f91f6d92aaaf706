// The store on an IndexedDB in memory, looked at from outside: a second connection is the oracle of what lies in
// the database, and faults are put into the requests themselves.
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBatchStore } from './batch-store.ts';
import type { BatchStore, StoredResult } from './batch-record.ts';
import { Database } from './db.ts';
import { injectAtPut, runOutOfRoom } from './storage-faults.ts';
import { fakeEntry, fakeFiles, fakeStored } from '../state/history-fakes.ts';

let store: BatchStore;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  store = createBatchStore(new Database());
});

afterEach(() => void vi.restoreAllMocks());

/** Records in each store of batches, counted over a connection of our own. */
async function census(): Promise<Record<string, number>> {
  const db = await openDB('heartbeat');
  const names = [...db.objectStoreNames].filter((name) => name.startsWith('batch'));
  const counts = await Promise.all(names.map(async (name) => [name, await db.count(name)]));
  db.close();
  return Object.fromEntries(counts) as Record<string, number>;
}

async function allResults(id: string): Promise<StoredResult[][]> {
  const chunks: StoredResult[][] = [];
  for await (const chunk of store.readResults(id)) chunks.push(chunk);
  return chunks;
}

test('a batch comes back as it was kept, and others are not there', async () => {
  const truth = {
    recordings: [{ id: 'a.wav', label: 'normal', group: 'g', source: 'all', quality: null }],
    unmatched: [],
    missing: [],
    from: 'folders' as const,
    hasGroups: false,
    notes: [],
  };
  const files = fakeFiles(['a.wav', 'ü/b.wav'], {
    truth,
    skipped: [{ fileName: 'c.txt', reason: 'No sound.' }],
  });
  await store.create(fakeEntry('1'), files);
  expect(await store.read('1')).toEqual({ entry: fakeEntry('1'), files });
  expect(await store.read('2')).toBeNull();
  expect(await store.readResult('1', 0)).toBeNull();
});

test('results come back in order of their place, whatever the order they came in', async () => {
  await store.create(fakeEntry('1'), fakeFiles(['a', 'b', 'c']));
  const done = fakeEntry('1', { updatedAt: '2026-01-01T11:00:00Z' });
  await store.save(done, [fakeStored(2), fakeStored(0)]);
  await store.save(done, [fakeStored(1)]);
  expect(await allResults('1')).toEqual([[fakeStored(0), fakeStored(1), fakeStored(2)]]);
  expect(await store.readResult('1', 1)).toEqual(fakeStored(1).result);
  expect((await store.read('1'))?.entry).toEqual(done);
});

test('a result that is saved again takes the place of the first', async () => {
  await store.create(fakeEntry('1'), fakeFiles(['a']));
  await store.save(fakeEntry('1'), [fakeStored(0)]);
  await store.save(fakeEntry('1'), [fakeStored(0, { confidence: 0.75 })]);
  expect(await allResults('1')).toEqual([[fakeStored(0, { confidence: 0.75 })]]);
});

test('the newest batch comes first', async () => {
  for (const id of ['2026-01-02', '2026-01-03', '2026-01-01'])
    await store.create(fakeEntry(id), fakeFiles([]));
  expect((await store.list()).map(({ id }) => id)).toEqual(['2026-01-03', '2026-01-02', '2026-01-01']);
});

test('5,000 results come back whole, some hundred at a time', async () => {
  await store.create(fakeEntry('1'), fakeFiles([]));
  await store.create(fakeEntry('2'), fakeFiles([]));
  await store.save(fakeEntry('2'), [fakeStored(0)]);
  const all = Array.from({ length: 5000 }, (_, index) => fakeStored(index));
  for (let from = 0; from < all.length; from += 100)
    await store.save(fakeEntry('1'), all.slice(from, from + 100));
  const chunks = await allResults('1');
  expect(chunks.flat()).toEqual(all);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(500);
});

test('what is removed leaves nothing, and its neighbours stay', async () => {
  for (const id of ['1', '2', '3', '20']) {
    await store.create(fakeEntry(id), fakeFiles(['a.wav']));
    await store.save(fakeEntry(id), [fakeStored(0), fakeStored(1)]);
  }
  await store.remove(['2', '3', 'never there']);
  expect((await store.list()).map(({ id }) => id)).toEqual(['20', '1']);
  expect(await allResults('20')).toEqual([[fakeStored(0), fakeStored(1)]]);
  await store.remove(['1', '20']);
  expect(Object.values(await census())).toEqual([0, 0, 0, 0]);
});

test('a batch that was removed while it ran is not brought back by its next results', async () => {
  await store.create(fakeEntry('1'), fakeFiles(['a.wav']));
  expect(await store.save(fakeEntry('1'), [fakeStored(1)])).toBe(true);
  await store.remove(['1']);
  expect(await store.save(fakeEntry('1'), [fakeStored(0)])).toBe(false);
  expect(Object.values(await census())).toEqual([0, 0, 0, 0]);
});

test('names are found whatever the case and the way letters with marks are written', async () => {
  await store.create(fakeEntry('1'), fakeFiles(['Ward/A0001.WAV', 'Ward/a0002.wav', 'two a000 a000.wav']));
  await store.create(fakeEntry('2'), fakeFiles(['Ko\u0308ln.wav', 'two\nlines.wav']));
  expect(await store.search('A000')).toEqual([{ id: '1', nMatches: 3 }]);
  expect(await store.search('köln')).toEqual([{ id: '2', nMatches: 1 }]);
  expect(await store.search('wav')).toEqual([
    { id: '1', nMatches: 3 },
    { id: '2', nMatches: 2 },
  ]);
  expect(await store.search('wavtwo')).toEqual([]);
  expect(await store.search('')).toEqual([]);
});

test('a search goes through more batches than are read at a time', async () => {
  const ids = Array.from({ length: 120 }, (_, i) => String(i).padStart(3, '0'));
  for (const id of ids) await store.create(fakeEntry(id), fakeFiles([`${id}.wav`, 'same.wav']));
  expect((await store.search('same')).map(({ id }) => id)).toEqual(ids);
  expect(await store.search('119.wav')).toEqual([{ id: '119', nMatches: 1 }]);
});

test('where handles cannot be kept, the batch is kept without them', async () => {
  const handle = { kind: 'file', name: 'a.wav', getFile: () => undefined } as unknown as FileSystemHandle;
  await store.create(fakeEntry('1'), fakeFiles(['a.wav'], { handles: [handle] }));
  expect((await store.read('1'))?.files).toEqual(fakeFiles(['a.wav']));
});

test.each([1, 2, 3])('a batch is created whole or not at all: put %i runs out of room', async (n) => {
  await store.list();
  injectAtPut(n, runOutOfRoom);
  await expect(store.create(fakeEntry('1'), fakeFiles(['a.wav']))).rejects.toMatchObject({
    code: 'storage-full',
  });
  expect(Object.values(await census())).toEqual([0, 0, 0, 0]);
});

test.each([1, 3])(
  'results and the entry that counts them change together: put %i runs out of room',
  async (n) => {
    await store.create(fakeEntry('1'), fakeFiles(['a', 'b']));
    injectAtPut(n, runOutOfRoom);
    const counted = fakeEntry('1', { soundSec: 60 });
    await expect(store.save(counted, [fakeStored(0), fakeStored(1)])).rejects.toMatchObject({
      code: 'storage-full',
    });
    expect((await store.read('1'))?.entry.soundSec).toBe(30);
    expect(await allResults('1')).toEqual([]);
  },
);

test('a put that throws takes back the puts before it', async () => {
  await store.create(fakeEntry('1'), fakeFiles(['a', 'b']));
  injectAtPut(3, () => {
    throw new DOMException('The disk is gone.', 'UnknownError');
  });
  const counted = fakeEntry('1', { soundSec: 60 });
  await expect(store.save(counted, [fakeStored(0), fakeStored(1)])).rejects.toMatchObject({
    code: 'storage-blocked',
    message: 'The disk is gone.',
  });
  expect((await store.read('1'))?.entry.soundSec).toBe(30);
  expect(await allResults('1')).toEqual([]);
});

test('a put that the database refuses takes back the puts before it', async () => {
  await store.create(fakeEntry('1'), fakeFiles(['a', 'b']));
  await store.save(fakeEntry('1'), [fakeStored(0)]);
  // Adding what is there fails when it is carried out, not when it is asked for.
  injectAtPut(3, (within) => within.add({ batchId: '1', index: 0, result: {} }));
  const counted = fakeEntry('1', { soundSec: 60 });
  await expect(store.save(counted, [fakeStored(1), fakeStored(2)])).rejects.toMatchObject({
    code: 'internal',
  });
  expect((await store.read('1'))?.entry.soundSec).toBe(30);
  expect(await allResults('1')).toEqual([[fakeStored(0)]]);
});

test('after a failure the store works again', async () => {
  await store.list();
  injectAtPut(1, runOutOfRoom);
  await expect(store.create(fakeEntry('1'), fakeFiles([]))).rejects.toMatchObject({ code: 'storage-full' });
  await store.create(fakeEntry('1'), fakeFiles([]));
  expect(await store.list()).toEqual([fakeEntry('1')]);
});
