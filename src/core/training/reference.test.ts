import { expect, it } from 'vitest';
import type { Classifier } from '../model/classifier.ts';
import type { NetworkInput } from '../model/model-input.ts';
import { draftManifest, RECIPE } from './recipe.ts';
import { judgeReference } from './reference.ts';
import { encodeReplay, inputKeyOf, replayWindowsFor, type KeptWindow } from './replay.ts';

const identity = { id: 'm', name: 'm', version: '1', createdAt: '2026-01-01T00:00:00Z' };
const trainedOn = { dataset: 'd', nRecordings: 1, nGroups: 1, note: '' };
const manifest = {
  ...draftManifest(identity, ['normal', 'abnormal'], trainedOn),
  calibration: { kind: 'platt', slope: 2, intercept: 1 } as const,
};

/** Windows of one level each, and the file with them. */
function kept(level: number, label: string, part: KeptWindow['part']): KeptWindow {
  const values = new Float32Array(300 * 48).fill(level);
  return { label, source: 's', group: 10 + level, part, values };
}
const WINDOWS = [
  kept(-1, 'normal', 'reference'),
  kept(0, 'normal', 'replay'),
  kept(1, 'abnormal', 'reference'),
  kept(2, 'abnormal', 'replay'),
];
const shape = { inputKey: inputKeyOf(manifest), nFrames: 300, nMels: 48 };
const FILE = encodeReplay({ ...shape, windows: WINDOWS }).buffer;

/** Its logit is the mean of the window. */
const classifier = {
  manifest,
  predictAll: (inputs: readonly NetworkInput[]) =>
    Promise.resolve(
      inputs.map(({ matrix }) => [[matrix.values.reduce((sum, value) => sum + value, 0) / (300 * 48)]]),
    ),
} as unknown as Classifier;
const between = () => Promise.resolve();

it('the reference windows, and no others, are answered with calibrated probabilities by label', async () => {
  const answers = await judgeReference(FILE, classifier, between);
  expect(answers.map(({ label, group }) => [label, group])).toEqual([
    ['normal', '9'],
    ['abnormal', '11'],
  ]);
  // The level comes back to within a step's mean: sigmoid(2 · ∓1 + 1).
  expect(answers[0]?.probabilities['abnormal']).toBeCloseTo(1 / (1 + Math.exp(1)), 2);
  expect(answers[1]?.probabilities['abnormal']).toBeCloseTo(1 / (1 + Math.exp(-3)), 2);
});

it('a set of other features is refused', async () => {
  const other = { ...classifier, manifest: { ...manifest, sampleRateHz: 4000 } } as unknown as Classifier;
  await expect(judgeReference(FILE, other, between)).rejects.toMatchObject({ code: 'import-invalid' });
  expect(() => replayWindowsFor(FILE, { ...manifest, ...RECIPE.manifest, sampleRateHz: 4000 })).toThrow();
});

it('what is mixed into training is the replay part, with the classes of the new model', () => {
  const classesFor = (labels: string[]) =>
    replayWindowsFor(FILE, { ...manifest, labels }).map(({ classes }) => classes);
  expect(classesFor(['normal', 'abnormal'])).toEqual([[0], [1]]);
  expect(classesFor(['murmur', 'normal', 'extrastole'])).toEqual([[1], [0, 2]]);
  expect(classesFor(['normal'])).toEqual([[0]]);
  expect(classesFor(['artifact', 'sound'])).toEqual([]);
});
