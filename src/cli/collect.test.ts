import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from './args.ts';
import { collectRecordings } from './collect.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'collect-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(path: string, content: string | Uint8Array = 'x'): string {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, content);
  return full;
}

const names = (collection: Awaited<ReturnType<typeof collectRecordings>>): string[] =>
  collection.recordings.map((recording) => recording.fileName);

describe('recordings of a command line', () => {
  it('walks folders of any depth in one order, and says what it left out', async () => {
    for (const path of ['b/2.wav', 'b/10.wav', 'a/deep/er/x.FLAC', 'notes.txt', 'z.mp3', '.DS_Store'])
      put(path);
    const collection = await collectRecordings([folder]);
    expect(names(collection)).toEqual(['a/deep/er/x.FLAC', 'b/10.wav', 'b/2.wav', 'z.mp3']);
    expect(collection.skipped).toEqual([{ fileName: 'notes.txt', reason: 'Not a sound file.' }]);
    expect(await collectRecordings([folder])).toMatchObject({ skipped: collection.skipped });
  });

  it('keeps the order of the paths given, and tries a file named itself whatever its ending', async () => {
    const odd = put('odd.bin', 'hello');
    const wav = put('a.wav');
    const collection = await collectRecordings([odd, wav]);
    expect(names(collection)).toEqual(['odd.bin', 'a.wav']);
    expect(Buffer.from((await collection.recordings[0]?.read()) ?? []).toString()).toBe('hello');
  });

  it('opens zips, also those inside a folder', async () => {
    const zip = zipSync({
      'in/a.wav': strToU8('A'),
      'read.me': strToU8('?'),
      '__MACOSX/in/._a.wav': strToU8(''),
    });
    put('sub/set.zip', zip);
    put('c.wav');
    const collection = await collectRecordings([folder]);
    expect(names(collection)).toEqual(['c.wav', 'sub/set.zip/in/a.wav']);
    expect(collection.skipped.map((file) => file.fileName)).toEqual(['sub/set.zip/read.me']);
    expect(Buffer.from((await collection.recordings[1]?.read()) ?? []).toString()).toBe('A');
  });

  it('unpacks an entry of a zip only when it is read, so that a damaged one spoils no other', async () => {
    const zip = zipSync({ 'a.wav': strToU8('A'), 'b.wav': strToU8('B'.repeat(50)) }, { level: 0 });
    zip[Buffer.from(zip).indexOf('BBBB')] = 0x43;
    put('set.zip', zip);
    const { recordings } = await collectRecordings([folder]);
    expect(Buffer.from((await recordings[0]?.read()) ?? []).toString()).toBe('A');
    await expect(recordings[1]?.read()).rejects.toThrow(/damaged/);
  });

  it('goes on after a zip that cannot be opened, and counts it', async () => {
    put('broken.zip', 'this is no zip');
    put('a.wav');
    const collection = await collectRecordings([folder]);
    expect(names(collection)).toEqual(['a.wav']);
    expect(collection.unopened).toBe(1);
    expect(collection.skipped[0]?.fileName).toBe('broken.zip');
    expect(collection.skipped[0]?.reason).toMatch(/\.$/);
  });

  it('follows a link to a file, not a folder that contains itself', async () => {
    put('a.wav');
    symlinkSync(join(folder, 'a.wav'), join(folder, 'b.wav'));
    symlinkSync(folder, join(folder, 'loop'));
    expect(names(await collectRecordings([folder]))).toEqual(['a.wav', 'b.wav']);
  });

  it('refuses a path that is not there, no path, and a folder with nothing in it', async () => {
    await expect(collectRecordings([join(folder, 'nowhere')])).rejects.toThrow(UsageError);
    await expect(collectRecordings([])).rejects.toThrow(UsageError);
    await expect(collectRecordings([folder])).rejects.toThrow(/no sound file/);
  });
});
