import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { RECIPE } from './recipe.ts';
import { chooseReplay, makeReplay } from './replay-choice.ts';
import { assertReplayFits, decodeReplay } from './replay.ts';
import type { Splittable } from './split.ts';

/** `n` recordings of each label, two of every group. */
function cohort(source: string, counts: Record<string, number>): Splittable[] {
  return Object.entries(counts).flatMap(([label, n]) =>
    Array.from({ length: n }, (_, i) => ({
      id: `${source}/${label}-${i}`,
      label,
      source,
      group: `${source} ${label} ${Math.floor(i / 2)}`,
    })),
  );
}

const RECORDINGS = [
  ...cohort('large', { normal: 900, abnormal: 100 }),
  ...cohort('small', { normal: 36, abnormal: 36 }),
];

describe('the choice of windows', () => {
  const chosen = chooseReplay(RECORDINGS, 120, 1);
  const count = (source: string, label: string): number =>
    chosen.filter(({ recording }) => recording.source === source && recording.label === label).length;

  it('has as many as asked for, each once, a third of them for reference', () => {
    expect(chosen).toHaveLength(120);
    expect(new Set(chosen.map(({ recording }) => recording.id)).size).toBe(120);
    expect(chosen.filter(({ part }) => part === 'reference')).toHaveLength(40);
  });

  it('has no group in both parts, and a number for each', () => {
    const partsOf = new Map<string, Set<string>>();
    for (const { recording, part, group } of chosen) {
      const key = `${recording.group} ${group}`;
      partsOf.set(key, (partsOf.get(key) ?? new Set()).add(part));
    }
    expect([...partsOf.values()].every((parts) => parts.size === 1)).toBe(true);
    const groups = new Set(chosen.map(({ recording }) => recording.group));
    expect(partsOf.size).toBe(groups.size);
    expect(new Set(chosen.map(({ group }) => group)).size).toBe(groups.size);
  });

  it('takes small strata more than their share: as the roots of the sizes, 30 to 10 to 6 to 6', () => {
    for (const [source, label, expected] of [
      ['large', 'normal', 69],
      ['large', 'abnormal', 23],
      ['small', 'normal', 14],
      ['small', 'abnormal', 14],
    ] as const)
      expect(Math.abs(count(source, label) - expected), `${source} ${label}`).toBeLessThanOrEqual(2);
  });

  it('is the same for the same seed, in whatever order the recordings came', () => {
    const shuffled = new Random(9).shuffle([...RECORDINGS]);
    expect(chooseReplay(shuffled, 120, 1)).toEqual(chosen);
    expect(chooseReplay(RECORDINGS, 120, 2)).not.toEqual(chosen);
  });

  it('takes all there are where they are few', () => {
    const few = cohort('one', { normal: 8, abnormal: 6 });
    expect(new Set(chooseReplay(few, 120, 1).map(({ recording }) => recording.id)).size).toBe(14);
  });
});

it('the file holds as many windows as fit', () => {
  const spec = RECIPE.manifest;
  const noise = new Map<string, Float32Array>();
  const features = (id: string) => {
    const random = new Random(noise.size + 1);
    const values =
      noise.get(id) ?? Float32Array.from({ length: 310 * spec.features.nMels }, () => random.normal());
    noise.set(id, values);
    const matrix = { values, nFrames: 310, nMels: spec.features.nMels };
    return { matrix, windows: [{ firstFrame: 0, startSec: 0, endSec: 6 }] };
  };
  const recordings = cohort('one', { normal: 20, abnormal: 20 });
  const bytes = makeReplay(recordings, features, spec, 1, 40_000);
  expect(bytes.length).toBeLessThanOrEqual(40_000);
  expect(bytes.length).toBeGreaterThan(34_000);
  const set = decodeReplay(bytes);
  assertReplayFits(set, spec);
  expect(set.windows.length).toBeGreaterThan(5);
});
