// What a bench listens to: files on disk, as many as wanted, each under a name of its own; a wrong folder is a mistake
// of whoever named it.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseWav } from '../core/audio/wav.ts';
import { UsageError } from './args.ts';
import { findRecordings, underOtherNames, writeClips } from './bench-recordings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-recordings-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('few recordings become many files with names of their own and the same content', async () => {
  const own = ['a.wav', 'b.flac', 'c.wav'].map((name) => join(folder, name));
  for (const path of own) writeFileSync(path, path);
  const { folder: many, files } = await underOtherNames(own, 7, folder);
  expect(files.map((path) => readFileSync(path, 'utf8'))).toEqual([...own, ...own, own[0]]);
  expect(readdirSync(many).sort()).toEqual(files.map((path) => basename(path)));
  expect(readdirSync(many).filter((name) => name.endsWith('.flac'))).toEqual([
    'r-00001.flac',
    'r-00004.flac',
  ]);
  // Once more: beside the first, never over it.
  await underOtherNames(own.toReversed(), 7, folder);
  expect(files.map((path) => readFileSync(path, 'utf8'))).toEqual([...own, ...own, own[0]]);
  expect(own.map((path) => readFileSync(path, 'utf8'))).toEqual(own);
});

it('clips are sound, of equal length', async () => {
  const paths = await writeClips(folder, 25);
  const lengths = paths.map((path) => {
    const { channels, sampleRateHz } = parseWav(new Uint8Array(readFileSync(path)).buffer);
    return (channels[0]?.length ?? 0) / sampleRateHz;
  });
  expect(lengths).toEqual(Array.from({ length: 25 }, () => 6));
});

it('takes every recording of a folder once, and refuses a folder without any', async () => {
  mkdirSync(join(folder, 'deep'));
  const names = ['a', 'b', 'c', 'd', 'deep/e'].map((name) => join(folder, `${name}.wav`));
  for (const path of names) writeFileSync(path, path);
  const { paths } = await findRecordings(folder, folder);
  expect([...paths].sort()).toEqual(names);
  mkdirSync(join(folder, 'empty'));
  await expect(findRecordings(join(folder, 'empty'), folder)).rejects.toThrow(UsageError);
});
