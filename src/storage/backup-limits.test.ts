// What a restore would refuse for its size is not written in the first place. The limit is a small one here.
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import { backUp, keepSound, readOptions, sourceOf, writeOptions } from '../state/backup-fakes.ts';
import { fakeEntry, fakeFiles } from '../state/history-fakes.ts';
import type * as Format from './backup-format.ts';
import { readBackup } from './backup-read.ts';
import { createBatchStore } from './batch-store.ts';
import { Database } from './db.ts';

const LIMIT = 12_000;

vi.mock('./backup-format.ts', async (original) => ({
  ...(await original<typeof Format>()),
  MAX_JSON_BYTES: 12_000,
}));

let database: Database;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  database = new Database();
});

test('up to the limit a backup is written and read; beyond it none is written, and that is said', async () => {
  let nWritten = 0;
  for (let n = 0; n < 100; n++) {
    await keepSound(database, `sound ${String(n)}`);
    try {
      const zip = await backUp(writeOptions(database));
      nWritten++;
      const { contents } = await readBackup(sourceOf(zip), readOptions);
      expect([...contents.recordings.values()].flat()).toHaveLength(n + 1);
    } catch (error) {
      expect(error).toMatchObject({
        code: 'backup-too-large',
        message: expect.stringMatching(/more here than/),
      });
      break;
    }
  }
  expect(nWritten).toBeGreaterThan(20);
  expect(nWritten).toBeLessThan(100);
});

test('where the recordings alone are too many, it is said before anything is written', async () => {
  for (let n = 0; n < LIMIT / 180 + 1; n++) await keepSound(database, `sound ${String(n)}`);
  const hash = vi.fn(() => Promise.resolve(''));
  await expect(backUp({ ...writeOptions(database), hash })).rejects.toMatchObject({
    code: 'backup-too-large',
  });
  expect(hash).not.toHaveBeenCalled();
});

test('a single record that is larger is not written either', async () => {
  const names = Array.from({ length: 500 }, (_, i) => `a rather long name of a recording ${String(i)}.wav`);
  await createBatchStore(database).create(fakeEntry('b', { total: 500 }), fakeFiles(names));
  await expect(backUp(writeOptions(database))).rejects.toMatchObject({ code: 'backup-too-large' });
});
