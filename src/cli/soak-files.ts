// What a soak hands to the program: simulated heart sounds, compressed ones and files that are none, as files on disk.
// Made once, handed over again in every round.

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeWav } from '../core/audio/wav.ts';
import { simulatedSound } from './bench-recordings.ts';

/** One short sound in every compressed format that a browser decodes. */
const COMPRESSED = fileURLToPath(new URL('../../e2e/fixtures', import.meta.url));

const CLIP_SEC = 8;

/** As many as a plan asks for, for the smallest run that ends with a verdict. */
const PER_CLASS = 12;

export interface SoakFiles {
  wav: string;
  compressed: readonly string[];
  /** A folder of recordings and of files that get no answer. */
  batch: { folder: string; total: number };
  /** One that takes long enough to be cancelled half way. */
  long: { folder: string; total: number };
  /** A folder with a folder for each class. */
  labelled: { folder: string; total: number };
}

/** @param folder empty; whoever made it removes it */
export async function writeSoakFiles(folder: string): Promise<SoakFiles> {
  const names = (await readdir(COMPRESSED)).sort();
  return {
    wav: await writeSound(join(folder, 'heart.wav'), 1),
    compressed: names.map((name) => join(COMPRESSED, name)),
    batch: await writeBatch(join(folder, 'batch'), 24, BAD_FILES),
    long: await writeBatch(join(folder, 'long'), 600, {}),
    labelled: await writeLabelled(join(folder, 'ward')),
  };
}

/** Nothing, a letter, and a sound that ends in its header. */
const BAD_FILES: Readonly<Record<string, Uint8Array>> = {
  'empty.wav': new Uint8Array(),
  'letter.wav': Buffer.from('Dear diary, today I listened to a heart.'),
  'cut.wav': new Uint8Array(encodeWav(simulatedSound('normal', 1, 1))).slice(0, 30),
};

async function writeBatch(
  folder: string,
  count: number,
  others: Readonly<Record<string, Uint8Array>>,
): Promise<{ folder: string; total: number }> {
  for (let i = 0; i < count; i++) await writeSound(join(folder, `r-${String(i).padStart(3, '0')}.wav`), i);
  for (const [name, bytes] of Object.entries(others)) await writeFile(join(folder, name), bytes);
  return { folder, total: count + Object.keys(others).length };
}

async function writeLabelled(folder: string): Promise<{ folder: string; total: number }> {
  for (let seed = 1; seed <= PER_CLASS; seed++) {
    await writeSound(join(folder, 'normal', `n-${String(seed)}.wav`), seed);
    await writeSound(join(folder, 'abnormal', `a-${String(seed)}.wav`), 100 + seed, 'murmur');
  }
  return { folder, total: 2 * PER_CLASS };
}

async function writeSound(path: string, seed: number, kind: 'normal' | 'murmur' = 'normal'): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, encodeWav(simulatedSound(kind, seed, CLIP_SEC)));
  return path;
}
