// Splits hold what they promise for any data: no group is cut, everyone is tested once, strata stay in proportion.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kFoldSplit, leaveOneSourceOut, validationSplit, type Splittable } from './split.ts';

const dataOf = (minLength: number) =>
  fc
    .array(
      fc.record({
        group: fc.integer({ min: 0, max: 30 }).map((g) => `g${g}`),
        source: fc.constantFrom('a', 'b', 'c'),
        label: fc.constantFrom('normal', 'abnormal'),
      }),
      { minLength, maxLength: 120 },
    )
    .map((items) => items.map((item, i): Splittable => ({ ...item, id: `r${i}` })));

const data = dataOf(1);
const enoughData = dataOf(60);

function groupsOf(recordings: readonly Splittable[], ids: readonly string[]): Set<string> {
  const wanted = new Set(ids);
  return new Set(recordings.filter((r) => wanted.has(r.id)).map((r) => r.group));
}

/** Single-recording groups of three sources with very different sizes and balance. */
const realistic: Splittable[] = [
  ['a', 'normal', 90],
  ['a', 'abnormal', 230],
  ['e', 'normal', 1500],
  ['e', 'abnormal', 140],
  ['f', 'normal', 60],
  ['f', 'abnormal', 25],
].flatMap(([source, label, n]) =>
  Array.from({ length: Number(n) }, (_, i) => {
    const id = `${source}-${label}-${i}`;
    return { id, source: String(source), label: String(label), group: id };
  }),
);

describe('k-fold', () => {
  it('tests every recording once and never cuts a group', () => {
    fc.assert(
      fc.property(enoughData, fc.integer({ min: 2, max: 5 }), fc.integer(), (recordings, k, seed) => {
        const folds = kFoldSplit(recordings, k, seed);
        expect(folds.flatMap((fold) => fold.testIds).sort()).toEqual(recordings.map((r) => r.id).sort());
        for (const { trainIds, testIds } of folds) {
          expect(trainIds.length + testIds.length).toBe(recordings.length);
          const train = groupsOf(recordings, trainIds);
          for (const group of groupsOf(recordings, testIds)) expect(train.has(group)).toBe(false);
        }
      }),
    );
  });

  it('gives each fold its share of every source and label, to within one recording', () => {
    for (const { testIds } of kFoldSplit(realistic, 5, 7)) {
      const ids = new Set(testIds);
      for (const stratum of new Set(realistic.map((r) => `${r.source}-${r.label}-`))) {
        const all = realistic.filter((r) => r.id.startsWith(stratum));
        const here = all.filter((r) => ids.has(r.id)).length;
        expect(Math.abs(here - all.length / 5)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('depends on the seed and not on the order of the recordings', () => {
    const a = kFoldSplit(realistic, 5, 1);
    expect(kFoldSplit([...realistic].reverse(), 5, 1).map((f) => f.testIds)).toEqual(a.map((f) => f.testIds));
    expect(kFoldSplit(realistic, 5, 2)[0]?.testIds).not.toEqual(a[0]?.testIds);
  });

  it('refuses fewer groups than folds', () => {
    expect(() => kFoldSplit(realistic.slice(0, 3), 5, 1)).toThrow(
      expect.objectContaining({ code: 'not-enough-examples' }),
    );
  });
});

describe('validation split', () => {
  it('keeps the fraction back in every source and label', () => {
    const { trainIds, validationIds } = validationSplit(realistic, 0.2, 3);
    expect(trainIds.length + validationIds.length).toBe(realistic.length);
    const ids = new Set(validationIds);
    for (const stratum of new Set(realistic.map((r) => `${r.source}-${r.label}-`))) {
      const all = realistic.filter((r) => r.id.startsWith(stratum));
      const fraction = all.filter((r) => ids.has(r.id)).length / all.length;
      expect(Math.abs(fraction - 0.2)).toBeLessThanOrEqual(1 / all.length);
    }
  });

  it('never cuts a group', () => {
    fc.assert(
      fc.property(enoughData, (recordings) => {
        const { trainIds, validationIds } = validationSplit(recordings, 0.3, 1);
        const train = groupsOf(recordings, trainIds);
        for (const group of groupsOf(recordings, validationIds)) expect(train.has(group)).toBe(false);
      }),
    );
  });
});

describe('leave one source out', () => {
  it('tests each source once and trains on nobody who was recorded there', () => {
    fc.assert(
      fc.property(data, (recordings) => {
        const folds = leaveOneSourceOut(recordings);
        fc.pre(folds.length > 0);
        for (const { name, trainIds, testIds } of folds) {
          expect(testIds.length).toBe(recordings.filter((r) => r.source === name).length);
          const train = groupsOf(recordings, trainIds);
          for (const group of groupsOf(recordings, testIds)) expect(train.has(group)).toBe(false);
        }
      }),
    );
    expect(leaveOneSourceOut(realistic.filter((r) => r.source === 'a'))).toEqual([]);
  });
});
