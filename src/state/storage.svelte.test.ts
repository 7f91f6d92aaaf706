// What a person is told of everything that is kept, from what the database, the browser and other tabs say.

import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import type { Census } from '../storage/census.ts';
import type { DatabaseNews } from '../storage/db.ts';
import { DeletionState, type DeletionDependencies } from './deletion.svelte.ts';
import type { StorageUse, StorageWord } from './ports.ts';
import { StorageState, type StorageChange } from './storage.svelte.ts';

const MB = 1_000_000;
const NONE = { n: 0, bytes: 0 };
const CENSUS: Census = { recordings: { n: 2, bytes: 20 }, models: NONE, results: NONE, runs: NONE };

let say: (news: DatabaseNews) => void;
let hear: (word: StorageWord) => void;
let told: StorageWord[];
let changes: StorageChange[];
let use: StorageUse | null;
let nAsked: number;
let willKeep: boolean;
let storage: StorageState;

function open(clearsWhenIdle = false): StorageState {
  return new StorageState({
    database: {
      listen: (tell) => (say = tell),
      open: () => {
        say('open');
        return Promise.resolve();
      },
    },
    census: () => Promise.resolve(CENSUS),
    gauge: {
      measure: () => Promise.resolve(use),
      keep: () => {
        nAsked++;
        if (use && willKeep) use = { ...use, isKept: true };
        return Promise.resolve(willKeep);
      },
      clearsWhenIdle,
    },
    news: { tell: (word) => told.push(word), listen: (onWord) => (hear = onWord) },
    onChange: (what) => changes.push(what),
  });
}

beforeEach(() => {
  told = [];
  changes = [];
  use = { usedBytes: 10 * MB, quotaBytes: 10_000 * MB, isKept: false };
  nAsked = 0;
  willKeep = false;
  storage = open();
});

test('a refusal is told until the storage is open again, and states read it anew then', async () => {
  expect(storage.connection).toBe('open');
  say('forbidden');
  expect([storage.connection, changes]).toEqual(['forbidden', []]);
  await storage.tryAgain();
  expect([storage.connection, changes]).toEqual(['open', ['changed']]);
});

test('cleared underneath: it is told here and in other tabs, until it was read', () => {
  const { version } = storage;
  say('cleared');
  expect([storage.emptied, told, changes]).toEqual(['underneath', ['cleared'], ['cleared']]);
  expect(storage.version).toBeGreaterThan(version);
  storage.dismiss();
  expect(storage.emptied).toBeNull();
});

test('what other tabs tell is not told on', () => {
  hear('restored');
  expect([storage.emptied, changes]).toEqual([null, ['restored']]);
  hear('cleared');
  expect(storage.emptied).toBe('underneath');
  hear('deleted');
  expect([storage.emptied, changes, told]).toEqual(['elsewhere', ['restored', 'cleared', 'deleted'], []]);
});

test.each([
  ['plenty', 10 * MB, 10_000 * MB, false],
  ['less than 200 MB', 1_850 * MB, 2_000 * MB, true],
  ['less than a tenth', 91_000 * MB, 100_000 * MB, true],
  ['more than a tenth', 89_000 * MB, 100_000 * MB, false],
])('%s left', async (_what, usedBytes, quotaBytes, isLow) => {
  use = { usedBytes, quotaBytes, isKept: true };
  await storage.measure();
  expect([storage.isLow, storage.isLowNews]).toEqual([isLow, isLow]);
  storage.dismiss();
  expect([storage.isLow, storage.isLowNews]).toEqual([isLow, false]);
});

test('the browser is asked to keep it once a visit by what is saved, and as often as a person wishes', async () => {
  await storage.protect();
  await storage.protect();
  expect([nAsked, storage.isRefused]).toEqual([1, false]);
  await storage.keep();
  expect([nAsked, storage.isRefused]).toEqual([2, true]);
  willKeep = true;
  await storage.keep();
  expect([storage.use?.isKept, storage.isRefused]).toEqual([true, false]);
  await open().protect();
  expect(nAsked).toBe(3);
});

test('a browser that clears what is idle is warned of, unless it keeps this', async () => {
  const evicting = open(true);
  await evicting.measure();
  expect([storage.clearsWhenIdle, evicting.clearsWhenIdle]).toEqual([false, true]);
  willKeep = true;
  await evicting.keep();
  expect(evicting.clearsWhenIdle).toBe(false);
});

test('a browser that does not tell how much room there is', async () => {
  use = null;
  await storage.measure();
  expect([storage.use, storage.isLow]).toEqual([null, false]);
});

class Deleting {
  readonly done: string[] = [];
  busy: 'here' | 'elsewhere' | null = null;
  error: AppError | null = null;
  readonly dependencies: DeletionDependencies = {
    database: {
      clear: () =>
        this.error ? Promise.reject(this.error) : Promise.resolve(void this.done.push('cleared')),
    },
    census: () => Promise.resolve(CENSUS),
    wipe: () => Promise.resolve(void this.done.push('wiped')),
    busy: {
      quiet: () => Promise.resolve(this.busy ?? (() => void this.done.push('released'))),
      alone: () => Promise.resolve(this.busy ?? (() => void this.done.push('let go'))),
    },
    news: { tell: (word) => this.done.push(word) },
    restart: () => this.done.push('restarted'),
  };
  readonly state = new DeletionState(this.dependencies);
}

test('everything is deleted after two steps, others are told, and the program begins anew', async () => {
  const { state, done } = new Deleting();
  await state.confirm();
  expect(done).toEqual([]);
  await state.ask();
  expect(state.phase).toEqual({ kind: 'asked', census: CENSUS });
  state.cancel();
  await state.confirm();
  expect(done).toEqual(['released']);
  await state.ask();
  await state.confirm();
  expect(done.slice(2)).toEqual(['cleared', 'wiped', 'deleted', 'restarted']);
});

test.each(['here', 'elsewhere'] as const)(
  'nothing is deleted while something is under way %s',
  async (where) => {
    const deleting = new Deleting();
    const { state, done } = deleting;
    await state.ask();
    deleting.busy = where;
    await state.confirm();
    expect(state.phase).toEqual({ kind: 'busy', where });
    await state.ask();
    expect(state.phase).toEqual({ kind: 'busy', where });
    expect(done).toEqual(['released']);
  },
);

test('a storage that refuses is told, and nobody is sent away', async () => {
  const deleting = new Deleting();
  const { state, done } = deleting;
  deleting.error = new AppError('storage-blocked', 'Closed underneath.');
  await state.ask();
  await state.confirm();
  expect(state.phase).toMatchObject({ kind: 'failed', error: { code: 'storage-blocked' } });
  expect(done).toEqual(['released', 'wiped', 'let go']);
});
