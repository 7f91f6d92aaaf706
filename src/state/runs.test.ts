import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { FakeRunStore, fakePlan, fakeRunEntry } from './run-fakes.ts';
import { RunsState } from './runs.svelte.ts';

let store: FakeRunStore;
let isTraining: boolean;
let runs: RunsState;
let putAway: string[];
let pass: () => void;

const details = {
  settings: {} as never,
  plan: fakePlan(),
  withReplay: false,
  history: [],
  bestEpoch: null,
  verdict: null,
  log: [],
};

beforeEach(async () => {
  store = new FakeRunStore();
  isTraining = false;
  putAway = [];
  pass = () => undefined;
  runs = new RunsState({
    store,
    isTraining: () => Promise.resolve(isTraining),
    later: (action) => {
      pass = action;
      return () => (pass = () => undefined);
    },
    onRemove: (ids) => putAway.push(...ids),
  });
  for (const id of ['1', '2', '3']) await store.create(fakeRunEntry(id), details);
});

const ids = (): string[] => runs.entries.map(({ id }) => id);
const entry = (id: string) => {
  const found = runs.entries.find((each) => each.id === id);
  if (!found) throw new Error(`no run ${id}`);
  return found;
};
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test('it is loading, then there, newest first', async () => {
  expect(runs.phase.kind).toBe('loading');
  await runs.load();
  expect([runs.phase.kind, ids()]).toEqual(['ready', ['3', '2', '1']]);
});

test('a list that cannot be read is a failure, and can be tried again', async () => {
  store.error = new AppError('storage-blocked', 'Closed underneath.');
  await runs.load();
  expect(runs.phase).toMatchObject({ kind: 'failed', error: { code: 'storage-blocked' } });
  store.error = null;
  await runs.load();
  expect(runs.phase.kind).toBe('ready');
});

describe('one run', () => {
  test('is read with its story', async () => {
    await runs.show('2');
    expect(runs.open).toMatchObject({ kind: 'ready', entry: { id: '2' }, details: { withReplay: false } });
  });

  test('that is not there is said so, and so is one that cannot be read', async () => {
    await runs.show('never-was');
    expect(runs.open.kind).toBe('gone');
    store.error = new AppError('storage-blocked', 'Closed underneath.');
    await runs.show('2');
    expect(runs.open.kind).toBe('failed');
  });

  test('the one asked for last is shown, whichever comes first', async () => {
    const first = runs.show('1');
    const second = runs.show('2');
    await Promise.all([second, first]);
    expect(runs.open).toMatchObject({ entry: { id: '2' } });
  });
});

describe('what is under way', () => {
  test('is the run without an end that was written last, while some tab trains', async () => {
    for (const [id, updatedAt] of [
      ['1', '2026-01-02T00:00:00Z'],
      ['2', '2026-01-01T00:00:00Z'],
    ] as const)
      await store.save(fakeRunEntry(id, { state: 'running', updatedAt }), details);
    await runs.load();
    expect(runs.entries.filter((each) => runs.isUnderWay(each))).toEqual([]);
    isTraining = true;
    await runs.load();
    expect(runs.entries.filter((each) => runs.isUnderWay(each)).map(({ id }) => id)).toEqual(['1']);
  });

  test('is not deleted', async () => {
    await store.save(fakeRunEntry('2', { state: 'running' }), details);
    isTraining = true;
    await runs.load();
    runs.remove(entry('2'));
    expect(ids()).toEqual(['3', '2', '1']);
  });
});

describe('deleting', () => {
  test('takes a run off the list at once and out of the storage later', async () => {
    await runs.load();
    runs.remove(entry('2'));
    expect([ids(), [...store.runs.keys()], putAway]).toEqual([['3', '1'], ['1', '2', '3'], []]);
    pass();
    await settle();
    expect([ids(), [...store.runs.keys()], putAway]).toEqual([['3', '1'], ['1', '3'], ['2']]);
  });

  test('can be undone', async () => {
    await runs.load();
    runs.remove(entry('2'));
    runs.removal.undo();
    await runs.removal.flush();
    expect([ids(), [...store.runs.keys()]]).toEqual([
      ['3', '2', '1'],
      ['1', '2', '3'],
    ]);
  });

  test('brings back what could not be removed, with the reason', async () => {
    await runs.load();
    runs.remove(entry('2'));
    store.error = new AppError('storage-blocked', 'Closed underneath.');
    await runs.removal.flush();
    expect([ids(), runs.error?.code]).toEqual([['3', '2', '1'], 'storage-blocked']);
    runs.dismissError();
    expect(runs.error).toBeNull();
  });
});
