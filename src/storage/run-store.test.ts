// The store on an IndexedDB in memory, looked at from outside: a second connection is the oracle of what lies in
// the database, and faults are put into the requests themselves.
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fakeCheckpoint, fakeRunDetails, fakeRunEntry } from '../state/run-fakes.ts';
import { Database } from './db.ts';
import type { RunStore } from './run-record.ts';
import { createRunStore } from './run-store.ts';

let store: RunStore;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  store = createRunStore(new Database());
});

afterEach(() => void vi.restoreAllMocks());

/** Records of runs in each store, counted over a connection of our own. */
async function census(): Promise<number[]> {
  const db = await openDB('heartbeat');
  const counts = await Promise.all(['runs', 'run-details', 'checkpoints'].map((name) => db.count(name)));
  db.close();
  return counts;
}

/** At the n-th put from now on, 1 the first, the room ends: the transaction aborts, with the reason on it alone. */
function runOutOfRoomAtPut(n: number): void {
  const put: unknown = Reflect.get(IDBObjectStore.prototype, 'put');
  let nth = 0;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...parts) {
    const transaction = this.transaction as unknown as { _abort(name: string): void };
    if (++nth === n) queueMicrotask(() => transaction._abort('QuotaExceededError'));
    return (put as IDBObjectStore['put']).apply(this, parts);
  });
}

test('a run comes back as it was kept, and others are not there', async () => {
  await store.create(fakeRunEntry('1'), fakeRunDetails());
  expect(await store.read('1')).toEqual({ entry: fakeRunEntry('1'), details: fakeRunDetails() });
  expect(await store.readCheckpoint('1')).toBeNull();
  expect(await store.read('2')).toBeNull();
});

test('the newest run comes first', async () => {
  for (const id of ['2026-01-02', '2026-01-03', '2026-01-01'])
    await store.create(fakeRunEntry(id), fakeRunDetails());
  expect((await store.list()).map(({ id }) => id)).toEqual(['2026-01-03', '2026-01-02', '2026-01-01']);
});

test('a checkpoint takes the place of the one before, stays where none is given, and goes when null is', async () => {
  const running = fakeRunEntry('1', { state: 'running' });
  await store.create(running, fakeRunDetails());
  await store.save({ ...running, epochsDone: 1 }, fakeRunDetails(), fakeCheckpoint(1));
  await store.save({ ...running, epochsDone: 2 }, fakeRunDetails(), fakeCheckpoint(2));
  await store.save(running, fakeRunDetails({ history: [] }));
  expect(await store.readCheckpoint('1')).toEqual(fakeCheckpoint(2));
  expect((await store.read('1'))?.details.history).toEqual([]);
  await store.save(fakeRunEntry('1'), fakeRunDetails(), null);
  expect(await store.readCheckpoint('1')).toBeNull();
});

test('what is removed leaves nothing, and its neighbours stay', async () => {
  for (const id of ['1', '2', '20']) {
    await store.create(fakeRunEntry(id), fakeRunDetails());
    await store.save(fakeRunEntry(id), fakeRunDetails(), fakeCheckpoint(1));
  }
  await store.remove(['2', '1', 'never there']);
  expect(await census()).toEqual([1, 1, 1]);
  expect((await store.list()).map(({ id }) => id)).toEqual(['20']);
});

test.each([1, 2])('a run is created whole or not at all: put %i runs out of room', async (n) => {
  await store.list();
  runOutOfRoomAtPut(n);
  await expect(store.create(fakeRunEntry('1'), fakeRunDetails())).rejects.toMatchObject({
    code: 'storage-full',
  });
  expect(await census()).toEqual([0, 0, 0]);
});

test.each([1, 2, 3])(
  'a checkpoint and the entry that counts its epochs change together: put %i runs out of room',
  async (n) => {
    const before = fakeRunEntry('1', { state: 'running', epochsDone: 1 });
    await store.create(before, fakeRunDetails({ history: [] }));
    await store.save(before, fakeRunDetails({ history: [] }), fakeCheckpoint(1));
    runOutOfRoomAtPut(n);
    await expect(
      store.save({ ...before, epochsDone: 2 }, fakeRunDetails(), fakeCheckpoint(2)),
    ).rejects.toMatchObject({ code: 'storage-full' });
    expect(await store.read('1')).toEqual({ entry: before, details: fakeRunDetails({ history: [] }) });
    expect(await store.readCheckpoint('1')).toEqual(fakeCheckpoint(1));
  },
);

test('after a failure the store works again', async () => {
  await store.list();
  runOutOfRoomAtPut(1);
  await expect(store.create(fakeRunEntry('1'), fakeRunDetails())).rejects.toMatchObject({
    code: 'storage-full',
  });
  await store.create(fakeRunEntry('1'), fakeRunDetails());
  expect(await store.list()).toEqual([fakeRunEntry('1')]);
});
