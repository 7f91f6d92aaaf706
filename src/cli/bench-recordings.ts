// What a bench listens to: real recordings where there are some, simulated ones of the same length elsewhere, and any
// number of them under other names. Everything is a file on disk, as with people.

import { existsSync } from 'node:fs';
import { constants, copyFile, link, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { simulateHeartSound } from '../core/audio/simulate.ts';
import { encodeWav } from '../core/audio/wav.ts';
import type { MonoAudio } from '../core/types.ts';
import { UsageError } from './args.ts';
import { collectRecordings } from './collect.ts';

/** Where a copy of PhysioNet's training set lies for whoever has one. */
const USUAL_DATA = fileURLToPath(new URL('../../.cache/data/physionet2016', import.meta.url));

/** Of PhysioNet 2016: its rate, and about its median length. */
const RATE_HZ = 2_000;
const SIMULATED_SEC = 22;
const N_SIMULATED = 20;

/** Clips whose number is compared: as short as the shortest real ones, so that thousands take a minute. */
const CLIP_SEC = 6;

export interface BenchRecordings {
  paths: readonly string[];
  /** What they are, for the progress. */
  about: string;
}

/**
 * Recordings of a folder, or of the usual one where there is one, or simulated ones written below `temporary`.
 * @throws UsageError for a folder without recordings
 */
export async function findRecordings(
  folder: string | undefined,
  temporary: string,
): Promise<BenchRecordings> {
  const chosen = folder ?? (existsSync(USUAL_DATA) ? USUAL_DATA : null);
  if (chosen === null) return { paths: await simulateRecordings(temporary), about: 'simulated recordings' };
  const { recordings } = await collectRecordings([chosen]);
  const paths = recordings.flatMap(({ path }) => path ?? []);
  if (paths.length === 0)
    throw new UsageError(`There is no sound file in "${chosen}" that is not inside a zip`);
  return { paths: spread(paths), about: `recordings of ${chosen}` };
}

/** In an order in which neighbours come from all over the list: any first few of it stand for the whole. */
function spread(paths: readonly string[]): string[] {
  const step = coprimeStep(paths.length);
  return paths.map((_, i) => paths[(i * step) % paths.length] ?? '');
}

/** The golden section of the length, or the next number that shares no divisor with it. */
function coprimeStep(length: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let step = Math.max(1, Math.round(length * 0.618));
  while (divisor(length, step) !== 1) step++;
  return step;
}

async function simulateRecordings(folder: string): Promise<string[]> {
  return writeSounds(
    join(folder, 'simulated'),
    Array.from({ length: N_SIMULATED }, (_, i) =>
      simulatedSound(i % 2 === 0 ? 'normal' : 'murmur', i, SIMULATED_SEC),
    ),
  );
}

/** `count` clips of one length, which differ from each other now and then. */
export async function writeClips(folder: string, count: number): Promise<string[]> {
  const sounds = Array.from({ length: N_SIMULATED }, (_, i) => simulatedSound('normal', i, CLIP_SEC));
  return (await underOtherNames(await writeSounds(join(folder, 'clips'), sounds), count, folder)).files;
}

/** Simulated sound at 2 kHz, repeated to its length: heart sounds lie far below the new half rate. */
export function simulatedSound(kind: 'normal' | 'murmur', seed: number, durationSec: number): MonoAudio {
  const { samples, sampleRateHz } = simulateHeartSound(kind, seed);
  const step = sampleRateHz / RATE_HZ;
  const thinned = Float32Array.from(
    { length: durationSec * RATE_HZ },
    (_, i) => samples[(i * step) % samples.length] ?? 0,
  );
  return { samples: thinned, sampleRateHz: RATE_HZ };
}

async function writeSounds(folder: string, sounds: readonly MonoAudio[]): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths = sounds.map((_, i) => join(folder, `simulated-${String(i)}.wav`));
  for (const [i, path] of paths.entries()) await writeFile(path, encodeWav(sounds[i] as MonoAudio));
  return paths;
}

/**
 * A fresh folder below `parent` with `count` files: the recordings, again and again, under names of their own. Takes no
 * room but for names.
 */
export async function underOtherNames(
  paths: readonly string[],
  count: number,
  parent: string,
): Promise<{ folder: string; files: string[] }> {
  const folder = await mkdtemp(join(parent, 'many-'));
  const files: string[] = [];
  for (let i = 0; i < count; i++) {
    const path = paths[i % paths.length] ?? '';
    const name = join(folder, `r-${String(i).padStart(5, '0')}${extname(path)}`);
    // A hard link does not reach another disk, and some systems refuse one to another person's file. Never over a
    // file that is there: it might be a link to a recording.
    await link(path, name).catch(() => copyFile(path, name, constants.COPYFILE_EXCL));
    files.push(name);
  }
  return { folder, files };
}
