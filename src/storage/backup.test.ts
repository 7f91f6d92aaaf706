// A backup and its way back, on an IndexedDB in memory. A second connection that knows nothing of backups is the
// oracle of what lies in the database; fflate, of what lies in the zip.
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { unzipSync } from 'fflate';
import { openDB } from 'idb';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  backUp,
  FakeValues,
  fillDevice,
  keepModel,
  keepSound,
  readOptions,
  sourceOf,
  writeOptions,
} from '../state/backup-fakes.ts';
import { fakeEntry, fakeFiles, fakeStored } from '../state/history-fakes.ts';
import { fakeCheckpoint, fakeRunDetails, fakeRunEntry } from '../state/run-fakes.ts';
import { damageFinder } from './backup-damage.ts';
import { effectOf, lookHere, type RestoreEffect, type RestoreMode } from './backup-effect.ts';
import { readBackup, type CheckedBackup } from './backup-read.ts';
import { restoreBackup, type RestorePorts } from './backup-restore.ts';
import { writeBackup, type WrittenBackup } from './backup-write.ts';
import { createBatchStore } from './batch-store.ts';
import { createCollectionStore } from './collection-store.ts';
import { Database } from './db.ts';
import { createModelStore } from './model-store.ts';
import { settle } from './backup-swap.ts';
import { readNote } from './backup-note.ts';
import { createRunStore } from './run-store.ts';
import { runOutOfRoom } from './storage-faults.ts';

/** For dozens of restores in one test. */
const PATIENCE_MS = 60_000;

let database: Database;
let values: FakeValues;

beforeEach(() => {
  newDevice();
});

afterEach(() => void vi.restoreAllMocks());

function newDevice(kept: Record<string, string> = {}): void {
  globalThis.indexedDB = new IDBFactory();
  database = new Database();
  values = new FakeValues(kept);
}

type Dump = Record<string, [key: unknown, value: unknown][]>;

const BEGUN_AT = '2026-03-01T00:00:00.000Z';

/** Every store that there is, key and value, without the note of a restore. */
async function everything(): Promise<Dump> {
  const db = await openDB('heartbeat');
  const told: Dump = {};
  for (const name of db.objectStoreNames) {
    const [keys, all] = await Promise.all([db.getAllKeys(name), db.getAll(name)]);
    told[name] = keys
      .map((key, i): [unknown, unknown] => [
        key,
        all[i] instanceof ArrayBuffer ? Buffer.from(all[i]) : all[i],
      ])
      .filter(([key]) => name !== 'restoring' || key !== 0);
  }
  db.close();
  return told;
}

const check = (zip: Uint8Array<ArrayBuffer>): Promise<CheckedBackup> =>
  readBackup(sourceOf(zip), { ...readOptions, isDamaged: damageFinder(database, readOptions.hash) });

/** What a restore would do here. */
async function foresee(zip: Uint8Array<ArrayBuffer>, mode: RestoreMode): Promise<RestoreEffect> {
  const backup = await check(zip);
  return effectOf(backup, await lookHere(database, values, backup.damaged), mode);
}

async function restore(
  zip: Uint8Array<ArrayBuffer>,
  mode: RestoreMode,
  change: Partial<RestorePorts> = {},
): Promise<void> {
  await restoreBackup(await check(zip), mode, {
    database,
    values,
    begunAt: BEGUN_AT,
    pause: () => undefined,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    freeBytes: null,
    checkLast: () => Promise.resolve(),
    ...change,
  });
}

describe('a backup', () => {
  test.each(['merge', 'replace'] as const)(
    'of everything comes back equal on an empty device (%s)',
    async (mode) => {
      await fillDevice(database);
      const before = await everything();
      // No store was forgotten when this device was made up.
      for (const [name, records] of Object.entries(before))
        if (name !== 'restoring') expect(records, name).not.toEqual([]);
      values = new FakeValues({ settings: '{"theme":"dark"}', other: '1' });
      const zip = await backUp(writeOptions(database, values));
      newDevice();
      await restore(zip, mode);
      expect(await everything()).toEqual(before);
      expect(values.all()).toHaveLength(mode === 'replace' ? 2 : 0);
    },
  );

  test('is a zip that other programs read, each entry with its true size and hash', async () => {
    await fillDevice(database);
    const files = unzipSync(await backUp(writeOptions(database, new FakeValues({ settings: '{}' }))));
    const paths = Object.keys(files);
    expect(paths.at(-1)).toBe('manifest.json');
    const manifest: unknown = JSON.parse(Buffer.from(files['manifest.json']!).toString());
    expect(manifest).toEqual({
      schema: 'heartbeat-backup/1',
      appVersion: '1.2.3',
      databaseVersion: expect.any(Number),
      createdAt: '2026-02-01T00:00:00.000Z',
      counts: { recordings: 3, batches: 2, results: 212, models: 2, runs: 2, 'active-model': 1, settings: 1 },
      entries: paths.slice(0, -1).map((path) => ({
        path,
        sizeBytes: files[path]!.length,
        sha256: createHash('sha256').update(files[path]!).digest('hex'),
      })),
    });
    const first = createHash('sha256').update('first').digest('hex');
    expect(Buffer.from(files[`sounds/${first}.bin`]!).toString()).toBe('first');
  });

  test('of nothing is a backup, too', async () => {
    const { archive } = await check(await backUp(writeOptions(database)));
    expect(archive.manifest.entries).toEqual([]);
  });

  test('leaves out whole what is damaged or half there, and can be restored', async () => {
    await fillDevice(database);
    const db = await openDB('heartbeat');
    const [sound] = await db.getAllKeys('recording-bytes');
    await db.put('recording-bytes', new ArrayBuffer(7), sound);
    await db.delete('model-topologies', 'local:2');
    await db.delete('run-details', 'r2');
    await db.put('batches', { ...fakeEntry('b1'), total: NaN });
    db.close();
    let written: WrittenBackup | null = null;
    const stream = writeBackup(writeOptions(database), (all) => (written = all));
    const zip = new Uint8Array(await new Response(stream).arrayBuffer());
    expect(written).toMatchObject({ nLeftOut: 4 });
    newDevice();
    await restore(zip, 'replace');
    const after = await everything();
    const counts = Object.entries(after).map(([name, records]) => [name, records.length]);
    expect(Object.fromEntries(counts)).toMatchObject({
      recordings: 2,
      'recording-bytes': 2,
      models: 1,
      'model-blobs': 2,
      // The chosen model is one that could not be kept.
      'active-model': 0,
      runs: 1,
      checkpoints: 0,
      batches: 1,
      'batch-results': 210,
    });
  });

  test('goes on while the program is used: what is deleted is left out, what is added is not in it', async () => {
    await fillDevice(database);
    let nth = 0;
    const meanwhile = async (): Promise<void> => {
      if (++nth !== 3) return;
      await createModelStore(database).activate('bundled:tiny', 'local:2', '2026-02-02T00:00:00Z');
      await createModelStore(database).remove('local:2');
      await createBatchStore(database).remove(['b1']);
      await createRunStore(database).remove(['r1']);
      await keepSound(database, 'late');
      const late = fakeStored(7, { fileName: 'changed.wav' });
      await createBatchStore(database).save(fakeEntry('b2', { total: 210 }), [late]);
    };
    const options = { ...writeOptions(database), pause: meanwhile };
    const { contents } = await check(await backUp(options));
    expect([...contents.recordings.values()].flat()).toHaveLength(3);
    expect([...contents.batches.values()].flat()).toMatchObject([{ id: 'b2', nResults: 210 }]);
    expect([...contents.models.values()].flat().map(({ key }) => key)).toEqual(['local:1']);
    expect([...contents.runs.values()].flat().map(({ id }) => id)).toEqual(['r2']);
  });

  test('of a batch that goes on holds the results that its entry counts', async () => {
    const batches = createBatchStore(database);
    const entry = fakeEntry('b', { total: 200, state: 'running' });
    await batches.create(entry, fakeFiles(Array.from({ length: 200 }, (_, i) => `${i}.wav`)));
    const results = Array.from({ length: 200 }, (_, i) => fakeStored(i));
    await batches.save(entry, results.slice(0, 150));
    const pause = async (): Promise<void> => {
      await batches.save({ ...entry, updatedAt: '2026-03-01T00:00:00Z' }, results.slice(150));
    };
    const { contents } = await check(await backUp({ ...writeOptions(database), pause }));
    expect([...contents.batches.values()].flat()).toMatchObject([
      { updatedAt: entry.updatedAt, nResults: 150 },
    ]);
  });

  test('tells how far it is, to the end', async () => {
    await fillDevice(database);
    const told: { done: number; total: number; fraction: number }[] = [];
    await backUp({ ...writeOptions(database), onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toMatchObject({ done: 219, total: 219, fraction: 1 });
    expect(told.every(({ fraction }, i) => fraction >= (told[i - 1]?.fraction ?? 0))).toBe(true);
  });

  test('that is cancelled reads no further', async () => {
    await fillDevice(database);
    const pause = vi.fn(() => undefined);
    const reader = writeBackup({ ...writeOptions(database), pause }, () => undefined).getReader();
    await reader.read();
    await reader.cancel('enough').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Whole, it is some 20 entries.
    expect(pause.mock.calls.length).toBeLessThan(5);
  });
});

/** A device with its own things, some of them also in the backup. */
async function otherDevice(): Promise<void> {
  newDevice({ settings: '{"theme":"light"}', mine: '1' });
  await keepSound(database, 'first', { label: 'normal' });
  await keepSound(database, 'own');
  const batches = createBatchStore(database);
  await batches.create(
    fakeEntry('b1', { updatedAt: '2027-01-01T00:00:00Z', title: 'later here' }),
    fakeFiles(['a', 'b', 'c']),
  );
  await batches.save(fakeEntry('b1', { updatedAt: '2027-01-01T00:00:00Z', title: 'later here' }), [
    fakeStored(1),
  ]);
  await batches.create(fakeEntry('own'), fakeFiles(['a', 'b', 'c']));
  await batches.save(fakeEntry('own'), [fakeStored(0)]);
  await batches.create(fakeEntry('b2', { updatedAt: '2020-01-01T00:00:00Z', total: 0 }), fakeFiles([]));
  await keepModel(database, 'local:1', 1);
  await keepModel(database, 'local:own', 9);
  await createModelStore(database).rename('local:1', 'called otherwise here');
  await createModelStore(database).activate('local:own', 'bundled:tiny', '2026-02-05T00:00:00Z');
  const runs = createRunStore(database);
  await runs.create(fakeRunEntry('r1', { updatedAt: '2020-01-01T00:00:00Z' }), fakeRunDetails());
  await runs.save(fakeRunEntry('own'), fakeRunDetails(), fakeCheckpoint(1));
}

describe('a restore', () => {
  let zip: Uint8Array<ArrayBuffer>;
  let backedUp: Dump;

  beforeEach(async () => {
    await fillDevice(database);
    backedUp = await everything();
    zip = await backUp(writeOptions(database, new FakeValues({ settings: '{"theme":"dark"}' })));
    await otherDevice();
  });

  test('that replaces leaves exactly the backup', async () => {
    await restore(zip, 'replace');
    expect(await everything()).toEqual(backedUp);
    expect(values.all()).toEqual([{ key: 'settings', value: '{"theme":"dark"}' }]);
  });

  test('that replaces with a backup of nothing leaves nothing', async () => {
    newDevice();
    const nothing = await backUp(writeOptions(database));
    await otherDevice();
    await restore(nothing, 'replace');
    expect(Object.values(await everything()).flat()).toEqual([]);
    expect(values.all()).toEqual([]);
  });

  test('that merges keeps what is here, adds what is missing, and takes the later of what is in both', async () => {
    const before = await everything();
    await restore(zip, 'merge');
    const after = await everything();
    const keysOf = (dump: Dump, name: string): unknown[] => dump[name]!.map(([key]) => key);
    for (const name of [
      'recordings',
      'recording-bytes',
      'models',
      'runs',
      'batches',
      'batch-names',
      'model-blobs',
    ])
      expect(new Set(keysOf(after, name)), name).toEqual(
        new Set([...keysOf(before, name), ...keysOf(backedUp, name)]),
      );
    const labels = (await createCollectionStore(database).list()).map(({ fileName, label }) => [
      fileName,
      label,
    ]);
    expect(Object.fromEntries(labels)).toMatchObject({
      'first.wav': 'normal',
      'second.wav': null,
      'own.wav': 'normal',
    });
    const batches = createBatchStore(database);
    expect((await batches.read('b1'))?.entry.title).toBe('later here');
    expect(await batches.readResult('b1', 0)).toBeNull();
    expect((await batches.read('b2'))?.files.names).toHaveLength(210);
    expect((await batches.search('209.wav')).map(({ id }) => id)).toEqual(['b2']);
    expect((await createModelStore(database).read('local:1'))?.model.name).toBe('called otherwise here');
    expect((await createModelStore(database).active())?.key).toBe('local:own');
    expect((await createRunStore(database).read('r1'))?.details.verdict).not.toBeNull();
    expect(values.all()).toContainEqual({ key: 'mine', value: '1' });
  });

  test('says beforehand what it will do', async () => {
    const backup = await check(zip);
    const here = await lookHere(database, values, backup.damaged);
    expect(here.counts).toMatchObject({ recordings: 2, batches: 3, results: 2, models: 2, runs: 2 });
    const merge = effectOf(backup, here, 'merge');
    expect(merge.added).toMatchObject({ recordings: 2, batches: 0, models: 1, runs: 1 });
    expect(merge.changed).toMatchObject({ batches: 1, results: 210, runs: 1 });
    expect(merge.removed).toMatchObject({ recordings: 0, batches: 0, models: 0, runs: 0 });
    const replace = effectOf(backup, here, 'replace');
    expect(replace.changed).toMatchObject({ batches: 2, runs: 1 });
    expect(replace.removed).toMatchObject({ recordings: 1, batches: 1, models: 1, runs: 1 });
  });

  test('that replaces leaves what another tab has added meanwhile', async () => {
    let isAdded = false;
    const pause = async (): Promise<void> => {
      if (isAdded) return;
      isAdded = true;
      await keepSound(database, 'late');
      await createBatchStore(database).create(fakeEntry('late'), fakeFiles(['a', 'b', 'c']));
      await createBatchStore(database).save(fakeEntry('late'), [fakeStored(0)]);
      // Shares its weights with one that goes.
      await keepModel(database, 'local:late', 9);
      await createRunStore(database).create(fakeRunEntry('late'), fakeRunDetails());
    };
    await restore(zip, 'replace', { pause });
    const names = (await createCollectionStore(database).list()).map(({ fileName }) => fileName);
    expect(names).toContain('late.wav');
    expect(names).not.toContain('own.wav');
    expect((await everything())['recording-bytes']).toHaveLength(4);
    expect(await createBatchStore(database).readResult('late', 0)).not.toBeNull();
    expect(await createBatchStore(database).readResult('own', 0)).toBeNull();
    expect(await createModelStore(database).read('local:late')).not.toBeNull();
    expect(await createModelStore(database).read('local:own')).toBeNull();
    expect(await createRunStore(database).read('late')).not.toBeNull();
    expect(await createRunStore(database).read('own')).toBeNull();
  });

  test.each(['merge', 'replace'] as const)(
    'leaves what another tab removes meanwhile removed, and nothing without its bytes (%s)',
    async (mode) => {
      const [first, second] = ['first', 'second'].map((text) =>
        createHash('sha256').update(text).digest('hex'),
      );
      let nSteps = 0;
      await restore(zip, mode, { onProgress: () => nSteps++ });
      await otherDevice();
      // When all of it waits for the last step.
      const onProgress = (): number => nSteps--;
      const pause = async (): Promise<void> => {
        if (nSteps !== 0) return;
        const collection = createCollectionStore(database);
        await collection.remove([first!]);
        await keepSound(database, 'second');
        await collection.remove([second!]);
        await createModelStore(database).remove('local:1');
        await createBatchStore(database).remove(['b1', 'b2']);
        await createRunStore(database).remove(['r1']);
      };
      await restore(zip, mode, { onProgress, pause });
      const after = await everything();
      const idsIn = (name: string): unknown[] => after[name]!.map(([key]) => key);
      expect(idsIn('recordings')).toEqual(idsIn('recording-bytes'));
      expect(idsIn('recordings')).not.toContain(first);
      expect(idsIn('recordings')).not.toContain(second);
      expect(idsIn('models')).not.toContain('local:1');
      expect(idsIn('models')).toEqual(idsIn('model-topologies'));
      expect(await createModelStore(database).read('local:2')).not.toBeNull();
      for (const name of ['batches', 'batch-files', 'batch-names', 'batch-results'])
        expect(JSON.stringify(idsIn(name)), name).not.toMatch(/"b[12]"/);
      expect(idsIn('runs')).not.toContain('r1');
      expect(idsIn('run-details')).toEqual(idsIn('runs'));
    },
  );

  test.each(['merge', 'replace'] as const)(
    'leaves a recording that another tab adds meanwhile as it is labelled there (%s)',
    async (mode) => {
      const pause = (): Promise<void> =>
        keepSound(database, 'second', { label: 'labelled meanwhile' }).then(() => undefined);
      await restore(zip, mode, { pause });
      const labels = (await createCollectionStore(database).list()).map(({ fileName, label }) => [
        fileName,
        label,
      ]);
      expect(labels).toContainEqual(['second.wav', 'labelled meanwhile']);
    },
  );

  test('whose weights another tab removes meanwhile changes nothing, and says so', async () => {
    const before = await everything();
    let nSteps = 0;
    await restore(zip, 'merge', { onProgress: () => nSteps++ });
    await otherDevice();
    const onProgress = (): number => nSteps--;
    const pause = async (): Promise<void> => {
      if (nSteps !== 0) return;
      // Has the weights of one that is only in the backup, and takes them along.
      await keepModel(database, 'local:late', 2);
      await createModelStore(database).remove('local:late');
    };
    await expect(restore(zip, 'merge', { onProgress, pause })).rejects.toMatchObject({
      code: 'model-missing',
    });
    expect(await everything()).toEqual(before);
  });

  test.each(['merge', 'replace'] as const)(
    'brings back the bytes of a model that is here without them (%s)',
    async (mode) => {
      const bytesOf = (dump: Dump): Map<unknown, unknown> => new Map(dump['model-blobs']);
      const model = await createModelStore(database).read('local:1');
      const sha256 = model!.model.manifest.sha256;
      const db = await openDB('heartbeat');
      await db.delete('model-blobs', sha256);
      db.close();
      await restore(zip, mode);
      expect(bytesOf(await everything()).get(sha256)).toEqual(bytesOf(backedUp).get(sha256));
    },
  );

  test('gives a model its topology, and a recording its bytes, where they are lost here', async () => {
    const whole = await everything();
    const first = createHash('sha256').update('first').digest('hex');
    const db = await openDB('heartbeat');
    await db.delete('model-topologies', 'local:1');
    await db.delete('recording-bytes', first);
    db.close();
    expect((await foresee(zip, 'merge')).repaired).toMatchObject({ recordings: 1, models: 1 });
    await restore(zip, 'merge');
    const after = await everything();
    for (const name of ['model-topologies', 'recording-bytes'])
      for (const record of whole[name]!) expect(after[name]).toContainEqual(record);
    // What a person has said of them here stays.
    expect((await createModelStore(database).read('local:1'))?.model.name).toBe('called otherwise here');
    expect(after['recordings']).toContainEqual(whole['recordings']!.find(([id]) => id === first));
  });

  describe.each(['merge', 'replace'] as const)('of what is damaged here (%s)', (mode) => {
    /** Of another length, or of the same, in which one bit is another. */
    async function damage(store: string, key: IDBValidKey, isCut = false): Promise<void> {
      const db = await openDB('heartbeat');
      const bytes = new Uint8Array((await db.get(store, key)) as ArrayBuffer).slice(isCut ? 1 : 0);
      bytes[0]! ^= 1;
      await db.put(store, bytes.buffer, key);
      db.close();
    }

    /** The keys of bytes that are put from now on. */
    function watchPuts(): unknown[] {
      const keys: unknown[] = [];
      const put: unknown = Reflect.get(IDBObjectStore.prototype, 'put');
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...parts) {
        if (this.name === 'recording-bytes' || this.name === 'model-blobs') keys.push(parts[1]);
        return (put as IDBObjectStore['put']).apply(this, parts);
      });
      return keys;
    }

    let first: string;
    let weights: string;

    beforeEach(async () => {
      await restore(zip, mode);
      first = createHash('sha256').update('first').digest('hex');
      weights = (await createModelStore(database).read('local:1'))!.model.manifest.sha256;
    });

    test.each([false, true])(
      'gives back the bytes, and leaves all others alone; cut short: %s',
      async (isCut) => {
        const whole = await everything();
        await damage('recording-bytes', first, isCut);
        await damage('model-blobs', weights, isCut);
        expect(await everything()).not.toEqual(whole);
        expect((await foresee(zip, mode)).repaired).toMatchObject({ recordings: 1, models: 1 });
        const keys = watchPuts();
        await restore(zip, mode);
        expect(new Set(keys)).toEqual(new Set([first, weights]));
        expect(keys).toHaveLength(2);
        expect(await everything()).toEqual(whole);
        expect((await foresee(zip, mode)).repaired).toMatchObject({ recordings: 0, models: 0 });
      },
    );

    test('writes no bytes where none are', async () => {
      const keys = watchPuts();
      await restore(zip, mode);
      expect(keys).toEqual([]);
    });

    test('counts bytes that cannot be read as damaged', async () => {
      const whole = await everything();
      const get: unknown = Reflect.get(IDBObjectStore.prototype, 'get');
      vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, key) {
        if (key === first && this.name === 'recording-bytes')
          throw new DOMException('Failed to read large IndexedDB value', 'DataError');
        return (get as IDBObjectStore['get']).call(this, key);
      });
      expect((await foresee(zip, mode)).repaired).toMatchObject({ recordings: 1, models: 0 });
      const keys = watchPuts();
      await restore(zip, mode);
      expect(keys).toEqual([first]);
      vi.restoreAllMocks();
      expect(await everything()).toEqual(whole);
    });
  });

  test('reads what lies here of it once, one thing at a time', async () => {
    await restore(zip, 'merge');
    let [nNow, nMost] = [0, 0];
    const read: unknown[] = [];
    const get: unknown = Reflect.get(IDBObjectStore.prototype, 'get');
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, key) {
      const request = (get as IDBObjectStore['get']).call(this, key);
      if (this.name !== 'recording-bytes' && this.name !== 'model-blobs') return request;
      read.push(key);
      nMost = Math.max(nMost, ++nNow);
      request.addEventListener('success', () => nNow--);
      return request;
    });
    const { archive } = await check(zip);
    const hashes = archive.manifest.entries.flatMap(({ path, sha256 }) =>
      /^(sounds|blobs)/.test(path) ? sha256 : [],
    );
    expect(hashes).toHaveLength(6);
    expect(read).toEqual(hashes);
    expect(nMost).toBe(1);
    await restore(zip, 'merge');
    expect(read).toEqual([...hashes, ...hashes]);
  });

  test('says where it changes which model answers', async () => {
    const chosen = await foresee(zip, 'merge');
    newDevice();
    const unchosen = await foresee(zip, 'merge');
    expect([chosen, unchosen].map(({ added }) => added['active-model'])).toEqual([0, 1]);
  });

  test('done twice is done once', async () => {
    await restore(zip, 'merge');
    const once = await everything();
    await restore(zip, 'merge');
    expect(await everything()).toEqual(once);
  });

  test('needs room that is said to be missing before anything is touched', async () => {
    const before = await everything();
    await expect(restore(zip, 'merge', { freeBytes: 1000 })).rejects.toMatchObject({ code: 'storage-full' });
    expect(await everything()).toEqual(before);
  });

  describe.each(['merge', 'replace'] as const)('that is broken off (%s)', (mode) => {
    /** How many writing transactions a whole restore has, and what it leaves. */
    async function rehearse(): Promise<{ nWrites: number; whole: Dump }> {
      const write = vi.spyOn(Database.prototype, 'write');
      await restore(zip, mode);
      const nWrites = write.mock.calls.length;
      write.mockRestore();
      return { nWrites, whole: await everything() };
    }

    test(
      'at any transaction for want of room has changed nothing, and doing it again completes it',
      { timeout: PATIENCE_MS },
      async () => {
        const { nWrites, whole } = await rehearse();
        expect(nWrites).toBeGreaterThan(6);
        for (let n = 1; n <= nWrites; n++) {
          await otherDevice();
          const [before, kept] = [await everything(), values.all()];
          runOutOfRoomAt(n);
          await expect(restore(zip, mode)).rejects.toMatchObject({ code: 'storage-full' });
          vi.restoreAllMocks();
          expect(await everything()).toEqual(before);
          expect([values.all(), await readNote(database)]).toEqual([kept, null]);
          await restore(zip, mode);
          expect(await everything()).toEqual(whole);
        }
      },
    );

    test('by a person at any step has changed nothing', { timeout: PATIENCE_MS }, async () => {
      let nSteps = 0;
      await restore(zip, mode, { onProgress: () => nSteps++ });
      for (let n = 1; n <= nSteps; n++) {
        await otherDevice();
        const before = await everything();
        const controller = new AbortController();
        let nth = 0;
        const onProgress = (): void => {
          if (++nth === n) controller.abort();
        };
        await expect(restore(zip, mode, { signal: controller.signal, onProgress })).rejects.toMatchObject({
          name: 'AbortError',
        });
        expect(await everything()).toEqual(before);
      }
    });

    test(
      'by the end of its tab before any write leaves the old whole or the new whole',
      { timeout: PATIENCE_MS },
      async () => {
        const { nWrites, whole } = await rehearse();
        const outcomes = new Set<boolean>();
        for (let n = 1; n <= nWrites + 1; n++) {
          await otherDevice();
          const before = await everything();
          if (n <= nWrites) await dieAtWrite(n);
          else await restore(zip, mode);
          const left = await everything();
          const isNew = (await settle(database))?.kind === 'done';
          const expected = isNew ? whole : before;
          // All that anybody sees is whole even before that.
          for (const name of SEEN) expect(left[name], name).toEqual(expected[name]);
          expect(await everything()).toEqual(expected);
          outcomes.add(isNew);
        }
        expect(outcomes).toEqual(new Set([false, true]));
      },
    );

    /** The tab is gone when the n-th writing transaction would begin: another one looks at what there is. */
    async function dieAtWrite(n: number): Promise<void> {
      const write = database.write.bind(database);
      let nth = 0;
      vi.spyOn(database, 'write').mockImplementation((...parts) =>
        ++nth < n ? write(...parts) : new Promise(() => undefined),
      );
      void restore(zip, mode);
      await vi.waitFor(() => expect(nth).toBe(n));
      database = new Database();
    }
  });

  test('that was done has left a note of it, with the settings, until somebody says so', async () => {
    const died = new FakeValues();
    died.replaceAll = (): void => {
      throw new Error('The tab is gone.');
    };
    await expect(restore(zip, 'replace', { values: died })).rejects.toThrow(/gone/);
    const note = await settle(database);
    const settings = [{ key: 'settings', value: '{"theme":"dark"}' }];
    expect(note).toMatchObject({ kind: 'done', begunAt: BEGUN_AT, counts: { recordings: 3 }, settings });
    expect(await readNote(database)).toEqual(note);
    expect(await everything()).toEqual(backedUp);
  });

  test.each(['merge', 'replace'] as const)(
    'under which the storage is cleared, at any step, is none (%s)',
    { timeout: PATIENCE_MS },
    async (mode) => {
      let nSteps = 0;
      await restore(zip, mode, { onProgress: () => nSteps++ });
      for (let n = 1; n <= nSteps; n++) {
        await otherDevice();
        const kept = values.all();
        let nth = 0;
        const pause = async (): Promise<void> => {
          if (nth === n) await deleteDatabase();
        };
        const onProgress = (): number => ++nth;
        const cleared = restore(zip, mode, { onProgress, pause });
        await expect(cleared).rejects.toMatchObject({ code: 'storage-cleared' });
        expect(Object.values(await everything()).flat()).toEqual([]);
        expect([values.all(), await readNote(database)]).toEqual([kept, null]);
      }
    },
  );

  test('begins with removing what an earlier one has left', async () => {
    await restore(zip, 'merge');
    const whole = await everything();
    await otherDevice();
    const db = await openDB('heartbeat');
    await db.put('recording-bytes', new ArrayBuffer(3), 'of nothing');
    await db.put('model-blobs', new ArrayBuffer(3), 'of nothing');
    await db.put('batch-results', { batchId: 'of nothing', ...fakeStored(0) });
    await db.add('restoring', { kind: 'recordings', records: [{ id: 'of nothing' }] });
    db.close();
    await restore(zip, 'merge');
    expect(await everything()).toEqual(whole);
  });
});

/** As the browser does it, or another page. */
function deleteDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('heartbeat');
    request.onsuccess = (): void => resolve();
    request.onerror = (): void => reject(new Error('It was not deleted.'));
  });
}

/** The n-th writing transaction from now on runs out of room at its first request. */
function runOutOfRoomAt(n: number): void {
  let nth = 0;
  const transactions = new WeakSet<IDBTransaction>();
  for (const method of ['put', 'add', 'delete', 'clear'] as const) {
    const original = Reflect.get(IDBObjectStore.prototype, method) as (...parts: unknown[]) => unknown;
    vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
      this: IDBObjectStore,
      ...parts: unknown[]
    ) {
      const transaction = this.transaction;
      if (!transactions.has(transaction)) {
        transactions.add(transaction);
        if (++nth === n) runOutOfRoom(this);
      }
      return original.apply(this, parts) as never;
    });
  }
}

/** What the program shows: the others hold what these refer to. */
const SEEN = ['recordings', 'batches', 'batch-files', 'batch-names', 'models', 'active-model', 'runs'];
