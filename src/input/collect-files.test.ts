import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { collectRecordings, fromFileList } from './collect-files.ts';

const SOUND = new Uint8Array([1, 2, 3]);
const file = (name: string, bytes: Uint8Array<ArrayBuffer> = SOUND): File => new File([bytes], name);
const found = (...paths: string[]): { file: File; path: string }[] =>
  paths.map((path) => ({ file: file(path.split('/').at(-1) ?? path), path }));

test('sound files are taken in natural order, others left out with a reason, system files without a word', async () => {
  const { recordings, skipped } = await collectRecordings(
    found('d/a10.wav', 'd/a2.flac', 'd/notes.txt', 'd/.DS_Store', 'd/Thumbs.db'),
  );
  expect(recordings.map(({ path }) => path)).toEqual(['d/a2.flac', 'd/a10.wav']);
  expect(skipped).toEqual([{ fileName: 'd/notes.txt', reason: 'Not a sound file.' }]);
});

test('a single file is always tried: its bytes decide, not its name', async () => {
  const { recordings } = await collectRecordings(found('recording'));
  expect(recordings).toHaveLength(1);
});

test('a zip is unpacked, its folders kept in the name', async () => {
  const zip = new Uint8Array(
    zipSync({ 'x/one.wav': SOUND, 'x/readme.md': SOUND, '__MACOSX/x/._one.wav': SOUND }),
  );
  const { recordings, skipped } = await collectRecordings([{ file: file('all.zip', zip), path: 'all.zip' }]);
  expect(recordings.map(({ path }) => path)).toEqual(['all.zip/x/one.wav']);
  expect(new Uint8Array((await recordings[0]?.file.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(SOUND);
  expect(skipped.map(({ fileName }) => fileName)).toEqual(['all.zip/x/readme.md']);
});

test('a locked zip is left out with its sentence', async () => {
  const zip = new Uint8Array(zipSync({ 'one.wav': SOUND }));
  // Bit 0 of the general flags says "encrypted": at 6 in the local header, at 8 in the central one.
  zip[6] = (zip[6] ?? 0) | 1;
  const central = zip.findIndex((_, i) => zip[i] === 0x50 && zip[i + 1] === 0x4b && zip[i + 2] === 1);
  zip[central + 8] = (zip[central + 8] ?? 0) | 1;
  const { recordings, skipped } = await collectRecordings([
    { file: file('locked.zip', zip), path: 'locked.zip' },
  ]);
  expect(recordings).toEqual([]);
  expect(skipped).toHaveLength(1);
  expect(skipped[0]?.reason).toMatch(/password/i);
});

test('a zip that is larger than it may unpack to is left out without being read', async () => {
  const huge = Object.defineProperty(file('huge.zip'), 'size', { value: 2 ** 30 + 1 });
  huge.arrayBuffer = () => Promise.reject(new Error('read'));
  const { skipped } = await collectRecordings([{ file: huge, path: 'huge.zip' }]);
  expect(skipped).toEqual([{ fileName: 'huge.zip', reason: expect.stringMatching(/1 GiB/) }]);
});

test('a damaged recording in a zip does not cost the others', async () => {
  const zip = new Uint8Array(zipSync({ 'a.wav': SOUND, 'b.wav': SOUND }, { level: 0 }));
  // The first stored byte: behind a local header of 30 bytes and its name.
  zip[30 + 'a.wav'.length] = 99;
  const { recordings, skipped } = await collectRecordings([{ file: file('all.zip', zip), path: 'all.zip' }]);
  expect(recordings.map(({ path }) => path)).toEqual(['all.zip/b.wav']);
  expect(skipped.map(({ fileName }) => fileName)).toEqual(['all.zip/a.wav']);
});

test('a damaged zip does not stop the others', async () => {
  const { recordings, skipped } = await collectRecordings([
    { file: file('broken.zip'), path: 'broken.zip' },
    ...found('good.wav'),
  ]);
  expect(recordings.map(({ path }) => path)).toEqual(['good.wav']);
  expect(skipped.map(({ fileName }) => fileName)).toEqual(['broken.zip']);
});

test('a folder with nothing in it says so', async () => {
  await expect(collectRecordings([])).rejects.toMatchObject({ code: 'nothing-to-do' });
});

test('files of a folder picker keep their path', () => {
  const inFolder = Object.defineProperty(file('a.wav'), 'webkitRelativePath', { value: 'ward/a.wav' });
  expect(fromFileList([inFolder, file('b.wav')]).map(({ path }) => path)).toEqual(['ward/a.wav', 'b.wav']);
});
