// A batch from what is handed over to what is exported: answers in their places, cancelling, what storage refuses, and
// what is heard a second time.

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '../core/errors.ts';
import type { Collection } from '../input/collect-files.ts';
import { collection, FakePage, found, settle } from './batch-fakes.ts';
import { MANIFEST, MODEL } from './fakes.ts';
import { IntakeState } from './intake.svelte.ts';

let page: FakePage;

beforeEach(() => {
  page = new FakePage();
});

describe('one recording', () => {
  test('is opened with its picture, answered and kept', async () => {
    await page.batch.listen(collection(['a.wav']));
    await settle();
    expect(page.analysis.phase).toMatchObject({ kind: 'done', result: { predictedClass: 'abnormal' } });
    expect(page.classifier.requests).toMatchObject([
      { fileName: 'a.wav', withPicture: true, threshold: 0.4 },
    ]);
    expect(page.pool.heard).toEqual([]);
    const [kept] = page.store.entries.values();
    expect(kept?.entry).toMatchObject({ title: 'a.wav', state: 'done', total: 1, counts: { ok: 1 } });
    expect(kept?.results).toHaveLength(1);
  });

  test('that failed is heard again where it was, also beside files that were left out', async () => {
    const skipped = [{ fileName: 'notes.txt', reason: 'It is no sound file.' }];
    const files = collection(['gone.wav'], { skipped });
    await page.batch.listen(files);
    await settle();
    expect(page.batch.counts.error).toBe(1);
    await page.batch.retry([0]);
    expect(page.phases()).toEqual(['done']);
    expect(page.batch.counts.error).toBe(1);
    expect(page.batch.entry?.state).toBe('done');
  });

  test('of the program’s own making leaves no trace', async () => {
    await page.batch.listen(collection(['demo.wav']), true);
    await settle();
    expect(page.batch.counts.ok).toBe(1);
    expect(page.store.entries.size).toBe(0);
  });

  test('without a model is a failure that can be tried again, and not the recording’s own', async () => {
    page.classifier.startError = new AppError('backend-unavailable', 'No backend.');
    await page.batch.listen(collection(['a.wav']));
    expect(page.analysis.phase).toMatchObject({ kind: 'failed', error: { code: 'backend-unavailable' } });
    expect(page.batch.isEmpty).toBe(false);
    page.classifier.startError = null;
    await page.batch.again();
    expect(page.analysis.phase.kind).toBe('done');
    expect(page.phases()).toEqual(['done']);
  });
});

describe('many recordings', () => {
  test('are all answered, in their places, and the first is opened', async () => {
    await page.batch.listen(collection(['set/10.wav', 'set/20.wav', 'set/90.wav']));
    await settle();
    expect(page.classes()).toEqual(['abnormal', 'normal', 'abnormal']);
    expect(page.analysis.phase).toMatchObject({ recording: { fileName: 'set/10.wav' } });
    expect(page.batch.entry).toMatchObject({ title: 'set', state: 'done' });
    expect((await page.exported()).map(({ fileName }) => fileName)).toEqual([
      'set/10.wav',
      'set/20.wav',
      'set/90.wav',
    ]);
  });

  test('a file that cannot be read has its row, and can be tried again', async () => {
    await page.batch.listen(collection(['5.wav', 'gone.wav', '6.wav']));
    expect(page.batch.rows[1]?.answer).toMatchObject({ status: 'error', errorCode: 'file-unreadable' });
    expect(page.batch.counts).toMatchObject({ error: 1 });
    await page.batch.retry([1]);
    expect(page.pool.heard).toEqual(['5.wav', 'gone.wav', '6.wav', 'gone.wav']);
    expect(page.batch.counts).toMatchObject({ error: 1 });
  });

  test('the threshold moves classes, counts, exports and what is open, and nothing is heard again', async () => {
    await page.batch.listen(collection(['1.wav', '30.wav', '50.wav', '90.wav']));
    await settle();
    const before = page.classifier.requests.length;
    page.batch.setThreshold(0.95);
    expect(page.batch.counts.perClass).toEqual({ abnormal: 0, normal: 4 });
    expect((await page.exported()).map((result) => [result.threshold, result.predictedClass])).toEqual(
      Array(4).fill([0.95, 'normal']),
    );
    expect(page.analysis.phase).toMatchObject({ result: { threshold: 0.95, predictedClass: 'normal' } });
    page.batch.setThreshold(null);
    expect(page.batch.threshold).toBe(0.4);
    expect(page.batch.counts.perClass).toEqual({ abnormal: 3, normal: 1 });
    expect(page.classifier.requests).toHaveLength(before);
    expect(page.pool.heard).toHaveLength(4);
    await settle();
    expect(page.stored()?.entry.threshold).toBe(0.4);
  });

  test('some of them are exported alone', async () => {
    await page.batch.listen(collection(['1.wav', '2.wav', '3.wav']));
    expect((await page.exported([2, 0])).map(({ fileName }) => fileName)).toEqual(['1.wav', '3.wav']);
  });

  test('cancelling keeps what is answered, and nothing comes after it', async () => {
    page.pool.allowed = 2;
    const names = Array.from({ length: 6 }, (_, i) => `${i}.wav`);
    const listening = page.batch.listen(collection(names));
    await settle();
    page.batch.cancel();
    page.pool.goOn();
    await listening;
    await settle();
    expect(page.phases()).toEqual(['done', 'done', 'cancelled', 'cancelled', 'cancelled', 'cancelled']);
    expect(page.batch.isRunning).toBe(false);
    expect(page.stored()?.entry.state).toBe('cancelled');
    expect(page.batch.unheard).toEqual([2, 3, 4, 5]);
    await page.batch.retry([2, 3]);
    expect(page.phases().slice(0, 4)).toEqual(['done', 'done', 'done', 'done']);
    expect(page.batch.unheard).toEqual([4, 5]);
  });

  test('what is still unheard after a second try leaves the batch cancelled', async () => {
    page.pool.allowed = 2;
    const listening = page.batch.listen(collection(['gone.wav', '1.wav', '2.wav', '3.wav']));
    await settle();
    page.batch.cancel();
    page.pool.goOn();
    await listening;
    await page.batch.retry([0]);
    await settle();
    expect(page.stored()?.entry.state).toBe('cancelled');
    await page.batch.retry([2, 3]);
    await settle();
    expect(page.stored()?.entry.state).toBe('done');
  });

  test('a rest that is heard later can be gone on with when the page is closed meanwhile', async () => {
    page.pool.allowed = 1;
    const listening = page.batch.listen(collection(['1.wav', '2.wav', '3.wav']));
    await settle();
    page.batch.cancel();
    page.pool.goOn();
    await listening;
    page.pool.allowed = 2;
    void page.batch.retry([1, 2]);
    await settle();
    page.tick(10);
    await settle();
    expect(page.stored()?.entry.state).toBe('running');
  });

  test('one that was opened before its turn keeps its answer when its turn is broken off', async () => {
    page.pool.allowed = 1;
    const listening = page.batch.listen(collection(['1.wav', '2.wav', '3.wav']));
    await settle();
    page.batch.open(2);
    await settle();
    expect(page.phases()).toEqual(['done', 'working', 'done']);
    page.pool.goOn(2);
    await settle();
    page.batch.cancel();
    await listening;
    expect(page.phases()).toEqual(['done', 'done', 'done']);
    expect(page.batch.counts.ok).toBe(3);
  });

  test('rates count what is answered now, not what is forgotten to be heard again', async () => {
    await page.batch.listen(collection(['gone.wav', '1.wav', '2.wav']));
    await settle();
    page.pool.allowed = 0;
    void page.batch.retry([0]);
    page.clockMs = 1000;
    page.tick(1);
    expect(page.batch.hearing.progress).toMatchObject({ done: 2, total: 3, recordingsPerSec: 0 });
  });

  test('when nothing can be heard at all, that is said and stays said', async () => {
    page.pool.error = new AppError('model-missing', 'There is no model.');
    await page.batch.listen(collection(['1.wav', '2.wav']));
    await settle();
    expect(page.batch.isRunning).toBe(false);
    expect(page.batch.hearing.failure?.code).toBe('model-missing');
    expect(page.stored()?.entry.state).toBe('cancelled');
    page.pool.error = null;
    await page.batch.retry([0, 1]);
    expect(page.batch.hearing.failure).toBeNull();
    expect(page.phases()).toEqual(['done', 'done']);
  });

  test('labels that cannot be read at all end the hand-over, and not half of it', async () => {
    page.truthError = new AppError('out-of-memory', 'The table is too large.');
    await expect(page.batch.listen(collection(['1.wav', '2.wav']))).rejects.toMatchObject({
      code: 'out-of-memory',
    });
    expect(page.batch.isRunning).toBe(false);
    expect(page.batch.isEmpty).toBe(true);
  });

  test('all are kept at the end, however many wait for it', async () => {
    const names = Array.from({ length: 700 }, (_, i) => `${i % 100}.wav`);
    await page.batch.listen(collection(names));
    await settle();
    expect(page.stored()?.results.map(({ index }) => index)).toEqual([...names.keys()]);
  });

  test('a batch deleted in another tab keeps the rest in memory and gives no part for the whole', async () => {
    page.pool.allowed = 2;
    const listening = page.batch.listen(collection(['1.wav', '2.wav', '3.wav', '4.wav']));
    await settle();
    page.tick(10);
    await settle();
    expect(page.stored()?.results).toHaveLength(2);
    page.store.entries.clear();
    page.pool.goOn();
    await listening;
    await settle();
    expect(page.batch.keepingError?.code).toBe('storage-blocked');
    expect((await page.exported([2, 3])).map(({ fileName }) => fileName)).toEqual(['3.wav', '4.wav']);
    await expect(page.exported()).rejects.toMatchObject({ code: 'storage-blocked' });
  });

  test('another hand-over takes the place of one that is under way', async () => {
    page.pool.allowed = 1;
    const first = page.batch.listen(collection(['1.wav', '2.wav']));
    await settle();
    page.pool.allowed = Infinity;
    await page.batch.listen(collection(['7.wav', '8.wav', '9.wav']));
    await first;
    await settle();
    expect(page.batch.rows.map(({ fileName }) => fileName)).toEqual(['7.wav', '8.wav', '9.wav']);
    expect(page.phases()).toEqual(['done', 'done', 'done']);
  });

  test('what storage refuses is said, and is there all the same', async () => {
    page.pool.allowed = 2;
    const names = Array.from({ length: 300 }, (_, i) => `${i % 100}.wav`);
    const listening = page.batch.listen(collection(names));
    await settle();
    page.store.error = new AppError('storage-full', 'There is no room left.');
    page.pool.goOn();
    await listening;
    await settle();
    expect(page.batch.keepingError?.code).toBe('storage-full');
    page.store.error = null;
    expect((await page.exported()).map(({ fileName }) => fileName)).toEqual(names);
  });

  test('what storage refused is kept once there is room, whole', async () => {
    page.store.error = new AppError('storage-full', 'There is no room left.');
    await page.batch.listen(collection(['1.wav', '2.wav', '3.wav']));
    await settle();
    expect(page.batch.keepingError?.code).toBe('storage-full');
    await page.batch.recovery.keepAgain();
    await settle();
    expect(page.batch.keepingError?.code).toBe('storage-full');
    page.store.error = null;
    await page.batch.recovery.keepAgain();
    await settle();
    expect(page.batch.keepingError).toBeNull();
    expect(page.stored()).toMatchObject({ entry: { state: 'done', counts: { ok: 3 } } });
    expect(page.stored()?.results.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(page.pool.heard).toHaveLength(3);
  });

  test('the storage is cleared under way: at the end it has the whole batch all the same', async () => {
    page.pool.allowed = 2;
    const names = ['1.wav', '2.wav', '3.wav', '4.wav'];
    const listening = page.batch.listen(collection(names));
    await settle();
    page.tick(30);
    await settle();
    expect(page.stored()?.results).not.toEqual([]);
    page.store.entries.clear();
    await page.batch.recovery.storageCleared();
    await settle();
    page.pool.goOn();
    await listening;
    await settle();
    expect(page.batch.keepingError).toBeNull();
    expect(page.stored()).toMatchObject({ entry: { state: 'done', counts: { ok: 4 } } });
    expect(page.stored()?.results.map(({ result }) => result.fileName)).toEqual(names);
    expect(page.batch.isRunning).toBe(false);
  });

  test('the storage was cleared as the last answers are written: the batch ends when it has all of it again', async () => {
    page.pool.allowed = 2;
    const names = ['1.wav', '2.wav', '3.wav'];
    const listening = page.batch.listen(collection(names));
    await settle();
    page.tick(30);
    await settle();
    expect(page.stored()?.results).not.toEqual([]);
    // The next write meets a closed connection, opens it anew, and so it comes to be known.
    const save = page.store.save.bind(page.store);
    vi.spyOn(page.store, 'save').mockImplementationOnce(async (...what) => {
      page.store.entries.clear();
      void page.batch.recovery.storageCleared();
      return await save(...what);
    });
    page.pool.goOn();
    await listening;
    await settle();
    expect(page.batch.keepingError).toBeNull();
    expect(page.stored()).toMatchObject({ entry: { state: 'done', counts: { ok: 3 } } });
    expect(page.stored()?.results.map(({ result }) => result.fileName)).toEqual(names);
    expect(page.phases()).toEqual(['done', 'done', 'done']);
  });

  test('the storage is cleared after the end: answers stay on screen, and are heard again when that is wished', async () => {
    await page.batch.listen(collection(['1.wav', '2.wav']));
    await settle();
    page.store.entries.clear();
    await page.batch.recovery.storageCleared();
    await settle();
    expect(page.batch.keepingError?.message).toMatch(/cleared/);
    expect(page.phases()).toEqual(['done', 'done']);
    await expect(page.exported()).rejects.toMatchObject({ code: 'storage-blocked' });
    await page.batch.recovery.keepAgain();
    await settle();
    expect(page.stored()?.results).toHaveLength(2);
    expect((await page.exported()).map(({ fileName }) => fileName)).toEqual(['1.wav', '2.wav']);
  });

  test('that results are lost stays said, whatever is done to the batch meanwhile, and half of it is not kept', async () => {
    await page.batch.listen(collection(['1.wav', '2.wav', '3.wav']));
    await settle();
    page.store.entries.clear();
    await page.batch.recovery.storageCleared();
    page.batch.setThreshold(0.6);
    page.batch.open(1);
    await settle();
    expect(page.batch.keepingError?.message).toMatch(/cleared/);
    expect(page.store.entries.size).toBe(0);
    await page.batch.recovery.keepAgain();
    await settle();
    expect(page.batch.keepingError).toBeNull();
    expect(page.stored()).toMatchObject({ entry: { threshold: 0.6, counts: { ok: 3 } } });
    expect(page.stored()?.results.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  test('the storage is cleared under a single recording: it is kept again from what is on screen', async () => {
    await page.batch.listen(collection(['70.wav']));
    await settle();
    page.store.entries.clear();
    await page.batch.recovery.storageCleared();
    await settle();
    expect(page.batch.keepingError).toBeNull();
    expect(page.stored()?.results).toMatchObject([{ index: 0, result: { fileName: '70.wav' } }]);
    expect(page.classifier.requests).toHaveLength(1);
  });

  test('labels come with the rows', async () => {
    await page.batch.listen(collection(['1.wav', '2.wav'], { labelFiles: [{ path: 'a.csv', text: '' }] }));
    expect(page.batch.rows.map(({ label }) => label)).toEqual(['abnormal', 'abnormal']);
    expect(page.batch.entry?.nLabelled).toBe(2);
  });

  test('one that is being heard is answered, also where another one is opened meanwhile', async () => {
    page.pool.allowed = 1;
    void page.batch.listen(collection(['1.wav', '2.wav']));
    await settle();
    page.batch.cancel();
    await settle();
    expect(page.phases()).toEqual(['done', 'cancelled']);
    const id = page.batch.entry!.id;
    page.reload();
    page.classifier.isHeld = true;
    page.pool.error = new AppError('worker-crashed', 'The worker is gone.');
    await page.batch.resumeWith(id, [found('2.wav')]);
    await settle();
    expect(page.analysis.phase).toMatchObject({ kind: 'working', recording: { fileName: '2.wav' } });
    let read: () => void = () => undefined;
    const readResult = page.store.readResult.bind(page.store);
    vi.spyOn(page.store, 'readResult').mockImplementationOnce(async (...which) => {
      await new Promise<void>((resolve) => (read = resolve));
      return await readResult(...which);
    });
    page.batch.open(0);
    page.classifier.release();
    await settle();
    read();
    await settle();
    expect(page.phases()).toEqual(['done', 'done']);
    expect(page.stored()?.results.map(({ index }) => index)).toEqual([0, 1]);
    expect(page.analysis.phase).toMatchObject({ kind: 'done', recording: { fileName: '1.wav' } });
  });
});

describe('when another model answers by now', () => {
  beforeEach(async () => {
    await page.batch.listen(collection(['1.wav', 'gone-2.wav']));
    await page.model.switchAfter(() => {
      page.inUse = { ...MODEL, manifest: { ...MANIFEST, sha256: 'b'.repeat(64), threshold: 0.9 } };
      return Promise.resolve();
    });
  });

  test('the batch before is not answered by two: nothing of it is heard again', async () => {
    const nRequests = page.classifier.requests.length;
    const before = await page.exported();
    await page.batch.retry([1]);
    expect(page.batch.hearing.failure?.code).toBe('model-missing');
    expect(page.batch.isRunning).toBe(false);
    page.batch.open(1);
    await settle();
    expect(page.classifier.requests).toHaveLength(nRequests);
    expect(await page.exported()).toEqual(before);
  });

  test('what is lost with the storage stays lost, and that stays said', async () => {
    page.store.entries.clear();
    await page.batch.recovery.storageCleared();
    await page.batch.recovery.keepAgain();
    await settle();
    expect(page.batch.hearing.failure?.code).toBe('model-missing');
    expect(page.batch.keepingError?.message).toMatch(/cleared/);
  });

  test('all of it is heard anew at the new model’s threshold, as a batch of its own', async () => {
    page.settings.setThreshold(MANIFEST, 0.2);
    await page.batch.hearAnew();
    expect(page.batch.threshold).toBe(0.9);
    expect(page.batch.entry?.model.sha256).toBe('b'.repeat(64));
    expect(page.store.entries.size).toBe(2);
  });
});

describe('while the model is being switched', () => {
  let switched: () => void;
  let switching: Promise<void>;

  beforeEach(async () => {
    await page.batch.listen(collection(['1.wav', 'gone.wav', '2.wav']));
    await settle();
    switching = page.model.switchAfter(() => new Promise((resolve) => (switched = resolve)));
  });

  test('a second try can be cancelled, and nothing of it comes after that', async () => {
    const nHeard = page.pool.heard.length;
    const retrying = page.batch.retry([1]);
    page.batch.cancel();
    switched();
    await Promise.all([switching, retrying]);
    await settle();
    expect(page.batch.isRunning).toBe(false);
    expect(page.batch.entry?.state).not.toBe('running');
    expect(page.phases()).toEqual(['done', 'done', 'done']);
    expect(page.pool.heard).toHaveLength(nHeard);
    expect(page.timers).toEqual([]);
  });

  test('what is opened and put away is not opened later', async () => {
    page.batch.open(2);
    page.batch.close();
    switched();
    await switching;
    await settle();
    expect(page.analysis.phase.kind).toBe('idle');
    expect(page.batch.isEmpty).toBe(true);
  });
});

test('of two hand-overs only the later one is heard, however long the first takes to unpack', async () => {
  let unpacked: (collection: Collection) => void = () => undefined;
  const slow = new Promise<Collection>((resolve) => (unpacked = resolve));
  const intake = new IntakeState(
    ({ files }) => (files.length === 2 ? slow : Promise.resolve(collection(['b.wav']))),
    page.batch,
  );
  const first = intake.take({ files: [found('a.zip'), found('c.zip')], skipped: [], handles: [] });
  await intake.take({ files: [found('b.wav')], skipped: [], handles: [] });
  unpacked(collection(['late.wav']));
  await first;
  expect(page.batch.rows.map(({ fileName }) => fileName)).toEqual(['b.wav']);
  expect(intake.isSorting).toBe(false);
});

test('a hand-over with nothing to hear says so, and leaves what is on screen', async () => {
  await page.batch.listen(collection(['a.wav']));
  const intake = new IntakeState(() => Promise.reject(new AppError('nothing-to-do', 'Nothing.')), page.batch);
  await intake.take({ files: [], skipped: [], handles: [] });
  expect(intake.error?.code).toBe('nothing-to-do');
  expect(page.batch.rows).toHaveLength(1);
});
