// The collection on an IndexedDB in memory: what goes in comes out, and a failure in the middle leaves nothing
// half-written. A second connection is the oracle of what lies in the database.
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fakeCollected, fakeSound } from '../state/collection-fakes.ts';
import { fakeEntry, fakeFiles } from '../state/history-fakes.ts';
import { createBatchStore } from './batch-store.ts';
import type { CollectionStore } from './collection-record.ts';
import { createCollectionStore } from './collection-store.ts';
import { Database, MIGRATIONS } from './db.ts';
import { injectAtPut, loseDoneOf, runOutOfRoom } from './storage-faults.ts';

let store: CollectionStore;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  store = createCollectionStore(new Database());
});

afterEach(() => void vi.restoreAllMocks());

/** How many recordings and how many sounds there are, over a connection of our own. */
async function census(): Promise<{ recordings: number; bytes: number }> {
  const db = await openDB('heartbeat');
  const counts = { recordings: await db.count('recordings'), bytes: await db.count('recording-bytes') };
  db.close();
  return counts;
}

const text = (bytes: ArrayBuffer | null): string | null => bytes && new TextDecoder().decode(bytes);

test('recordings come back as they were kept, in order of time and name, each with its bytes', async () => {
  const later = { addedAt: '2026-01-02T10:00:00.000Z' };
  const fingerprint = Uint32Array.from([1, 2 ** 32 - 1]);
  await store.add([fakeSound('c', later), fakeSound('b'), fakeSound('a', { fingerprint })]);
  expect(await store.list()).toEqual([
    fakeCollected('a', { fingerprint }),
    fakeCollected('b'),
    fakeCollected('c', later),
  ]);
  expect(text(await store.readBytes('b'))).toBe('b');
  expect(await store.readBytes('never there')).toBeNull();
});

test('a recording that is there already stays as it is, also when it comes twice at once', async () => {
  expect(await store.add([fakeSound('a', { label: 'murmur' })])).toEqual(['a']);
  const again = [fakeSound('a', { label: 'normal' }), fakeSound('b'), fakeSound('b', { label: 'murmur' })];
  expect(await store.add(again)).toEqual(['b']);
  expect((await store.list()).map(({ id, label }) => [id, label])).toEqual([
    ['a', 'murmur'],
    ['b', 'normal'],
  ]);
  expect(await census()).toEqual({ recordings: 2, bytes: 2 });
});

test('more recordings than are read at a time come back whole', async () => {
  const sounds = Array.from({ length: 620 }, (_, i) => fakeSound(String(i).padStart(4, '0')));
  await store.add(sounds);
  expect(await store.list()).toEqual(sounds.map(({ recording }) => recording));
});

test('facts are changed for many at once, and put back each to its own', async () => {
  await store.add([fakeSound('a', { label: 'normal', group: 'p1' }), fakeSound('b', { label: null })]);
  await store.update(['a', 'b', 'never there'], { label: 'AS', site: 'AV' });
  expect(await store.list()).toEqual([
    fakeCollected('a', { label: 'AS', group: 'p1', site: 'AV' }),
    fakeCollected('b', { label: 'AS', site: 'AV' }),
  ]);
  await store.restore(
    new Map([
      ['a', fakeCollected('a', { label: 'normal', group: 'p1' })],
      ['b', fakeCollected('b', { label: null, fileName: 'not a fact' })],
    ]),
  );
  expect(await store.list()).toEqual([
    fakeCollected('a', { label: 'normal', group: 'p1' }),
    fakeCollected('b', { label: null }),
  ]);
  expect((await store.list()).map(({ id }) => id)).not.toContain('never there');
});

test('what is removed leaves no bytes behind', async () => {
  await store.add([fakeSound('a'), fakeSound('b'), fakeSound('c')]);
  await store.remove(['a', 'c', 'never there']);
  expect(await census()).toEqual({ recordings: 1, bytes: 1 });
  expect(text(await store.readBytes('b'))).toBe('b');
});

test.each([1, 2, 3, 4])(
  'a hand-over is kept whole or not at all: put %i of 4 runs out of room',
  async (n) => {
    await store.add([fakeSound('before')]);
    injectAtPut(n, runOutOfRoom);
    await expect(store.add([fakeSound('a'), fakeSound('b')])).rejects.toMatchObject({
      code: 'storage-full',
    });
    expect(await census()).toEqual({ recordings: 1, bytes: 1 });
    expect(text(await store.readBytes('before'))).toBe('before');
  },
);

test('what was added, and the connection lost before anybody heard of it, counts as added', async () => {
  const sounds = [fakeSound('a'.repeat(64)), fakeSound('b'.repeat(64))];
  loseDoneOf(1);
  expect(new Set(await store.add(sounds))).toEqual(new Set(sounds.map(({ recording }) => recording.id)));
  expect(await store.list()).toHaveLength(2);
});

test('a put that throws takes back those before it, and the store works on', async () => {
  await store.list();
  injectAtPut(3, () => {
    throw new DOMException('The disk is gone.', 'UnknownError');
  });
  const both = [fakeSound('a'), fakeSound('b')];
  await expect(store.add(both)).rejects.toMatchObject({ code: 'storage-blocked' });
  expect(await census()).toEqual({ recordings: 0, bytes: 0 });
  expect(await store.add(both)).toEqual(['a', 'b']);
});

test.each([2, 130])('a change to many that fails at put %i changes none', async (n) => {
  const ids = Array.from({ length: 150 }, (_, i) => String(i));
  await store.add(ids.map((id) => fakeSound(id)));
  injectAtPut(n, runOutOfRoom);
  await expect(store.update(ids, { label: 'murmur' })).rejects.toMatchObject({ code: 'storage-full' });
  expect(new Set((await store.list()).map(({ label }) => label))).toEqual(new Set(['normal']));
});

test('a removal that fails in the middle removes none', async () => {
  const ids = ['a', 'b'];
  await store.add(ids.map((id) => fakeSound(id)));
  const remove: unknown = Reflect.get(IDBObjectStore.prototype, 'delete');
  let nth = 0;
  vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(function (this: IDBObjectStore, ...parts) {
    if (++nth === 3) throw new DOMException('The disk is gone.', 'UnknownError');
    return (remove as IDBObjectStore['delete']).apply(this, parts);
  });
  await expect(store.remove(ids)).rejects.toMatchObject({ code: 'storage-blocked' });
  expect(await census()).toEqual({ recordings: 2, bytes: 2 });
});

test('without IndexedDB the collection is blocked, and nothing is thrown away', async () => {
  const factory = globalThis.indexedDB;
  // @ts-expect-error A private window of some browsers has none.
  delete globalThis.indexedDB;
  await expect(store.add([fakeSound('a')])).rejects.toMatchObject({ code: 'storage-blocked' });
  await expect(store.list()).rejects.toMatchObject({ code: 'storage-blocked' });
  globalThis.indexedDB = factory;
  expect(await store.add([fakeSound('a')])).toEqual(['a']);
});

test('a history from before there was a collection is kept when the collection comes', async () => {
  await createBatchStore(new Database(MIGRATIONS.slice(0, 1))).create(fakeEntry('1'), fakeFiles(['a.wav']));
  const database = new Database();
  const later = createCollectionStore(database);
  expect(await later.add([fakeSound('a')])).toEqual(['a']);
  expect(await later.list()).toEqual([fakeCollected('a')]);
  const batches = createBatchStore(database);
  expect(await batches.read('1')).toEqual({ entry: fakeEntry('1'), files: fakeFiles(['a.wav']) });
});
