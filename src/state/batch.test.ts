import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import type { Collection } from '../input/collect-files.ts';
import { foundFile, type FoundFile } from '../input/found-file.ts';
import type { PoolListener, PoolTask } from '../rpc/inference-pool.ts';
import type { RecordingSource } from '../rpc/protocol.ts';
import { AnalysisState } from './analysis.svelte.ts';
import { BatchState } from './batch.svelte.ts';
import { FakeClassifier, fakeResult, FakeStore, FakeTheme, MODEL } from './fakes.ts';
import { FakeBatchStore } from './history-fakes.ts';
import { IntakeState } from './intake.svelte.ts';
import { ModelState } from './model.svelte.ts';
import type { RecordingPool } from './ports.ts';
import { SettingsState } from './settings.svelte.ts';
import { UnfinishedState } from './unfinished.svelte.ts';

/** Answers so many recordings and then waits, until it is told to go on. */
class FakePool implements RecordingPool {
  allowed = Infinity;
  error: AppError | null = null;
  readonly heard: string[] = [];
  #go: () => void = () => undefined;

  async run(tasks: Iterator<PoolTask>, listener: PoolListener, signal: AbortSignal): Promise<void> {
    if (this.error) throw this.error;
    for (let next = tasks.next(); !next.done; next = tasks.next()) {
      const task = next.value;
      const { index, fileName } = task;
      listener.onStart?.(index);
      if (this.heard.length >= this.allowed) await this.#wait(signal);
      this.heard.push(fileName);
      try {
        await task.read();
        listener.onAnswer(index, resultOf(fileName));
      } catch (error) {
        const { code, message } = error as AppError;
        listener.onAnswer(index, {
          ...fakeResult(fileName),
          status: 'error',
          probabilities: {},
          error: { code, message },
        });
      }
    }
  }

  goOn(allowed = Infinity): void {
    this.allowed = allowed;
    this.#go();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#go = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }
}

/** The number in a name is the probability of abnormal, in percent. */
function resultOf(fileName: string) {
  const p = Number(/\d+/.exec(fileName)?.[0] ?? 90) / 100;
  return { ...fakeResult(fileName), probabilities: { normal: 1 - p, abnormal: p } };
}

let classifier: FakeClassifier;
let settings: SettingsState;
let model: ModelState;
let analysis: AnalysisState;
let pool: FakePool;
let store: FakeBatchStore;
let batch: BatchState;
let timers: (() => void)[];
let clockMs: number;
let truthError: AppError | null;
const held = new Set<string>();

function newBatch(): BatchState {
  const prepare = (file: File): Promise<RecordingSource> =>
    file.name.startsWith('gone')
      ? Promise.reject(new AppError('file-unreadable', 'It was moved.'))
      : Promise.resolve({ kind: 'bytes', bytes: new ArrayBuffer(8) });
  const dependencies = {
    classifier,
    model,
    prepare,
    appVersion: '0.0.0',
    timestamp: () => '2026-01-01T00:00:00Z',
  };
  analysis = new AnalysisState(dependencies);
  return new BatchState({
    ...dependencies,
    pool,
    settings,
    analysis,
    store,
    locks: {
      hold: (id) => {
        held.add(id);
        return () => held.delete(id);
      },
      held: () => Promise.resolve(held),
    },
    readTruth: ({ labelFiles, recordings }) => {
      if (truthError) return Promise.reject(truthError);
      return Promise.resolve(
        labelFiles.length === 0
          ? null
          : {
              recordings: recordings.map(({ path }) => ({
                id: path,
                label: 'abnormal',
                group: path,
                source: 'all',
                quality: null,
              })),
              unmatched: [],
              missing: [],
              from: 'csv',
              hasGroups: false,
              notes: [],
            },
      );
    },
    later: (action) => {
      timers.push(action);
      return () => void (timers = timers.filter((timer) => timer !== action));
    },
    pause: () => Promise.resolve(),
    now: () => clockMs,
  });
}

beforeEach(() => {
  timers = [];
  clockMs = 0;
  truthError = null;
  held.clear();
  classifier = new FakeClassifier();
  settings = new SettingsState(new FakeStore(), new FakeTheme());
  model = new ModelState(classifier, () => Promise.resolve(MODEL), settings);
  pool = new FakePool();
  store = new FakeBatchStore();
  batch = newBatch();
});

const found = (name: string): FoundFile =>
  foundFile(new File(['sound'], name.split('/').at(-1) ?? name), name);

function collection(names: string[], more: Partial<Collection> = {}): Collection {
  return { recordings: names.map(found), skipped: [], labelFiles: [], handles: [], ...more };
}

const stored = () => [...store.entries.values()][0];
const phases = (): string[] => batch.rows.map(({ phase }) => phase);
const classes = (): (string | null)[] => batch.rows.map(({ answer }) => answer?.predictedClass ?? null);

/** Lets everything that is ready to go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await Promise.resolve();
}

async function exported(indices: number[] | null = null) {
  const results = [];
  for await (const portion of batch.results(indices)) results.push(...portion);
  return results;
}

describe('one recording', () => {
  test('is opened with its picture, answered and kept', async () => {
    await batch.listen(collection(['a.wav']));
    await settle();
    expect(analysis.phase).toMatchObject({ kind: 'done', result: { predictedClass: 'abnormal' } });
    expect(classifier.requests).toMatchObject([{ fileName: 'a.wav', withPicture: true, threshold: 0.4 }]);
    expect(pool.heard).toEqual([]);
    const [kept] = store.entries.values();
    expect(kept?.entry).toMatchObject({ title: 'a.wav', state: 'done', total: 1, counts: { ok: 1 } });
    expect(kept?.results).toHaveLength(1);
  });

  test('that failed is heard again where it was, also beside files that were left out', async () => {
    const skipped = [{ fileName: 'notes.txt', reason: 'It is no sound file.' }];
    const files = collection(['gone.wav'], { skipped });
    await batch.listen(files);
    await settle();
    expect(batch.counts.error).toBe(1);
    await batch.retry([0]);
    expect(phases()).toEqual(['done']);
    expect(batch.counts.error).toBe(1);
    expect(batch.entry?.state).toBe('done');
  });

  test('of the program’s own making leaves no trace', async () => {
    await batch.listen(collection(['demo.wav']), true);
    await settle();
    expect(batch.counts.ok).toBe(1);
    expect(store.entries.size).toBe(0);
  });

  test('without a model is a failure that can be tried again, and not the recording’s own', async () => {
    classifier.startError = new AppError('backend-unavailable', 'No backend.');
    await batch.listen(collection(['a.wav']));
    expect(analysis.phase).toMatchObject({ kind: 'failed', error: { code: 'backend-unavailable' } });
    expect(batch.isEmpty).toBe(false);
    classifier.startError = null;
    await batch.again();
    expect(analysis.phase.kind).toBe('done');
    expect(phases()).toEqual(['done']);
  });
});

describe('many recordings', () => {
  test('are all answered, in their places, and the first is opened', async () => {
    await batch.listen(collection(['set/10.wav', 'set/20.wav', 'set/90.wav']));
    await settle();
    expect(classes()).toEqual(['abnormal', 'normal', 'abnormal']);
    expect(analysis.phase).toMatchObject({ recording: { fileName: 'set/10.wav' } });
    expect(batch.entry).toMatchObject({ title: 'set', state: 'done' });
    expect((await exported()).map(({ fileName }) => fileName)).toEqual([
      'set/10.wav',
      'set/20.wav',
      'set/90.wav',
    ]);
  });

  test('a file that cannot be read has its row, and can be tried again', async () => {
    await batch.listen(collection(['5.wav', 'gone.wav', '6.wav']));
    expect(batch.rows[1]?.answer).toMatchObject({ status: 'error', errorCode: 'file-unreadable' });
    expect(batch.counts).toMatchObject({ error: 1 });
    await batch.retry([1]);
    expect(pool.heard).toEqual(['5.wav', 'gone.wav', '6.wav', 'gone.wav']);
    expect(batch.counts).toMatchObject({ error: 1 });
  });

  test('the threshold moves classes, counts, exports and what is open, and nothing is heard again', async () => {
    await batch.listen(collection(['1.wav', '30.wav', '50.wav', '90.wav']));
    await settle();
    const before = classifier.requests.length;
    batch.setThreshold(0.95);
    expect(batch.counts.perClass).toEqual({ abnormal: 0, normal: 4 });
    expect((await exported()).map((result) => [result.threshold, result.predictedClass])).toEqual(
      Array(4).fill([0.95, 'normal']),
    );
    expect(analysis.phase).toMatchObject({ result: { threshold: 0.95, predictedClass: 'normal' } });
    batch.setThreshold(null);
    expect(batch.threshold).toBe(0.4);
    expect(batch.counts.perClass).toEqual({ abnormal: 3, normal: 1 });
    expect(classifier.requests).toHaveLength(before);
    expect(pool.heard).toHaveLength(4);
    await settle();
    expect(stored()?.entry.threshold).toBe(0.4);
  });

  test('some of them are exported alone', async () => {
    await batch.listen(collection(['1.wav', '2.wav', '3.wav']));
    expect((await exported([2, 0])).map(({ fileName }) => fileName)).toEqual(['1.wav', '3.wav']);
  });

  test('cancelling keeps what is answered, and nothing comes after it', async () => {
    pool.allowed = 2;
    const names = Array.from({ length: 6 }, (_, i) => `${i}.wav`);
    const listening = batch.listen(collection(names));
    await settle();
    batch.cancel();
    pool.goOn();
    await listening;
    await settle();
    expect(phases()).toEqual(['done', 'done', 'cancelled', 'cancelled', 'cancelled', 'cancelled']);
    expect(batch.isRunning).toBe(false);
    expect(stored()?.entry.state).toBe('cancelled');
    await batch.retry([2, 3]);
    expect(phases().slice(0, 4)).toEqual(['done', 'done', 'done', 'done']);
  });

  test('what is still unheard after a second try leaves the batch cancelled', async () => {
    pool.allowed = 2;
    const listening = batch.listen(collection(['gone.wav', '1.wav', '2.wav', '3.wav']));
    await settle();
    batch.cancel();
    pool.goOn();
    await listening;
    await batch.retry([0]);
    await settle();
    expect(stored()?.entry.state).toBe('cancelled');
    await batch.retry([2, 3]);
    await settle();
    expect(stored()?.entry.state).toBe('done');
  });

  test('a rest that is heard later can be gone on with when the page is closed meanwhile', async () => {
    pool.allowed = 1;
    const listening = batch.listen(collection(['1.wav', '2.wav', '3.wav']));
    await settle();
    batch.cancel();
    pool.goOn();
    await listening;
    pool.allowed = 2;
    void batch.retry([1, 2]);
    await settle();
    for (let tick = 0; tick < 10; tick++) timers.splice(0).forEach((action) => action());
    await settle();
    expect(stored()?.entry.state).toBe('running');
  });

  test('one that was opened before its turn keeps its answer when its turn is broken off', async () => {
    pool.allowed = 1;
    const listening = batch.listen(collection(['1.wav', '2.wav', '3.wav']));
    await settle();
    batch.open(2);
    await settle();
    expect(phases()).toEqual(['done', 'working', 'done']);
    pool.goOn(2);
    await settle();
    batch.cancel();
    await listening;
    expect(phases()).toEqual(['done', 'done', 'done']);
    expect(batch.counts.ok).toBe(3);
  });

  test('rates count what is answered now, not what is forgotten to be heard again', async () => {
    await batch.listen(collection(['gone.wav', '1.wav', '2.wav']));
    await settle();
    pool.allowed = 0;
    void batch.retry([0]);
    clockMs = 1000;
    timers.splice(0).forEach((action) => action());
    expect(batch.progress).toMatchObject({ done: 2, total: 3, recordingsPerSec: 0 });
  });

  test('when nothing can be heard at all, that is said and stays said', async () => {
    pool.error = new AppError('model-missing', 'There is no model.');
    await batch.listen(collection(['1.wav', '2.wav']));
    await settle();
    expect(batch.isRunning).toBe(false);
    expect(batch.failure?.code).toBe('model-missing');
    expect(stored()?.entry.state).toBe('cancelled');
    pool.error = null;
    await batch.retry([0, 1]);
    expect(batch.failure).toBeNull();
    expect(phases()).toEqual(['done', 'done']);
  });

  test('labels that cannot be read at all end the hand-over, and not half of it', async () => {
    truthError = new AppError('out-of-memory', 'The table is too large.');
    await expect(batch.listen(collection(['1.wav', '2.wav']))).rejects.toMatchObject({
      code: 'out-of-memory',
    });
    expect(batch.isRunning).toBe(false);
    expect(batch.isEmpty).toBe(true);
  });

  test('all are kept at the end, however many wait for it', async () => {
    const names = Array.from({ length: 700 }, (_, i) => `${i % 100}.wav`);
    await batch.listen(collection(names));
    await settle();
    expect(stored()?.results.map(({ index }) => index)).toEqual([...names.keys()]);
  });

  test('a batch deleted in another tab keeps the rest in memory and gives no part for the whole', async () => {
    pool.allowed = 2;
    const listening = batch.listen(collection(['1.wav', '2.wav', '3.wav', '4.wav']));
    await settle();
    for (let tick = 0; tick < 10; tick++) timers.splice(0).forEach((action) => action());
    await settle();
    expect(stored()?.results).toHaveLength(2);
    store.entries.clear();
    pool.goOn();
    await listening;
    await settle();
    expect(batch.keepingError?.code).toBe('storage-blocked');
    expect((await exported([2, 3])).map(({ fileName }) => fileName)).toEqual(['3.wav', '4.wav']);
    await expect(exported()).rejects.toMatchObject({ code: 'storage-blocked' });
  });

  test('another hand-over takes the place of one that is under way', async () => {
    pool.allowed = 1;
    const first = batch.listen(collection(['1.wav', '2.wav']));
    await settle();
    pool.allowed = Infinity;
    await batch.listen(collection(['7.wav', '8.wav', '9.wav']));
    await first;
    await settle();
    expect(batch.rows.map(({ fileName }) => fileName)).toEqual(['7.wav', '8.wav', '9.wav']);
    expect(phases()).toEqual(['done', 'done', 'done']);
  });

  test('what storage refuses is said, and is there all the same', async () => {
    pool.allowed = 2;
    const names = Array.from({ length: 300 }, (_, i) => `${i % 100}.wav`);
    const listening = batch.listen(collection(names));
    await settle();
    store.error = new AppError('storage-full', 'There is no room left.');
    pool.goOn();
    await listening;
    await settle();
    expect(batch.keepingError?.code).toBe('storage-full');
    store.error = null;
    expect((await exported()).map(({ fileName }) => fileName)).toEqual(names);
  });

  test('labels come with the rows', async () => {
    await batch.listen(collection(['1.wav', '2.wav'], { labelFiles: [{ path: 'a.csv', text: '' }] }));
    expect(batch.rows.map(({ label }) => label)).toEqual(['abnormal', 'abnormal']);
    expect(batch.entry?.nLabelled).toBe(2);
  });

  test('neighbours follow the order on screen', async () => {
    await batch.listen(collection(['1.wav', '2.wav', '3.wav']));
    const order = Int32Array.of(2, 0, 1);
    batch.openNeighbour(1, order);
    expect(batch.openIndex).toBe(1);
    batch.openNeighbour(1, order);
    expect(batch.openIndex).toBe(1);
    batch.openNeighbour(-1, order);
    batch.openNeighbour(-1, order);
    expect(batch.openIndex).toBe(2);
  });
});

describe('after the page was closed half way', () => {
  const names = ['set/1.wav', 'set/2.wav', 'set/3.wav', 'set/4.wav'];
  let unfinished: UnfinishedState;

  /** A page that goes down when it has two of four answers, and a new one. */
  beforeEach(async () => {
    pool.allowed = 2;
    void batch.listen(collection(names));
    await settle();
    // Ten ticks of the clock: what waits is written.
    for (let tick = 0; tick < 10; tick++) timers.splice(0).forEach((action) => action());
    await settle();
    held.clear();
    pool = new FakePool();
    batch = newBatch();
    unfinished = new UnfinishedState({
      batch,
      store,
      locks: { held: () => Promise.resolve(held) },
      collect: ({ files }) => Promise.resolve(collection(files.map(({ path }) => path))),
      reopen: () => Promise.resolve(null),
    });
    await unfinished.look();
  });

  test('it is offered, and goes on where it stopped', async () => {
    expect(unfinished.entry?.title).toBe('set');
    await unfinished.resume();
    expect(unfinished.needsFiles).toBe(true);
    await unfinished.resumeWith({ files: names.map(found), skipped: [], handles: [] });
    await settle();
    expect(pool.heard).toEqual(['set/3.wav', 'set/4.wav']);
    expect(phases()).toEqual(['done', 'done', 'done', 'done']);
    expect((await exported()).map(({ fileName }) => fileName)).toEqual(names);
    expect(stored()?.entry).toMatchObject({ state: 'done', counts: { ok: 4 } });
    expect(unfinished.entry).toBeNull();
  });

  test('other files are not taken for its own', async () => {
    await unfinished.resumeWith({ files: [found('other/1.wav')], skipped: [], handles: [] });
    expect(unfinished.error?.code).toBe('nothing-to-do');
    expect(unfinished.entry).not.toBeNull();
    expect(batch.isEmpty).toBe(true);
  });

  test('one that another tab is at is not offered', async () => {
    held.add([...store.entries.keys()][0] ?? '');
    await unfinished.look();
    expect(unfinished.entry).toBeNull();
  });

  test('one that another tab has taken up meanwhile is not heard twice', async () => {
    held.add(stored()?.entry.id ?? '');
    await unfinished.resumeWith({ files: names.map(found), skipped: [], handles: [] });
    await settle();
    expect(pool.heard).toEqual([]);
    expect(unfinished.entry).toBeNull();
    expect(batch.isEmpty).toBe(true);
  });

  test('one that is not wanted is not offered again', async () => {
    await unfinished.forget();
    await unfinished.look();
    expect(unfinished.entry).toBeNull();
  });

  test('two files of one path are both found again', async () => {
    const twice = ['set/3.wav', 'set/3.wav'];
    pool.allowed = 0;
    void batch.listen(collection(twice));
    await settle();
    const id = batch.entry?.id ?? '';
    batch = newBatch();
    pool.allowed = Infinity;
    const [first, second] = twice.map(found);
    if (!first || !second) throw new Error('There are two.');
    const reads: string[] = [];
    const told = (file: FoundFile, name: string): FoundFile => ({
      ...file,
      read: () => (reads.push(name), file.read()),
    });
    await batch.resumeWith(id, [told(first, 'first'), told(second, 'second')]);
    await settle();
    expect(new Set(reads)).toEqual(new Set(['first', 'second']));
  });

  test('a storage that fails while it is loaded is told, and leaves an empty page', async () => {
    const id = unfinished.entry?.id ?? '';
    store.readResults = async function* () {
      await Promise.resolve();
      yield [];
      throw new AppError('storage-blocked', 'It is closed.');
    };
    await expect(batch.resumeWith(id, names.map(found))).rejects.toMatchObject({ code: 'storage-blocked' });
    expect(batch.isRunning).toBe(false);
    expect(batch.isEmpty).toBe(true);
    expect(stored()?.entry.state).toBe('running');
  });

  test('of two entries asked for, the later one is shown, however long the first takes', async () => {
    const read = store.read.bind(store);
    let go: () => void = () => undefined;
    store.read = async (id) => {
      if (id === 'slow') await new Promise<void>((resolve) => (go = resolve));
      return read(unfinished.entry?.id ?? '');
    };
    const slow = batch.show('slow');
    expect(await batch.show(unfinished.entry?.id ?? '')).toBe(true);
    const { rows } = batch;
    go();
    expect(await slow).toBe(false);
    expect(batch.rows).toBe(rows);
  });

  test('a result that storage does not give is told where it would be', async () => {
    await batch.show(unfinished.entry?.id ?? '');
    store.error = new AppError('storage-blocked', 'It is closed.');
    batch.open(1);
    await settle();
    expect(analysis.phase).toMatchObject({ kind: 'failed', error: { code: 'storage-blocked' } });
  });

  test('it is shown from the history without its sound', async () => {
    expect(await batch.show(unfinished.entry?.id ?? '')).toBe(true);
    expect(phases()).toEqual(['done', 'done', 'cancelled', 'cancelled']);
    expect(batch.isStored).toBe(true);
    batch.open(1);
    await settle();
    expect(analysis.phase).toMatchObject({ kind: 'done', picture: null, result: { fileName: 'set/2.wav' } });
    expect(await batch.show('none')).toBe(false);
  });
});

test('of two hand-overs only the later one is heard, however long the first takes to unpack', async () => {
  let unpacked: (collection: Collection) => void = () => undefined;
  const slow = new Promise<Collection>((resolve) => (unpacked = resolve));
  const intake = new IntakeState(
    ({ files }) => (files.length === 2 ? slow : Promise.resolve(collection(['b.wav']))),
    batch,
  );
  const first = intake.take({ files: [found('a.zip'), found('c.zip')], skipped: [], handles: [] });
  await intake.take({ files: [found('b.wav')], skipped: [], handles: [] });
  unpacked(collection(['late.wav']));
  await first;
  expect(batch.rows.map(({ fileName }) => fileName)).toEqual(['b.wav']);
  expect(intake.isSorting).toBe(false);
});

test('a hand-over with nothing to hear says so, and leaves what is on screen', async () => {
  await batch.listen(collection(['a.wav']));
  const intake = new IntakeState(() => Promise.reject(new AppError('nothing-to-do', 'Nothing.')), batch);
  await intake.take({ files: [], skipped: [], handles: [] });
  expect(intake.error?.code).toBe('nothing-to-do');
  expect(batch.rows).toHaveLength(1);
});
