// A plan keeps patients whole, puts what a hand moved where it was put, and says what speaks against it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeHeard, type Heard } from './heard.ts';
import { planTraining, type PlannedRecording, type TrainingPlan } from './plan.ts';

const OPTIONS = { seed: 1, validationFraction: 0.2 };

function recording(id: string, facts: Partial<PlannedRecording> = {}): PlannedRecording {
  return {
    id,
    fileName: `${id}.wav`,
    label: 'normal',
    group: id,
    source: 'ward',
    quality: null,
    durationSec: 8,
    side: null,
    ...facts,
  };
}

/** `n` recordings of each label, two to a patient. */
function collection(counts: Record<string, number>): PlannedRecording[] {
  return Object.entries(counts).flatMap(([label, n]) =>
    Array.from({ length: n }, (_, i) =>
      recording(`${label}-${String(i).padStart(4, '0')}`, { label, group: `${label}-p${i >> 1}` }),
    ),
  );
}

const texts = (plan: TrainingPlan, kind: string) =>
  plan.notes.filter((note) => note.kind === kind).map((note) => note.text);

const anyCollection = fc
  .array(
    fc.record({
      group: fc.integer({ min: 0, max: 25 }).map((g) => `p${g}`),
      source: fc.constantFrom('a', 'b'),
      label: fc.constantFrom('normal', 'murmur', 'extrastole'),
      side: fc.constantFrom<PlannedRecording['side']>(null, null, null, 'training', 'validation'),
      quality: fc.constantFrom<PlannedRecording['quality']>(0, 1, null),
    }),
    { maxLength: 150 },
  )
  .map((facts) => facts.map((fact, i) => recording(`r${i}`, fact)));

describe('a plan', () => {
  it('puts each recording into exactly one part and never cuts a patient, for any collection', () => {
    fc.assert(
      fc.property(
        anyCollection,
        fc.integer(),
        fc.double({ min: 0.05, max: 0.6, noNaN: true }),
        (some, seed, fraction) => {
          const plan = planTraining(some, { seed, validationFraction: fraction });
          const parts = [plan.trainIds, plan.watchIds, plan.validationIds];
          expect(parts.flat().sort()).toEqual(some.map(({ id }) => id).sort());
          const groupOf = new Map(some.map(({ id, group }) => [id, group]));
          const groups = parts.map((ids) => new Set(ids.map((id) => groupOf.get(id))));
          expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(groupOf.values()).size);
        },
      ),
    );
  });

  it('is the same in whatever order the recordings come, and another with another seed', () => {
    const some = collection({ normal: 80, murmur: 60 });
    const plan = planTraining(some, OPTIONS);
    expect(planTraining([...some].reverse(), OPTIONS)).toEqual(plan);
    expect(planTraining(some, { ...OPTIONS, seed: 2 }).validationIds).not.toEqual(plan.validationIds);
  });

  it('keeps the fraction of every class back, watches part of the rest, and puts the negative class first', () => {
    const plan = planTraining(collection({ murmur: 100, normal: 180, extrastole: 50 }), OPTIONS);
    expect(plan.labels).toEqual(['normal', 'extrastole', 'murmur']);
    for (const [label, n] of [
      ['normal', 180],
      ['murmur', 100],
      ['extrastole', 50],
    ] as const) {
      const share = (ids: string[]) => ids.filter((id) => id.startsWith(label)).length;
      // To within one patient.
      expect(Math.abs(share(plan.validationIds) - 0.2 * n)).toBeLessThanOrEqual(2);
      expect(Math.abs(share(plan.watchIds) - 0.15 * 0.8 * n)).toBeLessThanOrEqual(2);
    }
    expect(texts(plan, 'stop')).toEqual([]);
    expect(texts(plan, 'warn')).toEqual([]);
  });

  it('moves the whole patient where a hand put one recording, and nobody else', () => {
    const some = collection({ normal: 80, murmur: 60 });
    const before = planTraining(some, OPTIONS);
    const moved = before.trainIds[0]!;
    const group = some.find(({ id }) => id === moved)!.group;
    const after = planTraining(
      some.map((r) => (r.id === moved ? { ...r, side: 'validation' as const } : r)),
      OPTIONS,
    );
    const ofPatient = some.filter((r) => r.group === group).map(({ id }) => id);
    expect(after.validationIds).toEqual([...before.validationIds, ...ofPatient].sort());
    expect(after.trainIds).toEqual(before.trainIds.filter((id) => !ofPatient.includes(id)));
    expect(after.watchIds).toEqual(before.watchIds);
    expect(texts(after, 'tell').join()).toContain('side of 1 patient;');
  });

  it('lets a patient judge who was put on both sides, and says so', () => {
    const some = collection({ normal: 80, murmur: 60 }).map((r) => {
      if (r.id === 'normal-0000') return { ...r, side: 'training' as const };
      return r.id === 'normal-0001' ? { ...r, side: 'validation' as const } : r;
    });
    const plan = planTraining(some, OPTIONS);
    expect(plan.validationIds).toEqual(expect.arrayContaining(['normal-0000', 'normal-0001']));
    expect(texts(plan, 'warn').join()).toContain('both sides: normal-p0.');
  });

  it('watches nobody where the training side needs everyone', () => {
    const plan = planTraining(collection({ normal: 24, murmur: 20 }), OPTIONS);
    expect(plan.watchIds).toEqual([]);
    expect(plan.trainIds.length + plan.validationIds.length).toBe(44);
    expect(texts(plan, 'tell').join()).toContain('too small to keep some aside');
  });

  it('has each class on both sides though no source has enough of it', () => {
    const some = [
      ...collection({ normal: 60 }),
      ...['a', 'b', 'c', 'd'].map((source) => recording(`murmur-${source}`, { label: 'murmur', source })),
    ];
    const { trainIds, validationIds } = planTraining(some, OPTIONS);
    const hasMurmur = (ids: string[]) => ids.some((id) => id.startsWith('murmur'));
    expect([hasMurmur(trainIds), hasMurmur(validationIds)]).toEqual([true, true]);
  });
});

describe('what a model has heard before', () => {
  const heardIn = ({ trainIds, watchIds, validationIds }: TrainingPlan): Heard => ({
    trained: trainIds,
    watched: watchIds,
    judged: validationIds,
  });
  const first = collection({ normal: 120, murmur: 80 });
  const plan = planTraining(first, OPTIONS);

  it('never judges it, nor decides when to stop, whatever seed, fraction or hand say, and whatever is added', () => {
    const more = collection({ normal: 150, murmur: 110 }).map((one, i) => ({
      ...one,
      side: i % 3 === 0 ? ('validation' as const) : null,
    }));
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.double({ min: 0.05, max: 0.5, noNaN: true }),
        (seed, validationFraction) => {
          const next = planTraining(more, { seed, validationFraction, heard: heardIn(plan) });
          const judging = new Set(next.validationIds);
          const taught = [...plan.trainIds, ...plan.watchIds];
          expect(taught.filter((id) => judging.has(id))).toEqual([]);
          const watching = new Set(next.watchIds);
          expect(plan.trainIds.filter((id) => watching.has(id))).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('goes on being judged by those that judged before, together with new ones', () => {
    const more = collection({ normal: 200, murmur: 140 });
    const next = planTraining(more, { seed: 7, validationFraction: 0.2, heard: heardIn(plan) });
    expect(plan.validationIds.every((id) => next.validationIds.includes(id))).toBe(true);
    expect(next.validationIds.length).toBeGreaterThan(plan.validationIds.length);
    expect(texts(next, 'tell').join(' ')).toContain('160 recordings taught the model');
  });

  it('says what to do where nothing is left to judge by', () => {
    const heard = { trained: first.map(({ id }) => id), watched: [], judged: [] };
    expect(texts(planTraining(first, { ...OPTIONS, heard }), 'stop').join(' ')).toMatch(
      /know it by heart\. Add recordings/,
    );
  });

  it('counts what taught one of several models as taught', () => {
    const [a, b] = [
      { trained: ['1'], watched: ['2', '3'], judged: ['4', '5'] },
      { trained: ['2', '4'], watched: ['5'], judged: ['1', '6'] },
    ];
    expect(mergeHeard([a, b])).toEqual({ trained: ['1', '2', '4'], watched: ['3', '5'], judged: ['6'] });
  });
});

describe('what stops a plan', () => {
  it.each([
    ['nothing labelled', [], 'No recording has a label'],
    ['one class', collection({ normal: 50 }), 'Every recording is labelled normal'],
    ['one patient', collection({ normal: 30, murmur: 30 }).map((r) => ({ ...r, group: 'p' })), 'one patient'],
    [
      'two recordings',
      [recording('a'), recording('b', { label: 'murmur' })],
      'Only one recording is labelled',
    ],
    [
      'a class of one patient',
      collection({ normal: 50, murmur: 50 }).map((r) => (r.label === 'murmur' ? { ...r, group: 'p' } : r)),
      'All 50 recordings of murmur come from one patient',
    ],
    [
      'nobody left to judge',
      collection({ normal: 50, murmur: 50 }).map((r) => ({ ...r, side: 'training' as const })),
      'No recording is left to judge by',
    ],
    [
      'a class that nobody teaches',
      collection({ normal: 50, murmur: 50 }).map((r) =>
        r.label === 'murmur' ? { ...r, side: 'validation' as const } : r,
      ),
      'No recording of murmur is on the training side',
    ],
  ])('%s', (_, some, sentence) => {
    const plan = planTraining(some, OPTIONS);
    expect(plan.notes.map(({ kind }) => kind)).toContain('stop');
    expect(texts(plan, 'stop').join()).toContain(sentence);
  });
});

describe('what a plan warns of', () => {
  const balanced = collection({ normal: 100, murmur: 100 });
  it.each([
    [
      'few to judge by',
      collection({ normal: 100, murmur: 20 }),
      'Few recordings judge murmur (4 recordings of 2 patients)',
    ],
    ['few to learn from', collection({ normal: 100, murmur: 10 }), 'Few recordings teach murmur (8)'],
    ['imbalance', collection({ normal: 600, murmur: 100 }), '6 times as frequent'],
    [
      'sources that give the class away',
      balanced.map((r) => ({ ...r, source: r.label })),
      'The recordings of normal and murmur each come from sources that have no other class',
    ],
    ['no patients', balanced.map((r) => ({ ...r, group: r.id })), 'No recording names its patient'],
    [
      'noise',
      balanced.map((r, i) => ({ ...r, quality: i % 3 === 0 ? 0 : 1 }) as const),
      '67 of 200 recordings are noisy',
    ],
    [
      'a class that nobody judges',
      balanced.map((r) => (r.label === 'murmur' ? { ...r, side: 'training' as const } : r)),
      'No recording of murmur is kept for validation',
    ],
  ])('%s', (_, some, sentence) => {
    const plan = planTraining(some, OPTIONS);
    expect(texts(plan, 'stop')).toEqual([]);
    expect(texts(plan, 'warn').join()).toContain(sentence);
  });

  it('plans 3,000 recordings and tells what cannot be known', () => {
    const plan = planTraining(collection({ normal: 1500, murmur: 1500 }), OPTIONS);
    expect(plan.validationIds.length).toBe(600);
    expect(texts(plan, 'tell').join()).toContain('cannot be detected');
  });
});
