// Two tabs and one database: who lets whom through, and what is said where there is no way in.
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { beforeEach, expect, test, vi } from 'vitest';
import { createBatchStore } from './batch-store.ts';
import { Database, MIGRATIONS } from './db.ts';
import { fakeEntry, fakeFiles } from '../state/history-fakes.ts';

const NAME = 'heartbeat';
const NEWER_VERSION = 99;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

test('two tabs see what the other keeps', async () => {
  const [here, there] = [createBatchStore(new Database()), createBatchStore(new Database())];
  await here.create(fakeEntry('1'), fakeFiles(['a.wav']));
  expect(await there.list()).toEqual([fakeEntry('1')]);
  await there.remove(['1']);
  expect(await here.list()).toEqual([]);
});

test('a tab with a newer version is let through, and the older one says why it cannot go on', async () => {
  const older = createBatchStore(new Database());
  await older.create(fakeEntry('1'), fakeFiles([]));
  const blocked = vi.fn();
  const newer = await openDB(NAME, NEWER_VERSION, { blocked });
  expect(blocked).not.toHaveBeenCalled();
  expect(await newer.count('batches')).toBe(1);
  await expect(older.list()).rejects.toMatchObject({
    code: 'storage-blocked',
    message: expect.stringMatching(/newer/),
  });
  newer.close();
});

test('a tab that does not let go is an error, not a wait, until it is closed', async () => {
  const stubborn = await openDB(NAME, 1, {
    upgrade: (db) => void db.createObjectStore('batches', { keyPath: 'id' }),
  });
  const store = createBatchStore(new Database([...MIGRATIONS, () => undefined]));
  await expect(store.list()).rejects.toMatchObject({
    code: 'storage-blocked',
    message: expect.stringMatching(/Another tab/),
  });
  stubborn.close();
  expect(await store.list()).toEqual([]);
});

test('a later version adds to the storage and keeps what is there', async () => {
  await createBatchStore(new Database()).create(fakeEntry('1'), fakeFiles(['a.wav']));
  const steps = vi.fn();
  const later = createBatchStore(new Database([...MIGRATIONS, steps]));
  expect(await later.list()).toEqual([fakeEntry('1')]);
  expect(await createBatchStore(new Database([...MIGRATIONS, steps])).list()).toHaveLength(1);
  expect(steps).toHaveBeenCalledTimes(1);
});

test('everything deleted in another tab leaves an empty history that works', async () => {
  const store = createBatchStore(new Database());
  await store.create(fakeEntry('1'), fakeFiles([]));
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = resolve;
    request.onerror = reject;
    request.onblocked = reject;
  });
  expect(await store.list()).toEqual([]);
  await store.create(fakeEntry('2'), fakeFiles([]));
  expect(await store.list()).toEqual([fakeEntry('2')]);
});

test('without IndexedDB the storage is blocked, and works once it is there', async () => {
  const factory = globalThis.indexedDB;
  // @ts-expect-error A private window of some browsers has none.
  delete globalThis.indexedDB;
  const store = createBatchStore(new Database());
  await expect(store.list()).rejects.toMatchObject({ code: 'storage-blocked' });
  globalThis.indexedDB = factory;
  expect(await store.list()).toEqual([]);
});

test('a connection that was closed underneath is opened anew', async () => {
  const opened: IDBDatabase[] = [];
  const open = IDBFactory.prototype.open.bind(globalThis.indexedDB);
  vi.spyOn(globalThis.indexedDB, 'open').mockImplementation((...name) => {
    const request = open(...name);
    request.addEventListener('success', () => opened.push(request.result));
    return request;
  });
  const store = createBatchStore(new Database());
  await store.create(fakeEntry('1'), fakeFiles([]));
  opened[0]?.close();
  expect(await store.list()).toEqual([fakeEntry('1')]);
  await store.create(fakeEntry('2'), fakeFiles([]));
  expect(opened).toHaveLength(2);
});
