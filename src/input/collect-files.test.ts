import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { collectRecordings } from './collect-files.ts';
import { foundFile, type FoundFile, type HandOver } from './found-file.ts';

const SOUND = new Uint8Array([1, 2, 3]);
const baseName = (path: string): string => path.split('/').at(-1) ?? path;

/** A file of the given bytes, or of some sound. */
const found = (path: string, bytes: Uint8Array<ArrayBuffer> = SOUND): FoundFile =>
  foundFile(new File([bytes], baseName(path), { lastModified: 7 }), path);
const handed = (...files: FoundFile[]): HandOver => ({ files, skipped: [], handles: [] });
const handedPaths = (...paths: string[]): HandOver => handed(...paths.map((path) => found(path)));
const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);
const zip = (...args: Parameters<typeof zipSync>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(zipSync(...args));
const bytesOf = async (file: FoundFile | undefined): Promise<number[]> => [
  ...new Uint8Array((await (await file?.read())?.arrayBuffer()) ?? new ArrayBuffer(0)),
];

test('sound files are taken in natural order, others left out with a reason, system files without a word', async () => {
  const { recordings, skipped } = await collectRecordings(
    handedPaths(
      'd/a10.wav',
      'd/a2.flac',
      'd/notes.txt',
      'd/.DS_Store',
      'd/Thumbs.db',
      'd/B1.WAV',
      'd/b2.Wav',
    ),
  );
  expect(recordings.map(({ path }) => path)).toEqual(['d/a2.flac', 'd/a10.wav', 'd/B1.WAV', 'd/b2.Wav']);
  expect(skipped).toEqual([{ fileName: 'd/notes.txt', reason: 'Not a sound file.' }]);
});

test('a single file is always tried: its bytes decide, not its name', async () => {
  const { recordings } = await collectRecordings(handedPaths('recording'));
  expect(recordings).toHaveLength(1);
});

test('a single zip is looked into, also where its name begins with a dot', async () => {
  const all = zip({ 'a.wav': SOUND });
  const { recordings } = await collectRecordings(handed(found('.set.zip', all)));
  expect(recordings.map(({ path }) => path)).toEqual(['.set.zip/a.wav']);
});

test('equal names in different folders, unicode and very long names are all kept apart', async () => {
  const long = `${'x'.repeat(4000)}.wav`;
  const paths = ['a/1.wav', 'b/1.wav', 'köhler/心音 ♥.wav', long];
  const { recordings } = await collectRecordings(handedPaths(...paths));
  expect(recordings.map(({ path }) => path).sort()).toEqual([...paths].sort());
});

test('the recordings of a zip are named with its folders and unpacked when they are read', async () => {
  const all = zip({ 'x/one.wav': SOUND, 'x/readme.md': SOUND, '__MACOSX/x/._one.wav': SOUND });
  const { recordings, skipped } = await collectRecordings(handed(found('ward/all.zip', all)));
  expect(recordings).toMatchObject([{ path: 'ward/all.zip/x/one.wav', sizeBytes: 3, lastModified: 7 }]);
  expect(await bytesOf(recordings[0])).toEqual([1, 2, 3]);
  expect((await recordings[0]?.read())?.name).toBe('one.wav');
  expect(skipped.map(({ fileName }) => fileName)).toEqual(['ward/all.zip/x/readme.md']);
});

test('of a zip only its table of contents is read until a recording is wanted', async () => {
  const PADDING_BYTES = 5_000_000;
  const all = zip(
    { 'a.wav': SOUND, 'padding.wav': new Uint8Array(PADDING_BYTES), 'b.wav': SOUND },
    { level: 0 },
  );
  const file = new File([all], 'all.zip');
  let nRead = 0;
  const slice = file.slice.bind(file);
  file.slice = (from = 0, to = 0) => {
    nRead += to - from;
    return slice(from, to);
  };
  const { recordings } = await collectRecordings(handed(foundFile(file)));
  expect(recordings).toHaveLength(3);
  expect(await bytesOf(recordings[1])).toEqual([1, 2, 3]);
  expect(nRead).toBeLessThan(PADDING_BYTES / 10);
});

test('a zip inside a zip is not opened, and says so', async () => {
  const all = zip({ 'a.wav': SOUND, 'in/inner.ZIP': zip({ 'b.wav': SOUND }) });
  const { recordings, skipped } = await collectRecordings(handed(found('all.zip', all)));
  expect(recordings.map(({ path }) => path)).toEqual(['all.zip/a.wav']);
  expect(skipped).toEqual([
    {
      fileName: 'all.zip/in/inner.ZIP',
      reason: 'A zip inside a zip is not opened. Unpack it first.',
    },
  ]);
});

test('a locked zip is left out with its sentence', async () => {
  const locked = zip({ 'one.wav': SOUND });
  // Bit 0 of the general flags says "encrypted": at 6 in the local header, at 8 in the central one.
  locked[6] = (locked[6] ?? 0) | 1;
  const central = locked.findIndex(
    (_, i) => locked[i] === 0x50 && locked[i + 1] === 0x4b && locked[i + 2] === 1,
  );
  locked[central + 8] = (locked[central + 8] ?? 0) | 1;
  const { recordings, skipped } = await collectRecordings(handed(found('locked.zip', locked)));
  expect(recordings).toEqual([]);
  expect(skipped).toMatchObject([{ fileName: 'locked.zip', reason: expect.stringMatching(/password/i) }]);
});

test('a damaged recording in a zip fails when it is read and does not cost the others', async () => {
  const all = zip({ 'a.wav': SOUND, 'b.wav': SOUND }, { level: 0 });
  // The first stored byte: behind a local header of 30 bytes and its name.
  all[30 + 'a.wav'.length] = 99;
  const { recordings } = await collectRecordings(handed(found('all.zip', all)));
  await expect(recordings[0]?.read()).rejects.toMatchObject({ code: 'archive-invalid' });
  expect(await bytesOf(recordings[1])).toEqual([1, 2, 3]);
});

test('a zip that vanishes says that it cannot be read, not that it is damaged', async () => {
  const file = new File([zip({ 'a.wav': SOUND })], 'all.zip');
  const { recordings } = await collectRecordings(handed(foundFile(file)));
  file.slice = () =>
    Object.assign(new Blob(), {
      arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotFoundError')),
    });
  await expect(recordings[0]?.read()).rejects.toMatchObject({ code: 'file-unreadable' });
});

test('a damaged zip, and one without a sound, do not stop the others', async () => {
  const { recordings, skipped } = await collectRecordings(
    handed(found('broken.zip'), found('letters.zip', zip({ 'a.txt': SOUND })), found('good.wav')),
  );
  expect(recordings.map(({ path }) => path)).toEqual(['good.wav']);
  expect(skipped.map(({ fileName }) => fileName)).toEqual(['broken.zip', 'letters.zip/a.txt', 'letters.zip']);
  expect(skipped[2]?.reason).toBe('There is no sound file in this zip.');
});

test('tables are read wherever they lie, and are not listed as left out', async () => {
  const all = zip({ 'normal/a.wav': SOUND, 'REFERENCE.csv': text('a,-1') });
  const { labelFiles, skipped } = await collectRecordings(
    handed(found('ward/all.zip', all), found('labels.CSV', text('\uFEFFfile,label')), found('ward/b.wav')),
  );
  expect(labelFiles).toEqual([
    { path: 'ward/all.zip/REFERENCE.csv', text: 'a,-1' },
    { path: 'labels.CSV', text: 'file,label' },
  ]);
  expect(skipped).toEqual([]);
});

test('a table that is far too large, or cannot be read, is left out with the reason', async () => {
  const large = { ...found('huge.csv'), sizeBytes: 20_000_001 };
  const gone = { ...found('gone.csv'), read: () => Promise.reject(new Error('It is gone.')) };
  const { labelFiles, skipped } = await collectRecordings(handed(large, gone, found('a.wav')));
  expect(labelFiles).toEqual([]);
  expect(skipped).toEqual([
    { fileName: 'huge.csv', reason: expect.stringMatching(/20 MB/) },
    { fileName: 'gone.csv', reason: 'It is gone.' },
  ]);
});

test('what could not be looked at is left out with its reason', async () => {
  const lost = { fileName: 'ward/lost.wav', reason: 'It was moved.' };
  const { skipped } = await collectRecordings({ ...handed(found('a.wav')), skipped: [lost] });
  expect(skipped).toEqual([lost]);
});

test('a folder with nothing in it says so', async () => {
  await expect(collectRecordings(handed())).rejects.toMatchObject({ code: 'nothing-to-do' });
});
