// A batch whose page was closed half way: it is offered, gone on with once, and can be looked at without its sound.

import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import type { FoundFile } from '../input/found-file.ts';
import { collection, FakePage, found, settle } from './batch-fakes.ts';
import { UnfinishedState } from './unfinished.svelte.ts';

let page: FakePage;

beforeEach(() => {
  page = new FakePage();
});

describe('after the page was closed half way', () => {
  const names = ['set/1.wav', 'set/2.wav', 'set/3.wav', 'set/4.wav'];
  let unfinished: UnfinishedState;

  /** A page that goes down when it has two of four answers, and a new one. */
  beforeEach(async () => {
    page.pool.allowed = 2;
    void page.batch.listen(collection(names));
    await settle();
    // Ten ticks of the clock: what waits is written.
    page.tick(10);
    await settle();
    page.held.clear();
    page.reload();
    unfinished = new UnfinishedState({
      batch: page.batch,
      store: page.store,
      locks: { held: () => Promise.resolve(page.held) },
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
    expect(page.pool.heard).toEqual(['set/3.wav', 'set/4.wav']);
    expect(page.phases()).toEqual(['done', 'done', 'done', 'done']);
    expect((await page.exported()).map(({ fileName }) => fileName)).toEqual(names);
    expect(page.stored()?.entry).toMatchObject({ state: 'done', counts: { ok: 4 } });
    expect(unfinished.entry).toBeNull();
  });

  test('after a simulated sound its recordings are still no simulation', async () => {
    await page.batch.listen(collection(['simulated.wav']), true);
    expect(page.analysis.phase).toMatchObject({ recording: { isSimulated: true } });
    await unfinished.resumeWith({ files: names.map(found), skipped: [], handles: [] });
    await settle();
    page.batch.open(0);
    await settle();
    expect(page.analysis.phase).toMatchObject({ recording: { fileName: 'set/1.wav', isSimulated: false } });
  });

  test('other files are not taken for its own', async () => {
    await unfinished.resumeWith({ files: [found('other/1.wav')], skipped: [], handles: [] });
    expect(unfinished.error?.code).toBe('nothing-to-do');
    expect(unfinished.entry).not.toBeNull();
    expect(page.batch.isEmpty).toBe(true);
  });

  test('one that another tab is at is not offered', async () => {
    page.held.add(page.stored()?.entry.id ?? '');
    await unfinished.look();
    expect(unfinished.entry).toBeNull();
  });

  test('one that another tab has taken up meanwhile is not heard twice', async () => {
    page.held.add(page.stored()?.entry.id ?? '');
    await unfinished.resumeWith({ files: names.map(found), skipped: [], handles: [] });
    await settle();
    expect(page.pool.heard).toEqual([]);
    expect(unfinished.entry).toBeNull();
    expect(page.batch.isEmpty).toBe(true);
  });

  test('one that is not wanted is not offered again', async () => {
    await unfinished.forget();
    await unfinished.look();
    expect(unfinished.entry).toBeNull();
  });

  test('where the storage refuses to forget it, that is said, and it stays', async () => {
    page.store.error = new AppError('storage-full', 'Full.');
    await unfinished.forget();
    expect([unfinished.error?.code, unfinished.entry?.title]).toEqual(['storage-full', 'set']);
    expect(unfinished.isBusy).toBe(false);
    page.store.error = null;
    await unfinished.forget();
    expect([unfinished.error, unfinished.entry, page.stored()?.entry.state]).toEqual([
      null,
      null,
      'cancelled',
    ]);
  });

  test('two files of one path are both found again', async () => {
    const twice = ['set/3.wav', 'set/3.wav'];
    page.pool.allowed = 0;
    void page.batch.listen(collection(twice));
    await settle();
    const id = page.batch.entry?.id ?? '';
    page.reload();
    page.pool.allowed = Infinity;
    const [first, second] = twice.map(found);
    if (!first || !second) throw new Error('There are two.');
    const reads: string[] = [];
    const told = (file: FoundFile, name: string): FoundFile => ({
      ...file,
      read: () => (reads.push(name), file.read()),
    });
    await page.batch.resumeWith(id, [told(first, 'first'), told(second, 'second')]);
    await settle();
    expect(new Set(reads)).toEqual(new Set(['first', 'second']));
  });

  test('a storage that fails while it is loaded is told, and leaves an empty page', async () => {
    const id = unfinished.entry?.id ?? '';
    page.store.readResults = async function* () {
      await Promise.resolve();
      yield [];
      throw new AppError('storage-blocked', 'It is closed.');
    };
    await expect(page.batch.resumeWith(id, names.map(found))).rejects.toMatchObject({
      code: 'storage-blocked',
    });
    expect(page.batch.isRunning).toBe(false);
    expect(page.batch.isEmpty).toBe(true);
    expect(page.stored()?.entry.state).toBe('running');
  });

  test('of two entries asked for, the later one is shown, however long the first takes', async () => {
    const read = page.store.read.bind(page.store);
    let go: () => void = () => undefined;
    page.store.read = async (id) => {
      if (id === 'slow') await new Promise<void>((resolve) => (go = resolve));
      return read(unfinished.entry?.id ?? '');
    };
    const slow = page.batch.show('slow');
    expect(await page.batch.show(unfinished.entry?.id ?? '')).toBe(true);
    const { rows } = page.batch;
    go();
    expect(await slow).toBe(false);
    expect(page.batch.rows).toBe(rows);
  });

  test('a result that storage does not give is told where it would be', async () => {
    await page.batch.show(unfinished.entry?.id ?? '');
    page.store.error = new AppError('storage-blocked', 'It is closed.');
    page.batch.open(1);
    await settle();
    expect(page.analysis.phase).toMatchObject({ kind: 'failed', error: { code: 'storage-blocked' } });
  });

  test('it is shown from the history without its sound', async () => {
    expect(await page.batch.show(unfinished.entry?.id ?? '')).toBe(true);
    expect(page.phases()).toEqual(['done', 'done', 'cancelled', 'cancelled']);
    expect(page.batch.isStored).toBe(true);
    expect(page.batch.unheard).toEqual([]);
    page.batch.open(1);
    await settle();
    expect(page.analysis.phase).toMatchObject({
      kind: 'done',
      picture: null,
      result: { fileName: 'set/2.wav' },
    });
    expect(await page.batch.show('none')).toBe(false);
  });
});
