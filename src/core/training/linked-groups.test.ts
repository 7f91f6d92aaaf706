// A sound that two patients share makes them one group, so that no split can put it on both sides.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkGroups } from './linked-groups.ts';
import { planTraining, type PlannedRecording } from './plan.ts';

function recording(id: string, group: string): PlannedRecording {
  const label = Number(id) % 2 === 0 ? 'normal' : 'murmur';
  return { id, fileName: `${id}.wav`, label, group, source: 's', quality: 1, durationSec: 5, side: null };
}

const groups = (linked: PlannedRecording[]): string[] => linked.map(({ group }) => group);

test('patients who share a sound are one group, also through a third; others stay', () => {
  const recordings = [recording('1', 'a'), recording('2', 'b'), recording('3', 'c'), recording('4', 'd')];
  expect(
    groups(
      linkGroups(recordings, [
        ['1', '2'],
        ['2', '3'],
      ]),
    ),
  ).toEqual(['a + b + c', 'a + b + c', 'a + b + c', 'd']);
});

test('recordings without a patient are called by one of them, and join one that has a name', () => {
  const recordings = [recording('1', '1'), recording('2', '2'), recording('3', 'ward')];
  expect(groups(linkGroups(recordings, [['1', '2']]))).toEqual(['1', '1', 'ward']);
  expect(groups(linkGroups(recordings, [['1', '3']]))).toEqual(['ward', '2', 'ward']);
});

test('nothing changes where no sound is shared, or the other one is not there', () => {
  const recordings = [recording('1', 'a'), recording('2', 'b')];
  expect(linkGroups(recordings, [['1', 'gone']])).toEqual(recordings);
  expect(linkGroups(recordings, [])).toEqual(recordings);
});

test('no plan has the same sound on both sides', () => {
  const ids = Array.from({ length: 60 }, (_, i) => String(i + 1));
  const recordings = ids.map((id) => recording(id, `p${Math.floor(Number(id) / 3)}`));
  const sets = fc.array(fc.uniqueArray(fc.constantFrom(...ids), { minLength: 2, maxLength: 4 }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(sets, fc.nat(1000), (sameSounds, seed) => {
      const plan = planTraining(linkGroups(recordings, sameSounds), { seed, validationFraction: 0.2 });
      const judging = new Set(plan.validationIds);
      for (const set of sameSounds) expect(new Set(set.map((id) => judging.has(id))).size).toBe(1);
    }),
    { numRuns: 60 },
  );
});
