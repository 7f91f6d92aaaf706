// Stored models on an IndexedDB in memory, looked at over a second connection. The storage is killed at every
// request that writes: whatever happens, there is the old or the new, whole.
import { forceCloseDatabase, IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fakeModel, fakeParts } from '../state/registry-fakes.ts';
import { Database } from './db.ts';
import type { ModelStore } from './model-record.ts';
import { createModelStore } from './model-store.ts';
import { loseDoneOf } from './storage-faults.ts';

const BUNDLED = 'bundled:tiny';
const AT = '2026-02-01T00:00:00Z';
const LATER = '2026-02-02T00:00:00Z';

let store: ModelStore;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  store = createModelStore(new Database());
});

afterEach(() => void vi.restoreAllMocks());

const STORES = ['models', 'model-topologies', 'model-blobs', 'active-model'] as const;

/** Everything that lies in the stores of models, key and value, over a connection of our own. */
async function everything(): Promise<Record<string, unknown>> {
  const db = await openDB('heartbeat');
  const told: Record<string, unknown> = {};
  for (const name of STORES) {
    const [keys, values] = await Promise.all([db.getAllKeys(name), db.getAll(name)]);
    told[name] = keys.map((key, i): [unknown, unknown] => [key, values[i]]);
  }
  db.close();
  return told;
}

type Fault = (within: IDBObjectStore) => void;

/** What a browser does when the room ends: the transaction aborts, with the reason on it and not on a request. */
const runOutOfRoom: Fault = (within) => {
  const transaction = within.transaction as unknown as { _abort(name: string): void };
  queueMicrotask(() => transaction._abort('QuotaExceededError'));
};
const fail: Fault = () => {
  throw new DOMException('The disk is gone.', 'UnknownError');
};
/** The browser ends the connection, storage cleared or disk pulled: its transactions abort, then it closes. */
const killConnection: Fault = (within) => {
  const transaction = within.transaction as unknown as { _abort(name: string): void };
  forceCloseDatabase(within.transaction.db as unknown as Parameters<typeof forceCloseDatabase>[0]);
  queueMicrotask(() => transaction._abort('AbortError'));
};

/** At the n-th write from now on, 1 the first, does `fault` before it. Gives how many writes there were. */
function injectAtWrite(n: number, fault: Fault): () => number {
  let nth = 0;
  for (const method of ['put', 'add'] as const) {
    const original = Reflect.get(IDBObjectStore.prototype, method) as (...parts: unknown[]) => IDBRequest;
    vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
      this: IDBObjectStore,
      ...parts: unknown[]
    ) {
      if (++nth === n) fault(this);
      return original.apply(this, parts) as IDBRequest<IDBValidKey>;
    });
  }
  return () => nth;
}

const FAULTS: [name: string, fault: Fault][] = [
  ['runs out of room', runOutOfRoom],
  ['fails', fail],
];

test('a model comes back as it was kept, and others are not there', async () => {
  const model = fakeModel('local:1', { replaySha256: 'e'.repeat(64) });
  await store.add(model, fakeParts(1, true));
  expect(await store.read('local:1')).toEqual({ model, parts: fakeParts(1, true) });
  expect(await store.read('local:2')).toBeNull();
  expect(await store.read(BUNDLED)).toBeNull();
});

test('the list is in order of time, without weights', async () => {
  for (const key of ['local:2', 'local:1', 'local:3']) await store.add(fakeModel(key), fakeParts(1));
  expect((await store.list()).map(({ key }) => key)).toEqual(['local:1', 'local:2', 'local:3']);
});

test('a model whose weights are gone is not half there', async () => {
  await store.add(fakeModel('local:1'), fakeParts(1));
  const db = await openDB('heartbeat');
  await db.clear('model-blobs');
  db.close();
  expect(await store.read('local:1')).toBeNull();
  await expect(store.activate('local:1', BUNDLED, AT)).rejects.toMatchObject({ code: 'model-missing' });
  expect(await store.active()).toBeNull();
});

test('weights that two models share go with the last of them', async () => {
  const shared = { replaySha256: 'e'.repeat(64) };
  await store.add(fakeModel('local:1', shared), fakeParts(1, true));
  await store.add(fakeModel('local:2', shared), fakeParts(1, true));
  await store.remove('local:1');
  expect((await store.read('local:2'))?.parts).toEqual(fakeParts(1, true));
  await store.remove('local:2');
  expect(await everything()).toEqual({
    models: [],
    'model-topologies': [],
    'model-blobs': [],
    'active-model': [],
  });
});

test('a name and a passed comparison are kept, and a model that is gone is not brought back by them', async () => {
  await store.add(fakeModel('local:1'), fakeParts(1));
  await store.rename('local:1', 'Ward 7');
  await store.markPassed('local:1');
  expect(await store.list()).toEqual([fakeModel('local:1', { name: 'Ward 7', hasPassedComparison: true })]);
  await store.rename('local:2', 'Nobody');
  expect(await store.list()).toHaveLength(1);
});

test('who is active, and who was before, newest first', async () => {
  expect(await store.active()).toBeNull();
  await store.add(fakeModel('local:1'), fakeParts(1));
  await store.activate('local:1', BUNDLED, AT);
  const active = await store.activate(BUNDLED, 'local:1', LATER);
  expect(active).toEqual({
    key: BUNDLED,
    since: LATER,
    previous: [
      { key: 'local:1', since: AT, until: LATER },
      { key: BUNDLED, since: AT, until: AT },
    ],
  });
  expect(await createModelStore(new Database()).active()).toEqual(active);
});

test('a choice made in another tab meanwhile is not undone', async () => {
  await store.add(fakeModel('local:1'), fakeParts(1));
  await store.add(fakeModel('local:2'), fakeParts(1));
  await createModelStore(new Database()).activate('local:2', BUNDLED, AT);
  await expect(store.activate('local:1', BUNDLED, LATER)).rejects.toMatchObject({ code: 'model-changed' });
  expect((await store.active())?.key).toBe('local:2');
});

test('the same choice made in another tab meanwhile stays as it was made there', async () => {
  await store.add(fakeModel('local:1'), fakeParts(1));
  const made = await createModelStore(new Database()).activate('local:1', BUNDLED, AT);
  expect(await store.activate('local:1', BUNDLED, LATER)).toEqual(made);
});

test('the active model is not removed, and once another is, it can be', async () => {
  await store.add(fakeModel('local:1'), fakeParts(1));
  await store.activate('local:1', BUNDLED, AT);
  await expect(store.remove('local:1')).rejects.toMatchObject({ code: 'model-in-use' });
  expect(await store.read('local:1')).not.toBeNull();
  await store.activate(BUNDLED, 'local:1', LATER);
  await store.remove('local:1');
  expect(await store.list()).toEqual([]);
});

test('what is to be the active model and is not there leaves the old one', async () => {
  await expect(store.activate('local:none', BUNDLED, AT)).rejects.toMatchObject({ code: 'model-missing' });
  expect(await store.active()).toBeNull();
});

test('a key that is taken is not written over', async () => {
  await store.add(fakeModel('local:1'), fakeParts(1));
  const before = await everything();
  await expect(
    store.add(
      fakeModel('local:1', {
        name: 'Other',
        manifest: { ...fakeModel('').manifest, sha256: 'd'.repeat(64) },
      }),
      fakeParts(2),
    ),
  ).rejects.toMatchObject({ code: 'internal' });
  expect(await everything()).toEqual(before);
});

describe.each(FAULTS)('a write that %s', (_, fault) => {
  test.each([1, 2, 3, 4])('leaves no part of a model that is added: write %i', async (n) => {
    await store.add(fakeModel('local:0'), fakeParts(9));
    const before = await everything();
    const nWrites = injectAtWrite(n, fault);
    const replaySha256 = 'e'.repeat(64);
    await expect(
      store.add(fakeModel('local:1', { replaySha256 }, 'a'), fakeParts(1, true)),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^storage-(full|blocked)$/) });
    expect(nWrites()).toBeGreaterThanOrEqual(n);
    vi.restoreAllMocks();
    expect(await everything()).toEqual(before);
    await store.add(fakeModel('local:1', { replaySha256 }, 'a'), fakeParts(1, true));
    expect((await store.read('local:1'))?.parts).toEqual(fakeParts(1, true));
  });

  test('in the middle of a promotion leaves the old model active, and the next promotion works', async () => {
    await store.add(fakeModel('local:1'), fakeParts(1));
    await store.add(fakeModel('local:2'), fakeParts(1));
    await store.activate('local:1', BUNDLED, AT);
    const before = await everything();
    const nWrites = injectAtWrite(1, fault);
    await expect(store.activate('local:2', 'local:1', LATER)).rejects.toMatchObject({
      code: expect.stringMatching(/^storage-(full|blocked)$/),
    });
    // The pointer is all that a promotion writes.
    expect(nWrites()).toBe(1);
    vi.restoreAllMocks();
    expect(await everything()).toEqual(before);
    expect((await store.activate('local:2', 'local:1', LATER)).key).toBe('local:2');
  });
});

describe('a write that is the end of the connection is done again over another', () => {
  test.each([1, 2, 3, 4])('of a model that is added: write %i', async (n) => {
    const replaySha256 = 'e'.repeat(64);
    const nWrites = injectAtWrite(n, killConnection);
    await store.add(fakeModel('local:1', { replaySha256 }, 'a'), fakeParts(1, true));
    expect(nWrites()).toBeGreaterThan(n);
    expect((await store.read('local:1'))?.parts).toEqual(fakeParts(1, true));
  });

  test('of a promotion', async () => {
    await store.add(fakeModel('local:1'), fakeParts(1));
    const nWrites = injectAtWrite(1, killConnection);
    await store.activate('local:1', BUNDLED, AT);
    expect(nWrites()).toBe(2);
    expect((await store.active())?.key).toBe('local:1');
  });
});

describe('what was done, and the connection lost before anybody heard of it, counts as done:', () => {
  test('a model that is added', async () => {
    const model = fakeModel('local:1', { replaySha256: 'e'.repeat(64) });
    loseDoneOf(1);
    await store.add(model, fakeParts(1, true));
    expect(await store.read('local:1')).toEqual({ model, parts: fakeParts(1, true) });
  });

  test('a promotion', async () => {
    await store.add(fakeModel('local:1'), fakeParts(1));
    loseDoneOf(1);
    const active = await store.activate('local:1', BUNDLED, AT);
    expect(active).toEqual({ key: 'local:1', since: AT, previous: [{ key: BUNDLED, since: AT, until: AT }] });
    expect(await store.active()).toEqual(active);
  });

  test('a model that is removed', async () => {
    await store.add(fakeModel('local:1'), fakeParts(1));
    loseDoneOf(1);
    await store.remove('local:1');
    expect(await store.list()).toEqual([]);
  });
});

test('a promotion that is killed after its write was accepted is whole or has not been', async () => {
  await store.add(fakeModel('local:1'), fakeParts(1));
  const put = Reflect.get(IDBObjectStore.prototype, 'put') as (...parts: unknown[]) => IDBRequest;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    ...parts: unknown[]
  ) {
    const request = put.apply(this, parts) as IDBRequest<IDBValidKey>;
    request.addEventListener('success', () => killConnection(this));
    return request;
  });
  const outcome = await store.activate('local:1', BUNDLED, AT).then(
    () => 'new',
    () => 'old',
  );
  vi.restoreAllMocks();
  expect((await store.active())?.key ?? BUNDLED).toBe(outcome === 'new' ? 'local:1' : BUNDLED);
});
