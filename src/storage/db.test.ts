// Two tabs and one database: who lets whom through, and what is said where there is no way in.
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBatchStore } from './batch-store.ts';
import { Database, MIGRATIONS, type DatabaseNews } from './db.ts';
import { fakeEntry, fakeFiles } from '../state/history-fakes.ts';
import { abortLater, injectAtPut } from './storage-faults.ts';

const NAME = 'heartbeat';
const NEWER_VERSION = 99;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

afterEach(() => void vi.restoreAllMocks());

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
  await vi.waitFor(async () => expect(await store.list()).toEqual([]));
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
  const opened = watchConnections();
  const store = createBatchStore(new Database());
  await store.create(fakeEntry('1'), fakeFiles([]));
  opened[0]?.close();
  expect(await store.list()).toEqual([fakeEntry('1')]);
  await store.create(fakeEntry('2'), fakeFiles([]));
  expect(opened).toHaveLength(2);
});

test('a write that the closing of its connection breaks off is done again on a new one', async () => {
  const opened = watchConnections();
  const store = createBatchStore(new Database());
  await store.create(fakeEntry('1'), fakeFiles([]));
  // As Chromium does it when it clears the storage: the reason is one of its own.
  injectAtPut(1, (within) => {
    opened[0]?.close();
    abortLater(within, 'UnknownError');
    return undefined;
  });
  await store.create(fakeEntry('2'), fakeFiles([]));
  expect(opened).toHaveLength(2);
  expect((await store.list()).map(({ id }) => id)).toEqual(['2', '1']);
});

test('a write that fails for a reason of its own is not tried again', async () => {
  const opened = watchConnections();
  const store = createBatchStore(new Database());
  await store.create(fakeEntry('1'), fakeFiles([]));
  injectAtPut(1, (within) => {
    abortLater(within, 'UnknownError');
    return undefined;
  });
  await expect(store.create(fakeEntry('2'), fakeFiles([]))).rejects.toMatchObject({
    code: 'storage-blocked',
  });
  expect(opened).toHaveLength(1);
  expect(await store.list()).toHaveLength(1);
});

describe('what is told of the connection', () => {
  let database: Database;
  let news: DatabaseNews[];

  beforeEach(async () => {
    database = new Database();
    news = [];
    database.listen((what) => news.push(what));
  });

  const use = (): Promise<unknown> => createBatchStore(database).list();

  test('nothing, as long as all is well', async () => {
    await use();
    await createBatchStore(new Database()).create(fakeEntry('1'), fakeFiles([]));
    await use();
    expect(news).toEqual([]);
  });

  test('a newer version elsewhere, once, and every use is refused at once from then on', async () => {
    await use();
    const newer = await openDB(NAME, NEWER_VERSION);
    await vi.waitFor(() => expect(news).toEqual(['overtaken']));
    newer.close();
    await expect(use()).rejects.toMatchObject({ message: expect.stringMatching(/newer/) });
    await database.open();
    expect(news).toEqual(['overtaken']);
  });

  test('a newer version that was there before this page', async () => {
    (await openDB(NAME, NEWER_VERSION)).close();
    await database.open();
    expect(news).toEqual(['overtaken']);
  });

  test('an older version elsewhere; it goes on by itself when that is closed', async () => {
    const older = await openDB(NAME, 1, { upgrade: (db) => MIGRATIONS[0]?.(db as never) });
    await database.open();
    await expect(use()).rejects.toMatchObject({ message: expect.stringMatching(/Another tab/) });
    expect(news).toEqual(['waiting']);
    older.close();
    await vi.waitFor(() => expect(news).toEqual(['waiting', 'open']));
    expect(await use()).toEqual([]);
  });

  test('a refusal, until the browser lets it be opened', async () => {
    const open = vi.spyOn(globalThis.indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('Not in a private window.', 'SecurityError');
    });
    await expect(use()).rejects.toMatchObject({ code: 'storage-blocked' });
    await database.open();
    open.mockRestore();
    await database.open();
    expect(news).toEqual(['forbidden', 'open']);
  });

  test('closed underneath it is opened anew at once, and only a failure of that is told', async () => {
    const opened = watchConnections();
    await use();
    forceClose(opened.at(-1));
    await vi.waitFor(() => expect(opened).toHaveLength(2));
    await use();
    expect(news).toEqual([]);

    const open = vi.spyOn(globalThis.indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('The disk is gone.', 'UnknownError');
    });
    forceClose(opened.at(-1));
    await vi.waitFor(() => expect(news).toEqual(['lost']));
    open.mockRestore();
  });

  test('what the browser breaks off while it clears the storage is opened a moment later', async () => {
    await use();
    const open = IDBFactory.prototype.open.bind(globalThis.indexedDB);
    const opening = vi.spyOn(globalThis.indexedDB, 'open').mockImplementationOnce(() => {
      throw new DOMException('The connection was closed.', 'AbortError');
    });
    opening.mockImplementation((...name) => open(...name));
    indexedDB.deleteDatabase(NAME);
    await vi.waitFor(() => expect(news).toEqual(['cleared']));
    expect(opening).toHaveBeenCalledTimes(2);
  });

  test('everything was cleared, here known at once, and not only with the next use', async () => {
    await createBatchStore(database).create(fakeEntry('1'), fakeFiles([]));
    indexedDB.deleteDatabase(NAME);
    await vi.waitFor(() => expect(news).toEqual(['cleared']));
    expect(await use()).toEqual([]);
  });
});

test('clearing empties every store, and the storage works on', async () => {
  const database = new Database();
  const store = createBatchStore(database);
  await store.create(fakeEntry('1'), fakeFiles(['a.wav']));
  await database.clear();
  const db = await openDB(NAME);
  for (const name of db.objectStoreNames) expect(await db.count(name), name).toBe(0);
  db.close();
  await store.create(fakeEntry('2'), fakeFiles([]));
  expect(await store.list()).toEqual([fakeEntry('2')]);
});

/** Connections as they are opened from now on. */
function watchConnections(): IDBDatabase[] {
  const opened: IDBDatabase[] = [];
  const open = IDBFactory.prototype.open.bind(globalThis.indexedDB);
  vi.spyOn(globalThis.indexedDB, 'open').mockImplementation((...name) => {
    const request = open(...name);
    request.addEventListener('success', () => opened.push(request.result));
    return request;
  });
  return opened;
}

/** As the browser does it: the connection is told. */
function forceClose(db: IDBDatabase | undefined): void {
  forceCloseDatabase(db as unknown as Parameters<typeof forceCloseDatabase>[0]);
}
