// Which windows a replay set keeps of the recordings that a model was trained on: a seeded sample over all sources
// and labels, small ones more than their share, as many windows as the file may hold. May import: core.

import type { InputSpec, NetworkInput } from '../model/model-input.ts';
import { windowFrames } from '../model/manifest.ts';
import { Random } from '../random.ts';
import { AppError } from '../errors.ts';
import { encodeReplay, inputKeyOf, MAX_REPLAY_BYTES, type ReplayPart, type KeptWindow } from './replay.ts';
import { validationSplit, type Splittable } from './split.ts';
import { trainingText } from './training-text.ts';

/** Of the recordings, by group, for the reference part. */
const REFERENCE_FRACTION = 1 / 3;
/** A stratum counts with its size to this power. */
const STRATUM_EXPONENT = 0.5;
/** First guess of how many fit; the file's size corrects it. */
const FIRST_COUNT = 512;
const ATTEMPTS = 4;
/** The next guess stays a little below the limit: windows do not all pack alike. */
const CAUTION = 0.985;

/**
 * A replay set of recordings with their features.
 * @param recordings all that the model was trained on, at least two groups
 * @param features of a recording, as the network is given them
 * @param maxBytes of the file, which has as many windows as fit
 * @throws AppError `not-enough-examples` where there are too few groups for two parts
 */
export function makeReplay(
  recordings: readonly Splittable[],
  features: (id: string) => NetworkInput,
  spec: InputSpec,
  seed: number,
  maxBytes = MAX_REPLAY_BYTES,
): Uint8Array<ArrayBuffer> {
  let count = FIRST_COUNT;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const chosen = chooseReplay(recordings, count, seed);
    const bytes = encodeReplay({
      inputKey: inputKeyOf(spec),
      nFrames: windowFrames(spec),
      nMels: spec.features.nMels,
      windows: cutWindows(chosen, features, spec, seed),
    });
    if (bytes.length <= maxBytes) return bytes;
    count = Math.floor((CAUTION * chosen.length * maxBytes) / bytes.length);
    if (count < 2) break;
  }
  throw new AppError('not-enough-examples', trainingText.replay.tooLarge);
}

export interface ChosenRecording {
  recording: Splittable;
  part: ReplayPart;
  /** Counts the groups of the set. */
  group: number;
}

/** At most `count` recordings, each once; every stratum of source and label counts with the root of its size. */
export function chooseReplay(
  recordings: readonly Splittable[],
  count: number,
  seed: number,
): ChosenRecording[] {
  const { validationIds } = validationSplit(recordings, REFERENCE_FRACTION, seed);
  const isReference = new Set(validationIds);
  const random = new Random(seed);
  const chosen = (['replay', 'reference'] as const).flatMap((part) => {
    const own = recordings.filter(({ id }) => isReference.has(id) === (part === 'reference'));
    const share = part === 'reference' ? REFERENCE_FRACTION : 1 - REFERENCE_FRACTION;
    return sampleStrata(own, Math.max(1, Math.round(share * count)), random).map((recording) => ({
      recording,
      part,
    }));
  });
  // Numbered in the order of a shuffle: the number says nothing about the patient.
  const groups = random.shuffle([...new Set(chosen.map(({ recording }) => recording.group))].sort());
  const number = new Map(groups.map((group, index) => [group, index]));
  return chosen.map((one) => ({ ...one, group: number.get(one.recording.group) ?? 0 }));
}

function sampleStrata(recordings: readonly Splittable[], count: number, random: Random): Splittable[] {
  const strata = new Map<string, Splittable[]>();
  // By id before the shuffle: the order in which a folder was listed must not matter.
  const ordered = random.shuffle([...recordings].sort((a, b) => (a.id < b.id ? -1 : 1)));
  for (const recording of ordered) {
    const stratum = JSON.stringify([recording.source, recording.label]);
    strata.set(stratum, [...(strata.get(stratum) ?? []), recording]);
  }
  const members = [...strata.keys()].sort().map((key) => manyGroupsFirst(strata.get(key) ?? []));
  const quotas = shareOut(
    members.map(({ length }) => length),
    count,
  );
  return members.flatMap((stratum, i) => stratum.slice(0, quotas[i]));
}

/** Whole numbers that sum to `count` (or to all there are), in proportion to the sizes' roots, none above its size. */
function shareOut(sizes: readonly number[], count: number): number[] {
  const quotas = sizes.map(() => 0);
  const wanted = Math.min(
    count,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  // One at a time to the stratum that is furthest behind: a few hundred times a dozen.
  for (let given = 0; given < wanted; given++) {
    let neediest = -1;
    let least = Infinity;
    sizes.forEach((size, i) => {
      const quota = quotas[i] as number;
      const served = (quota + 0.5) / size ** STRATUM_EXPONENT;
      if (quota < size && served < least) [neediest, least] = [i, served];
    });
    quotas[neediest] = (quotas[neediest] as number) + 1;
  }
  return quotas;
}

/** The first recording of every group, then the second of each, and so on. */
function manyGroupsFirst(recordings: readonly Splittable[]): Splittable[] {
  const seen = new Map<string, number>();
  return recordings
    .map((recording) => {
      const turn = seen.get(recording.group) ?? 0;
      seen.set(recording.group, turn + 1);
      return { recording, turn };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ recording }) => recording);
}

/** One window of each, anywhere in it. */
function cutWindows(
  chosen: readonly ChosenRecording[],
  features: (id: string) => NetworkInput,
  spec: InputSpec,
  seed: number,
): KeptWindow[] {
  const random = new Random(seed);
  const nFrames = windowFrames(spec);
  return chosen.map(({ recording, part, group }) => {
    const { matrix, windows } = features(recording.id);
    const { nMels } = matrix;
    const first =
      spec.features.scope === 'window'
        ? (windows[random.integer(windows.length)]?.firstFrame ?? 0)
        : random.integer(Math.max(1, matrix.nFrames - nFrames + 1));
    const values = matrix.values.slice(first * nMels, (first + nFrames) * nMels);
    return { label: recording.label, source: recording.source, group, part, values };
  });
}
