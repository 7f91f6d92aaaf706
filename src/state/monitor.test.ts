import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { FakeBatchStore, fakeEntry, fakeFiles, fakeStored } from './history-fakes.ts';
import { MonitorState } from './monitor.svelte.ts';

let store: FakeBatchStore;
let memory: () => Promise<{ numTensors: number; numBytes: number }>;
let monitor: MonitorState;

beforeEach(() => {
  store = new FakeBatchStore();
  memory = () => Promise.resolve({ numTensors: 3, numBytes: 12 });
  monitor = new MonitorState({
    store,
    memory: () => memory(),
  });
});

async function keepBatch(id: string, n: number, total: number): Promise<void> {
  await store.create(fakeEntry(id), fakeFiles([]));
  const processingMs = { decode: 0, features: 0, inference: 0, total };
  await store.save(
    fakeEntry(id),
    Array.from({ length: n }, (_, i) => fakeStored(i, { processingMs })),
  );
}

test('an empty history is no failure', async () => {
  expect(monitor.usage.kind).toBe('loading');
  await monitor.load();
  expect(monitor.usage).toEqual({ kind: 'ready', entries: [], recent: [] });
});

test('of the answers the latest thousand are taken, newest entry first', async () => {
  await keepBatch('1', 900, 1);
  await keepBatch('2', 300, 2);
  await monitor.load();
  if (monitor.usage.kind !== 'ready') throw new Error('not ready');
  const totals = monitor.usage.recent.map(({ processingMs }) => processingMs.total);
  expect([totals.length, totals[0], totals.filter((ms) => ms === 2).length]).toEqual([1000, 2, 300]);
});

test('a storage that cannot be read leaves the rest', async () => {
  store.error = new AppError('storage-blocked', 'Closed underneath.');
  await monitor.load();
  expect(monitor.usage).toMatchObject({ kind: 'failed', error: { code: 'storage-blocked' } });
  expect(monitor.memory?.numTensors).toBe(3);
});

test('what the worker does not tell is not there, and the rest is', async () => {
  memory = () => Promise.reject(new AppError('worker-crashed', 'Gone.'));
  await monitor.load();
  expect([monitor.memory, monitor.usage.kind]).toEqual([null, 'ready']);
});
