import { execFileSync } from 'node:child_process';
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

  it('opens a zip that is named itself, also where its name begins with a dot', async () => {
    const zip = put('.set.zip', zipSync({ 'a.wav': strToU8('A') }));
    expect(names(await collectRecordings([zip]))).toEqual(['.set.zip/a.wav']);
    await expect(collectRecordings([folder])).rejects.toThrow('There is no sound file');
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

  it('keeps tables apart from what is left out, also those in zips', async () => {
    put('a.wav');
    put('labels.CSV', '\uFEFFfile,label\na.wav,normal');
    put('set.zip', zipSync({ 'b.wav': strToU8('B'), 'in/REFERENCE.csv': strToU8('b,1') }));
    put('large.csv', new Uint8Array(20_000_001));
    const { labelFiles, skipped } = await collectRecordings([folder]);
    expect(labelFiles).toEqual([
      { path: 'labels.CSV', text: 'file,label\na.wav,normal' },
      { path: 'set.zip/in/REFERENCE.csv', text: 'b,1' },
    ]);
    expect(skipped).toEqual([{ fileName: 'large.csv', reason: expect.stringMatching(/20 MB/) as string }]);
  });

  it('says of a zip inside a zip, and of one without a sound, why nothing of it is heard', async () => {
    put('a.wav');
    put('set.zip', zipSync({ 'inner.zip': zipSync({ 'b.wav': strToU8('B') }) }));
    const { skipped, unopened } = await collectRecordings([folder]);
    expect(skipped).toEqual([
      { fileName: 'set.zip/inner.zip', reason: 'A zip inside a zip is not opened. Unpack it first.' },
      { fileName: 'set.zip', reason: 'There is no sound file in this zip.' },
    ]);
    expect(unopened).toBe(0);
  });

  it('reads a zip where it lies, and says when it was changed meanwhile', async () => {
    const noise = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251);
    const path = put('set.zip', zipSync({ 'a.wav': noise, 'b.wav': [noise, { level: 0 }] }));
    const { recordings } = await collectRecordings([path]);
    const contents = await Promise.all(recordings.map((recording) => recording.read()));
    for (const content of contents) expect(Buffer.compare(content, noise)).toBe(0);
    writeFileSync(path, 'short');
    for (const recording of recordings)
      await expect(recording.read()).rejects.toMatchObject({ code: 'file-unreadable' });
  });

  it('reads no pipe and no device, which might never end', async () => {
    put('a.wav');
    const pipe = join(folder, 'pipe.wav');
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', pipe]);
    symlinkSync('/dev/zero', join(folder, 'zero.wav'));
    const collection = await collectRecordings([folder]);
    expect(names(collection)).toEqual(['a.wav']);
    expect(collection.skipped).toEqual(
      ['pipe.wav', 'zero.wav'].map((fileName) => ({
        fileName,
        reason: 'Neither a file nor a folder: pipes and devices are not read.',
      })),
    );
    for (const path of [pipe, '/dev/zero', join(folder, 'zero.wav')])
      await expect(collectRecordings([path])).rejects.toThrow(UsageError);
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
