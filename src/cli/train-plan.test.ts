// What `npm run train` is about to do, from its flags, the recordings and the model of --from.

import { describe, expect, it } from 'vitest';
import type { LabelledRecording } from '../core/training/labels.ts';
import { draftManifest } from '../core/training/recipe.ts';
import { encodeReplay, inputKeyOf } from '../core/training/replay.ts';
import { UsageError } from './args.ts';
import type { LabelledFolder } from './labelled-folder.ts';
import { checkFlags, type TrainFlags } from './train-flags.ts';
import { labelsFor, planSingle } from './train-plan.ts';

function folderOf(labels: string[], n: number): LabelledFolder {
  const recordings = labels.flatMap((label) =>
    Array.from({ length: n }, (_, i): LabelledRecording => {
      const id = `${label}/${i}.wav`;
      return { id, label, group: id, source: 'all', quality: null };
    }),
  );
  const reading = { from: 'folders' as const, hasGroups: false, notes: [], unmatched: [], missing: [] };
  return { labels: { ...reading, recordings }, files: new Map(), unopened: 0 };
}

const manifest = draftManifest(
  { id: 'base', name: 'Base', version: '1', createdAt: '2026-01-01T00:00:00Z' },
  ['normal', 'abnormal'],
  { dataset: 'made-up', nRecordings: 1, nGroups: 1, note: '' },
);
const windows = (['replay', 'reference'] as const).flatMap((part, at) =>
  manifest.labels.map((label, i) => {
    const values = new Float32Array(300 * 48).fill(i);
    return { label, source: 's', group: 2 * at + i, part, values };
  }),
);
const replay = encodeReplay({ inputKey: inputKeyOf(manifest), nFrames: 300, nMels: 48, windows });
const base = { manifest, replay, path: 'models/base' };

describe('one training', () => {
  const plan = (flags: TrainFlags, labels: string[], parent: typeof base | null = base) =>
    planSingle(flags, folderOf(labels, 30), labels, parent);

  it('goes on with the whole model of --from, some of what it knew replayed, some recordings watched', () => {
    const { runs, startsFrom, summary, ...planned } = plan({}, ['normal', 'murmur', 'extrastole']);
    expect(startsFrom).toBe('models/base');
    expect(planned.replay).toBe(replay);
    expect(runs[0]).toMatchObject({ way: 'all', kind: 'validation' });
    expect(runs[0]?.watchIds.length).toBeGreaterThan(0);
    expect(new Set([...(runs[0]?.trainIds ?? []), ...(runs[0]?.testIds ?? [])]).size).toBe(
      90 - (runs[0]?.watchIds.length ?? 0),
    );
    expect(summary).toContain('2 windows that base was trained on are replayed');
    expect(summary).toContain('watched');
  });

  it('takes what was asked for over the defaults of the way', () => {
    const flags = { way: 'head', epochs: 7, 'batch-size': 8, 'learning-rate': 0.01, patience: 3 } as const;
    expect(plan(flags, ['normal', 'abnormal']).runs[0]).toMatchObject({
      way: 'head',
      settings: { epochs: 7, batchSize: 8, learningRate: 0.01, earlyStoppingPatience: 3 },
    });
  });

  it.each([
    ['without --from', {}, ['normal', 'abnormal'], null, /Way: scratch/],
    ['from fresh weights', { way: 'scratch' }, ['normal', 'abnormal'], base, /Way: scratch/],
    ['as asked', { 'no-replay': true }, ['normal', 'abnormal'], base, /Nothing of base is replayed/],
    ['without a shared label', {}, ['artifact', 'sound'], base, /shares no label/],
    ['without a set', {}, ['normal', 'abnormal'], { ...base, replay: null }, /has no replay set/],
  ] as const)('replays nothing %s', (_, flags, labels, parent, sentence) => {
    const planned = planSingle(flags, folderOf([...labels], 30), labels, parent);
    expect(planned.replay).toBeNull();
    expect(planned.summary).toMatch(sentence);
  });

  it('is refused with the plan\u2019s own sentence where it is impossible', () => {
    expect(() => planSingle({}, folderOf(['normal', 'abnormal'], 1), ['normal', 'abnormal'], null)).toThrow(
      /Only one recording is labelled/,
    );
  });
});

it('the labels are those of the model where it knows all that there are, else the recordings\u2019 own', () => {
  const { recordings } = folderOf(['murmur', 'normal'], 2).labels;
  expect(labelsFor(recordings, ['murmur', 'extrastole', 'normal'])).toEqual([
    'murmur',
    'extrastole',
    'normal',
  ]);
  expect(labelsFor(recordings, ['normal', 'abnormal'])).toEqual(['normal', 'murmur']);
  expect(() => labelsFor(folderOf(['normal'], 2).labels.recordings, ['normal', 'abnormal'])).toThrow(
    UsageError,
  );
});

it.each([
  [{ way: 'head' }, /--way head needs a model/],
  [{ 'no-replay': true }, /--no-replay goes with --from/],
  [{ 'learning-rate': 2 }, /--learning-rate takes a number between 0 and 1/],
  [{ 'replay-only': true }, /--replay-only needs the model/],
  [{ 'replay-only': true, from: 'm', epochs: 2 }, /--epochs does not go with --replay-only/],
  [{ patience: 2, 'cross-validate': true }, /--patience does not go with --cross-validate/],
] as const)('flags that make no sense are refused: %j', (flags, sentence) => {
  expect(() => checkFlags(flags)).toThrow(sentence);
});
