// A plan as rows: each recording once, with those that move with it, in the order that people expect.

import { describe, expect, it } from 'vitest';
import { planTraining, type PlannedRecording } from '../../../core/training/plan.ts';
import { askedRows, planCounts, planRows } from './plan-rows.ts';

const recordings: PlannedRecording[] = Array.from({ length: 60 }, (_, i) => ({
  id: `id${i}`,
  fileName: `ward/${i % 2 === 0 ? 'Normal' : 'murmur'} ${i}.wav`,
  label: i % 2 === 0 ? 'normal' : 'murmur',
  group: i < 6 ? `id${i}` : `p${i >> 2}`,
  source: i < 30 ? 'ward' : 'school',
  quality: null,
  durationSec: 10,
  side: i === 20 ? 'validation' : null,
}));
const plan = planTraining(recordings, { seed: 1, validationFraction: 0.2 });
const rows = planRows(plan);

describe('the rows of a plan', () => {
  it('are all recordings, each in its part, in natural order', () => {
    const idsOf = (part: string) =>
      rows.filter((row) => row.part === part).map(({ recording }) => recording.id);
    expect(idsOf('train').sort()).toEqual([...plan.trainIds].sort());
    expect(idsOf('watch').sort()).toEqual([...plan.watchIds].sort());
    expect(idsOf('validation').sort()).toEqual([...plan.validationIds].sort());
    expect(rows.slice(0, 6).map(({ recording }) => recording.fileName)).toEqual(
      [1, 3, 5, 7, 9, 11].map((i) => `ward/murmur ${i}.wav`),
    );
  });

  it('know who moves with whom, and whose side a hand chose', () => {
    const of = (id: string) => rows.find(({ recording }) => recording.id === id);
    expect(of('id20')).toMatchObject({ groupIds: ['id20', 'id21', 'id22', 'id23'], pinned: 'validation' });
    expect(of('id23')).toMatchObject({ groupIds: ['id20', 'id21', 'id22', 'id23'], pinned: 'validation' });
    expect(of('id0')).toMatchObject({ groupIds: ['id0'], pinned: null });
  });

  it('are found by name, patient and source, by part and class, whatever the case', () => {
    const ids = (asked: Partial<Parameters<typeof askedRows>[1]>) =>
      askedRows(rows, { text: '', part: null, label: null, ...asked }).map(({ recording }) => recording.id);
    expect(ids({ text: 'NORMAL 12' })).toEqual(['id12']);
    expect(ids({ text: 'p5' })).toEqual(['id21', 'id23', 'id20', 'id22']);
    expect(ids({ text: 'school' })).toHaveLength(30);
    expect(ids({ label: 'murmur', text: ' school ' })).toHaveLength(15);
    expect(ids({ part: 'validation' })).toHaveLength(plan.validationIds.length);
    // An id that stands in for a patient is none.
    expect(ids({ text: 'id0' })).toEqual([]);
  });

  it('are counted by class and part, recordings, patients and seconds', () => {
    const counts = planCounts(rows, plan.labels);
    expect(counts.map(({ label }) => label)).toEqual(['normal', 'murmur', null]);
    const total = counts.at(-1)!;
    expect(total.all).toEqual({
      n: 60,
      nGroups: new Set(recordings.map((r) => r.group)).size,
      durationSec: 600,
    });
    expect(total.parts.validation.n).toBe(plan.validationIds.length);
    expect(counts[0]!.parts.train.n + counts[1]!.parts.train.n).toBe(plan.trainIds.length);
  });
});
