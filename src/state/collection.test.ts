// The collection from a hand-over to a relabelled list, with surveyors, storage and time that are played.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { FoundFacts } from '../core/collection/facts.ts';
import type { RecordingFacts } from '../core/collection/types.ts';
import { AppError } from '../core/errors.ts';
import type { Collection } from '../input/collect-files.ts';
import { foundFile } from '../input/found-file.ts';
import type { AddingChoice } from './addition.ts';
import { FakeCollectionStore, fakeCollected, fakeSound, fakeSurvey } from './collection-fakes.ts';
import { CollectionState } from './collection.svelte.ts';

const CHOICE: AddingChoice = { label: null, source: null, usesFolders: true };
const FULL = new AppError('storage-full', 'No room.');

let store: FakeCollectionStore;
let collection: CollectionState;
let waits: (() => void)[];
/** What is said of the recordings of the next hand-over, by name; the rest has no label. */
let said: Record<string, Partial<RecordingFacts>>;
let from: FoundFacts['from'];
/** Recordings that cannot be read, and a signal's end. */
let surveyed: string[];
let onSurvey: (name: string) => void;
let nPersisted: number;

beforeEach(() => {
  store = new FakeCollectionStore();
  store.fullError = FULL;
  waits = [];
  said = {};
  from = 'csv';
  surveyed = [];
  onSurvey = () => undefined;
  nPersisted = 0;
  collection = new CollectionState({
    store,
    later: (action) => {
      waits.push(action);
      return () => (waits = waits.filter((each) => each !== action));
    },
    pace: () => () => Promise.resolve(),
    persist: () => Promise.resolve(nPersisted++),
    now: () => 0,
    timestamp: () => '2026-01-01T10:00:00.000Z',
    prepare: async (file) => ({ kind: 'bytes', bytes: await file.arrayBuffer() }),
    collect: (handOver) => Promise.resolve(collected(handOver.files.map(({ path }) => path))),
    readFacts: ({ recordings }) =>
      Promise.resolve({ facts: recordings.map(({ path }) => factsOf(path)), from, nMissing: 0, refused: [] }),
    surveyors: {
      size: 2,
      dismiss: () => undefined,
      survey: async (read, signal) => {
        const source = await read();
        signal.throwIfAborted();
        const name = source.kind === 'bytes' ? new TextDecoder().decode(source.bytes) : '';
        surveyed.push(name);
        onSurvey(name);
        return fakeSurvey(`id of ${name}`);
      },
    },
  });
});

const factsOf = (path: string): RecordingFacts => ({
  label: null,
  group: null,
  source: 'ward',
  site: null,
  side: null,
  ...said[path],
});

/** Files whose content is their name. */
function collected(names: readonly string[]): Collection {
  const recordings = names.map((name) => foundFile(new File([name], name)));
  return { recordings, skipped: [], labelFiles: [], handles: [] };
}

async function add(names: string[], choice: Partial<AddingChoice> = {}): Promise<void> {
  const files = names.map((name) => foundFile(new File([name], name)));
  await collection.adding.take({ files, skipped: [], handles: [] });
  await collection.adding.start({ ...CHOICE, ...choice });
}

const outcome = () => {
  const { phase } = collection.adding;
  if (phase.kind !== 'done') throw new Error(`adding is ${phase.kind}`);
  return phase.outcome;
};
const labels = () => collection.recordings.map(({ fileName, label }) => `${fileName} ${label ?? '–'}`);
const storedLabels = () =>
  [...store.sounds.values()].map(({ recording }) => `${recording.fileName} ${recording.label ?? '–'}`);
const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `${i}.wav`);

describe('adding', () => {
  test('nothing is read or kept before a person has said yes', async () => {
    said = { 'a.wav': { label: 'normal' } };
    await collection.adding.take({
      files: collected(['a.wav', 'b.wav']).recordings,
      skipped: [],
      handles: [],
    });
    expect(collection.adding.phase).toMatchObject({ kind: 'preview', nSeen: 0 });
    expect([surveyed, store.sounds.size]).toEqual([[], 0]);
    collection.adding.close();
    expect(collection.adding.phase.kind).toBe('idle');
  });

  test('each recording is kept with its bytes, with what was found and what was answered', async () => {
    said = { 'a.wav': { label: 'normal', group: 'p1', site: 'MV' } };
    await add(['a.wav', 'b.wav'], { label: 'AS', source: 'clinic' });
    expect(collection.recordings).toEqual([
      fakeCollected('id of a.wav', {
        fileName: 'a.wav',
        sizeBytes: 5,
        label: 'normal',
        group: 'p1',
        site: 'MV',
        source: 'clinic',
      }),
      fakeCollected('id of b.wav', { fileName: 'b.wav', sizeBytes: 5, label: 'AS', source: 'clinic' }),
    ]);
    expect(new TextDecoder().decode((await store.readBytes('id of a.wav')) ?? undefined)).toBe('a.wav');
    expect(nPersisted).toBe(1);
  });

  test('folders that are no classes are no labels', async () => {
    said = { 'a.wav': { label: 'patient 7' } };
    from = 'folders';
    await add(['a.wav'], { usesFolders: false, label: 'normal' });
    expect(labels()).toEqual(['a.wav normal']);
  });

  test('1,000 are written some at a time', async () => {
    await add(names(1000));
    expect(outcome()).toMatchObject({ nAdded: 1000, nLeft: 0, failed: [] });
    expect(Math.max(...store.additions)).toBeLessThanOrEqual(64);
    expect(collection.recordings).toHaveLength(1000);
  });

  test('a bad file is told and the rest goes on', async () => {
    onSurvey = (name) => {
      if (name === '1.wav') throw new AppError('too-short', 'It lasts 0.3 s.');
    };
    await add(names(3));
    expect(outcome()).toMatchObject({
      nAdded: 2,
      failed: [{ fileName: '1.wav', code: 'too-short', message: 'It lasts 0.3 s.' }],
    });
  });

  test('a file that is there already stays as it is', async () => {
    said = { 'a.wav': { label: 'murmur' } };
    await add(['a.wav']);
    said = { 'a.wav': { label: 'normal' } };
    await add(['a.wav', 'b.wav']);
    expect(outcome()).toMatchObject({ nAdded: 1, nKnown: 1 });
    expect(labels()).toEqual(['a.wav murmur', 'b.wav –']);
    await collection.adding.take({ files: collected(['a.wav']).recordings, skipped: [], handles: [] });
    expect(collection.adding.phase).toMatchObject({ nSeen: 1 });
  });

  test('when the room ends, what is in stays and the rest is told', async () => {
    store.room = 40;
    await add(names(100));
    expect(outcome().error).toBe(FULL);
    expect(outcome().nAdded).toBe(store.sounds.size);
    expect(outcome().nAdded + outcome().nLeft).toBe(100);
    expect(collection.recordings).toHaveLength(store.sounds.size);
    expect(surveyed.length).toBeLessThan(100);
  });

  test('a person can stop it, and what is in stays', async () => {
    onSurvey = () => {
      if (surveyed.length === 40) collection.adding.cancel();
    };
    await add(names(100));
    expect(outcome().nAdded).toBe(store.sounds.size);
    expect(outcome().nLeft).toBeGreaterThan(50);
    expect(outcome().nAdded).toBeGreaterThan(30);
    expect(outcome().error).toBeNull();
  });

  test('what was just deleted can be added again', async () => {
    await add(['a.wav', 'b.wav']);
    collection.remove(['id of a.wav']);
    await add(['a.wav']);
    expect(outcome()).toMatchObject({ nAdded: 1, nKnown: 0 });
    expect([...store.sounds.keys()]).toEqual(['id of b.wav', 'id of a.wav']);
    expect(labels()).toEqual(['b.wav –', 'a.wav –']);
  });

  test('one hand-over at a time: another one meanwhile is not taken, and that is told', async () => {
    onSurvey = () => void collection.adding.take({ files: [], skipped: [], handles: [] });
    const adding = add(['a.wav']);
    await settle();
    expect(collection.adding.isBusy || outcome().nAdded === 1).toBe(true);
    await adding;
    expect(outcome().nAdded).toBe(1);
    expect(collection.adding.isBusy).toBe(false);
  });

  test('the same sounds are found when all is in', async () => {
    store.sounds.set('x', fakeSound('x', { soundSha256: 'sound of id of a.wav' }));
    await collection.load();
    await add(['a.wav', 'b.wav']);
    await vi.waitFor(() => expect(collection.duplicates).toEqual([['x', 'id of a.wav']]));
    collection.keepOnly('x');
    expect(collection.recordings.map(({ id }) => id)).toEqual(['x', 'id of b.wav']);
    expect(collection.duplicates).toEqual([]);
  });
});

describe('changing', () => {
  beforeEach(async () => {
    for (const id of ['a', 'b', 'c']) store.sounds.set(id, fakeSound(id));
    await collection.load();
  });

  test('a change is kept at once and can be taken back, each to its own', async () => {
    await collection.change(['a'], { label: 'murmur' });
    await collection.change(['a', 'b'], { label: 'AS' });
    expect(storedLabels()).toEqual(['a.wav AS', 'b.wav AS', 'c.wav normal']);
    collection.lastChange.undo();
    expect(labels()).toEqual(['a.wav murmur', 'b.wav normal', 'c.wav normal']);
    await settle();
    expect(storedLabels()).toEqual(labels());
    expect(collection.lastChange.items).toEqual([]);
  });

  test('a change that is not kept is taken off the screen, with the reason', async () => {
    store.error = FULL;
    await collection.change(['a'], { label: 'murmur' });
    expect(labels()).toEqual(['a.wav normal', 'b.wav normal', 'c.wav normal']);
    expect(collection.error).toBe(FULL);
    expect(collection.lastChange.items).toEqual([]);
  });

  test('what is deleted is off the screen at once, out of the storage later, and comes back until then', async () => {
    collection.remove(['a', 'b']);
    expect(labels()).toEqual(['c.wav normal']);
    expect(store.sounds.size).toBe(3);
    collection.removal.undo();
    expect(labels()).toHaveLength(3);
    collection.remove(['a', 'b']);
    await collection.removal.flush();
    expect([...store.sounds.keys()]).toEqual(['c']);
    expect(labels()).toEqual(['c.wav normal']);
  });

  test('time for undoing ends by itself', async () => {
    await collection.change(['a'], { label: 'murmur' });
    waits[0]?.();
    expect(collection.lastChange.items).toEqual([]);
    expect(storedLabels()[0]).toBe('a.wav murmur');
  });
});

test('a plan gets those with a label; a recording without a patient is its own group', async () => {
  const poor = { ...fakeSurvey('').quality, verdict: 'poor' as const };
  store.sounds.set('a', fakeSound('a', { label: null }));
  store.sounds.set('b', fakeSound('b', { group: 'p1', side: 'validation' }));
  store.sounds.set('c', fakeSound('c', { quality: poor }));
  await collection.load();
  expect(collection.plannedRecordings()).toMatchObject([
    { id: 'b', group: 'p1', side: 'validation', quality: 1 },
    { id: 'c', group: 'c', side: null, quality: 0 },
  ]);
  expect(await collection.readSource('b')).toMatchObject({ kind: 'bytes' });
  await expect(collection.readSource('gone')).rejects.toMatchObject({ code: 'recordings-missing' });
});

test('a list that cannot be read is told, and read again when asked', async () => {
  store.error = FULL;
  await collection.load();
  expect(collection.phase).toEqual({ kind: 'failed', error: FULL });
  store.error = null;
  await collection.load();
  expect(collection.phase.kind).toBe('ready');
});

/** Lets everything that is ready to go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
