// What lies in the database, counted and weighed: sizes that are known are exact, others about right.
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, expect, test } from 'vitest';
import { fakeSound } from '../state/collection-fakes.ts';
import { fakeResult } from '../state/fakes.ts';
import { fakeEntry, fakeFiles } from '../state/history-fakes.ts';
import { fakeModel, fakeParts } from '../state/registry-fakes.ts';
import { createBatchStore } from './batch-store.ts';
import { takeCensus } from './census.ts';
import { createCollectionStore } from './collection-store.ts';
import { Database } from './db.ts';
import { createModelStore } from './model-store.ts';

const EMPTY = { n: 0, bytes: 0 };

let database: Database;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  database = new Database();
});

test('nothing weighs nothing', async () => {
  expect(await takeCensus(database)).toEqual({
    recordings: EMPTY,
    models: EMPTY,
    results: EMPTY,
    runs: EMPTY,
  });
});

test('recordings weigh what their files do, over more than one reading', async () => {
  const sounds = Array.from({ length: 300 }, (_, i) => fakeSound(`r${i}`, { sizeBytes: 1000 }));
  await createCollectionStore(database).add(sounds);
  expect((await takeCensus(database)).recordings).toEqual({ n: 300, bytes: 300_000 });
});

test('weights that two models share weigh once', async () => {
  const store = createModelStore(database);
  const parts = fakeParts(1);
  await store.add(fakeModel('local:1', {}, 'a'), parts);
  await store.add(fakeModel('local:2', {}, 'a'), parts);
  expect((await takeCensus(database)).models).toEqual({ n: 2, bytes: parts.weights.byteLength });
});

test('results weigh about what they are as text', async () => {
  const store = createBatchStore(database);
  const n = 500;
  await store.create(fakeEntry('1'), fakeFiles(['a.wav']));
  const results = Array.from({ length: n }, (_, index) => ({ index, result: fakeResult(`${index}.wav`) }));
  await store.save(fakeEntry('1'), results);
  const { results: tally } = await takeCensus(database);
  expect(tally.n).toBe(n);
  const asText = JSON.stringify(results).length;
  expect(tally.bytes).toBeGreaterThan(asText * 0.6);
  expect(tally.bytes).toBeLessThan(asText * 1.4);
});
