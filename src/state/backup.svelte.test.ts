// A backup as the Settings page has it done: what is told while it goes on, what is refused, what survives the reload.
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import type { SaveTarget } from '../input/save-file.ts';
import { createCollectionStore } from '../storage/collection-store.ts';
import { Database } from '../storage/db.ts';
import { FakeValues, keepSound, readOptions } from './backup-fakes.ts';
import { BackupState, type BackupDependencies } from './backup.svelte.ts';
import { AppError } from '../core/errors.ts';

let database: Database;
let kept: Map<string, unknown>;
let written: Blob | null;
let told: string[];
let now: string;
let isAwaited: boolean;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  database = new Database();
  kept = new Map();
  written = null;
  told = [];
  isAwaited = false;
  now = '2026-03-28T09:05:00.000Z';
});

/** Keeps what it is given, as a disk would. */
const target: SaveTarget = {
  async take(stream, signal) {
    const blob = await new Response(stream).blob();
    signal.throwIfAborted();
    written = blob;
    return blob.size;
  },
};

function open(change: Partial<BackupDependencies> = {}): BackupState {
  return new BackupState({
    ...readOptions,
    database,
    values: new FakeValues(),
    store: {
      read: (key) => kept.get(key) ?? null,
      write: (key, value) => {
        kept.set(key, value);
        return true;
      },
    },
    busy: fakeBusy(),
    gauge: { measure: () => Promise.resolve({ usedBytes: 0, quotaBytes: 1e9, isKept: true }) },
    finishRemovals: () => Promise.resolve(void told.push('removed')),
    openTarget: () => Promise.resolve(target),
    pace: () => () => undefined,
    persist: () => Promise.resolve(void told.push('persisted')),
    tellOthers: (word) => told.push(word),
    reload: () => told.push('reloaded'),
    now: () => 0,
    timestamp: () => now,
    appVersion: '1',
    ...change,
  });
}

/** Records of a restore, its note among them. */
const nWaiting = (): Promise<number> => database.read((db) => db.count('restoring'));

/** @param where something is under way, so that nothing may be replaced */
function fakeBusy(where?: 'here' | 'elsewhere'): BackupDependencies['busy'] {
  return {
    quiet: () => Promise.resolve(where ?? (() => told.push('released'))),
    alone: () => Promise.resolve(where ?? (() => told.push('let go'))),
    join: () => Promise.resolve(() => told.push('left')),
    isAwaited: () => Promise.resolve(isAwaited),
  };
}

async function madeFile(): Promise<File> {
  await open().make();
  if (!written) throw new Error('nothing was written');
  return new File([written], 'mine.zip');
}

test('a backup is made, and when that was is known at the next visit', async () => {
  await keepSound(database, 'a');
  const backup = open();
  expect(backup.last).toBeNull();
  await backup.make();
  expect(backup.phase).toEqual({
    kind: 'written',
    fileName: 'heartbeat-backup-2026-03-28-0905.zip',
    nLeftOut: 0,
  });
  // What could still be brought back is gone before it could get into the file.
  expect(told).toEqual(['removed', 'left']);
  expect(open().last).toEqual({ at: '2026-03-28T09:05:00.000Z', sizeBytes: written?.size });
});

test('whoever closes the file picker has done nothing', async () => {
  const backup = open({ openTarget: () => Promise.resolve(null) });
  await backup.make();
  expect(backup.phase).toEqual({ kind: 'idle' });
  expect(backup.last).toBeNull();
});

test('a file that cannot be written is said to be so, and is no backup', async () => {
  const take = (): Promise<number> => Promise.reject(new AppError('file-unwritable', 'Full.'));
  const backup = open({ openTarget: () => Promise.resolve({ take }) });
  await backup.make();
  expect(backup.phase).toMatchObject({ kind: 'failed', error: { code: 'file-unwritable' } });
  expect(backup.last).toBeNull();
});

test('a backup that is cancelled leaves no trace', async () => {
  await keepSound(database, 'a');
  const cancel = (): undefined => {
    backup.cancel();
  };
  const backup: BackupState = open({ pace: () => cancel });
  await backup.make();
  expect(backup.phase).toEqual({ kind: 'idle' });
  expect([written, backup.last]).toEqual([null, null]);
});

test('what was restored is told after the reload, once, and other tabs are told', async () => {
  await keepSound(database, 'a');
  const file = await madeFile();
  globalThis.indexedDB = new IDBFactory();
  database = new Database();
  const backup = open();
  await backup.open(file);
  expect(backup.phase).toMatchObject({
    kind: 'checked',
    offer: { fileName: 'mine.zip', here: { recordings: 0 }, there: { recordings: 1 } },
  });
  told = [];
  await backup.restore('merge');
  expect(await createCollectionStore(database).list()).toHaveLength(1);
  expect(told).toEqual(['removed', 'restored', 'reloaded', 'let go']);
  expect(backup.isRunning).toBe(false);
  const after = open();
  await after.look();
  expect(after.news).toMatchObject({ kind: 'restored', counts: { recordings: 1 } });
  expect(told.at(-1)).toBe('persisted');
  const later = open();
  await later.look();
  expect(later.news).toBeNull();
});

test('sound that is damaged here is said to be so, and given back', async () => {
  const id = await keepSound(database, 'a');
  await keepSound(database, 'b');
  const file = await madeFile();
  await database.write(['recording-bytes'], (transaction, requests) => {
    requests.push(transaction.objectStore('recording-bytes').put(new TextEncoder().encode('c').buffer, id));
  });
  const backup = open();
  await backup.open(file);
  const repairs = (recordings: number): object => ({
    offer: { effects: { merge: { repaired: { recordings } } } },
  });
  expect(backup.phase).toMatchObject(repairs(1));
  await backup.restore('merge');
  const bytes = await createCollectionStore(database).readBytes(id);
  expect(new TextDecoder().decode(bytes!)).toBe('a');
  await backup.open(file);
  expect(backup.phase).toMatchObject(repairs(0));
});

test('what would do something else than was offered is offered anew, and does nothing', async () => {
  await keepSound(database, 'a');
  const file = await madeFile();
  const backup = open();
  await backup.open(file);
  expect(backup.phase).toMatchObject({ offer: { effects: { replace: { removed: { recordings: 0 } } } } });
  await keepSound(database, 'late');
  await backup.restore('replace');
  expect(backup.phase).toMatchObject({
    kind: 'checked',
    isRenewed: true,
    offer: { here: { recordings: 2 }, effects: { replace: { removed: { recordings: 1 } } } },
  });
  expect(await createCollectionStore(database).list()).toHaveLength(2);
  expect([told.includes('reloaded'), told.at(-1)]).toEqual([false, 'let go']);
  expect(await nWaiting()).toBe(0);
  await Promise.all([backup.restore('replace'), backup.restore('replace')]);
  expect(await createCollectionStore(database).list()).toHaveLength(1);
  expect(told.filter((word) => word === 'reloaded')).toHaveLength(1);
});

test('a restore that was stopped has changed nothing, and other tabs need not hear of it', async () => {
  await keepSound(database, 'a');
  const file = await madeFile();
  globalThis.indexedDB = new IDBFactory();
  database = new Database();
  let isStopping = false;
  const stop = (): undefined => {
    if (isStopping) backup.cancel();
  };
  const backup: BackupState = open({ pace: () => stop });
  await backup.open(file);
  isStopping = true;
  await backup.restore('merge');
  expect(backup.phase).toEqual({ kind: 'stopped' });
  expect(await createCollectionStore(database).list()).toEqual([]);
  expect([told.includes('restored'), told.at(-1)]).toEqual([false, 'let go']);
  expect(await nWaiting()).toBe(0);
});

test.each(['here', 'elsewhere'] as const)(
  'nothing is restored while something is under way %s',
  async (where) => {
    const file = await madeFile();
    const backup = open({ busy: fakeBusy(where) });
    await backup.open(file);
    await backup.restore('replace');
    expect(backup.phase).toMatchObject({ kind: 'failed', error: { code: 'restore-busy' } });
    expect(told).not.toContain('reloaded');
  },
);

test('what another tab began all the same is not restored over, however late it began', async () => {
  await keepSound(database, 'a');
  const file = await madeFile();
  await keepSound(database, 'late');
  const backup = open();
  await backup.open(file);
  isAwaited = true;
  await backup.restore('replace');
  expect(backup.phase).toMatchObject({ kind: 'failed', error: { code: 'restore-busy' } });
  expect(await createCollectionStore(database).list()).toHaveLength(2);
  expect([told.includes('restored'), told.at(-1), await nWaiting()]).toEqual([false, 'let go', 0]);
});

/** What a killed browser has not written to disk yet: all that is beside the database. */
function forgetBeside(): void {
  kept = new Map();
}

test('a restore that its browser did not live to the end of is told at the next visit, until that is read', async () => {
  await keepSound(database, 'a');
  const file = await madeFile();
  globalThis.indexedDB = new IDBFactory();
  database = new Database();
  let isDying = false;
  const never = (): Promise<void> | undefined => (isDying ? new Promise(() => undefined) : undefined);
  const died = open({ pace: () => never });
  await died.open(file);
  isDying = true;
  void died.restore('replace');
  await vi.waitFor(async () => expect(await nWaiting()).toBeGreaterThan(0));
  forgetBeside();
  database = new Database();
  await database.write(['recording-bytes', 'restoring'], (transaction, requests) => {
    requests.push(transaction.objectStore('recording-bytes').put(new ArrayBuffer(3), 'of nothing'));
    requests.push(transaction.objectStore('restoring').add({ kind: 'recordings', records: [] }));
  });
  const atIt = open({ busy: fakeBusy('elsewhere') });
  await atIt.look();
  expect([atIt.news, await nWaiting()]).toEqual([null, 2]);
  for (let visit = 1; visit <= 2; visit++) {
    const next = open();
    await next.look();
    expect(next.news).toMatchObject({ kind: 'interrupted', createdAt: '2026-03-28T09:05:00.000Z' });
    expect(await database.read((db) => db.count('recording-bytes'))).toBe(0);
    if (visit === 2) next.dismissNews();
  }
  await vi.waitFor(async () => expect(await nWaiting()).toBe(0));
  const later = open();
  await later.look();
  expect(later.news).toBeNull();
});

test('what a restore that failed could not remove is removed at the next visit', async () => {
  await keepSound(database, 'a');
  const file = await madeFile();
  globalThis.indexedDB = new IDBFactory();
  database = new Database();
  const backup: BackupState = open();
  await backup.open(file);
  const write = database.write.bind(database);
  let nWrites = 0;
  vi.spyOn(database, 'write').mockImplementation((...parts) =>
    ++nWrites <= 2 ? write(...parts) : Promise.reject(new AppError('storage-full', 'Full.')),
  );
  await backup.restore('merge');
  expect(backup.phase).toMatchObject({ kind: 'failed', error: { code: 'storage-full' } });
  vi.restoreAllMocks();
  expect(await database.read((db) => db.count('recording-bytes'))).toBe(1);
  await open().look();
  expect(await database.read((db) => db.count('recording-bytes'))).toBe(0);
});

test('a restore whose browser dies right after it is said to be done, with its settings, at the next visit', async () => {
  await keepSound(database, 'a');
  const saved = new FakeValues({ settings: '{"theme":"dark"}' });
  await open({ values: saved }).make();
  const file = new File([written ?? ''], 'mine.zip');
  globalThis.indexedDB = new IDBFactory();
  database = new Database();
  let values = new FakeValues();
  const backup = open({ values });
  await backup.open(file);
  await backup.restore('replace');
  // It dies before the reload, and once more right after that was told.
  for (const atOnce of ['before', 'after']) {
    forgetBeside();
    values = new FakeValues({ settings: '{"theme":"light"}' });
    told = [];
    const next = open({ values });
    await next.look();
    expect([next.news, told], atOnce).toEqual([null, ['restored', 'reloaded']]);
    expect(values.all(), atOnce).toEqual(saved.all());
    const reloaded = open({ values });
    await reloaded.look();
    expect(reloaded.news, atOnce).toMatchObject({ kind: 'restored', counts: { recordings: 1 } });
    // Other tabs may have been told before the settings had reached them.
    expect(told.slice(2), atOnce).toEqual(['changed', 'persisted']);
  }
  // What a person sets from now on stays, and when all is on disk, the note is no longer needed.
  values.values.set('settings', '{"theme":"light"}');
  for (const [at, n] of [
    ['2026-03-28T09:06:00.000Z', 1],
    ['2026-03-29T09:05:00.000Z', 0],
  ] as const) {
    now = at;
    const later = open({ values });
    await later.look();
    expect([later.news, values.all(), await nWaiting()]).toEqual([
      null,
      [{ key: 'settings', value: '{"theme":"light"}' }],
      n,
    ]);
  }
});

test('where nothing can be kept beside the database, a restore is told once all the same, and no page loads on and on', async () => {
  const saved = new FakeValues({ settings: '{"theme":"dark"}' });
  await open({ values: saved }).make();
  const store = { read: () => null, write: () => false };
  const backup = open({ store });
  await backup.open(new File([written ?? ''], 'mine.zip'));
  await backup.restore('replace');
  told = [];
  const after = open({ store });
  await after.look();
  expect([after.news?.kind, told]).toEqual(['restored', ['changed', 'persisted']]);
  const later = open({ store });
  await later.look();
  expect(later.news).toBeNull();
});

test('a restore under which the storage is cleared is not said to be done', async () => {
  await keepSound(database, 'a');
  const file = await madeFile();
  let isClearing = false;
  const pause = async (): Promise<void> => {
    if (isClearing) await new Database().clear();
  };
  const backup = open({ pace: () => pause });
  await backup.open(file);
  isClearing = true;
  told = [];
  await backup.restore('replace');
  expect(backup.phase).toMatchObject({ kind: 'failed', error: { code: 'storage-cleared' } });
  expect(told).not.toContain('reloaded');
  const after = open();
  await after.look();
  expect(after.news).toBeNull();
});

test('no backup is made while another tab restores: the file picker does not even open', async () => {
  const openTarget = vi.fn(() => Promise.resolve(target));
  const backup = open({ openTarget, busy: { ...fakeBusy('elsewhere'), join: () => Promise.resolve(null) } });
  await backup.make();
  expect(backup.phase).toMatchObject({ kind: 'failed', error: { code: 'backup-busy' } });
  expect(openTarget).not.toHaveBeenCalled();
  expect(written).toBeNull();
});

test('what is no backup is refused, and there is a way back', async () => {
  const backup = open();
  await backup.open(new File(['Dear diary'], 'letter.zip'));
  expect(backup.phase).toMatchObject({ kind: 'failed', error: { code: 'backup-invalid' } });
  backup.close();
  expect(backup.phase).toEqual({ kind: 'idle' });
});

test('what lies beside the database and is damaged counts as nothing', () => {
  kept.set('backup', { at: 'never', sizeBytes: NaN });
  expect(open().last).toBeNull();
});
