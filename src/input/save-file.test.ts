// A file that a person chose is written whole, or nothing of it is left.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSaveTarget, type SaveTarget } from './save-file.ts';

/** As Chromium keeps a file: what is written takes its place when it is closed, and nothing of it when it is aborted. */
class FakeFile {
  bytes: number[] | null;
  hasRemove = true;

  constructor(bytes: number[] | null) {
    this.bytes = bytes;
  }

  handle(): object {
    // The picker has made it.
    this.bytes ??= [];
    const remove = (): Promise<void> => {
      this.bytes = null;
      return Promise.resolve();
    };
    return {
      getFile: () => Promise.resolve({ size: this.bytes?.length ?? 0 }),
      createWritable: () => {
        const written: number[] = [];
        return Promise.resolve(
          new WritableStream<Uint8Array>({
            write: (chunk) => void written.push(...chunk),
            close: () => void (this.bytes = written),
          }),
        );
      },
      ...(this.hasRemove && { remove }),
    };
  }
}

beforeEach(() => vi.stubGlobal('window', {}));
afterEach(() => vi.unstubAllGlobals());

async function choose(file: FakeFile): Promise<SaveTarget> {
  Reflect.set(window, 'showSaveFilePicker', () => Promise.resolve(file.handle()));
  const target = await openSaveTarget('backup.zip');
  if (!target) throw new Error('nothing was chosen');
  return target;
}

const bytes = (...values: number[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(Uint8Array.from(values));
      controller.close();
    },
  });

/** Gives something and then nothing more. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(Uint8Array.of(1)) });
}

test('what comes to its end is in the file', async () => {
  const file = new FakeFile(null);
  const target = await choose(file);
  expect(await target.take(bytes(1, 2, 3), new AbortController().signal)).toBe(3);
  expect(file.bytes).toEqual([1, 2, 3]);
});

test.each([
  ['the empty file that the picker made is removed', null, null],
  ['a file that was there holds what it held', [9], [9]],
])('when it is cancelled %s', async (_what, before, after) => {
  const file = new FakeFile(before);
  const target = await choose(file);
  const controller = new AbortController();
  const taking = target.take(endless(), controller.signal);
  controller.abort();
  await expect(taking).rejects.toMatchObject({ name: 'AbortError' });
  expect(file.bytes).toEqual(after);
});

test('when the stream fails, the empty file is removed, and the reason is told', async () => {
  const file = new FakeFile(null);
  const target = await choose(file);
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(new Error('Gone.')),
  });
  await expect(target.take(broken, new AbortController().signal)).rejects.toMatchObject({
    code: 'file-unwritable',
    message: expect.stringMatching(/Gone/),
  });
  expect(file.bytes).toBeNull();
});

test('where no file can be removed, the reason is told all the same', async () => {
  const file = new FakeFile(null);
  file.hasRemove = false;
  const target = await choose(file);
  const controller = new AbortController();
  controller.abort();
  await expect(target.take(endless(), controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
  expect(file.bytes).toEqual([]);
});
