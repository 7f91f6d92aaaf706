// The choices before a run, and what follows from them.

import { beforeEach, expect, test } from 'vitest';
import { draftCandidate } from './candidate.ts';
import { MANIFEST } from './fakes.ts';
import { FakeTrainingDevice } from './training-device.ts';
import type { TrainingForm } from './training-form.svelte.ts';

let device: FakeTrainingDevice;
let form: TrainingForm;

beforeEach(() => {
  device = new FakeTrainingDevice();
  form = device.open().form;
});

test('the active model is what training starts from, until another is chosen, and again when that is gone', () => {
  const [tiny] = device.models.models;
  if (!tiny) throw new Error('no model');
  const other = { ...tiny, key: 'local:1', name: 'Other' };
  device.models.models = [tiny, other];
  expect(form.base?.key).toBe('bundled:tiny');
  form.setBase('local:1');
  expect(form.base?.name).toBe('Other');
  device.models.models = [tiny];
  expect(form.base?.key).toBe('bundled:tiny');
});

test('a model that does not say which layer describes a window gets no new head; without any, only scratch is left', () => {
  const [tiny] = device.models.models;
  if (!tiny) throw new Error('no model');
  device.models.models = [{ ...tiny, manifest: { ...MANIFEST, embeddingLayer: null } }];
  expect(form.ways).toEqual(['last-blocks', 'all', 'scratch']);
  expect(form.way).not.toBe('head');
  device.models.models = [];
  expect(form.ways).toEqual(['scratch']);
});

test('each way has its own defaults; what was asked for holds for the way it was asked for', () => {
  const { epochs } = form.settings;
  form.ask({ epochs: 7, learningRate: 0.01 });
  expect(form.settings).toMatchObject({ epochs: 7, learningRate: 0.01 });
  expect(form.settingsOf('all').epochs).not.toBe(7);
  expect(form.isChanged).toBe(true);
  form.setWay('all');
  expect(form.isChanged).toBe(false);
  form.setWay('head');
  expect(form.settings.epochs).toBe(epochs);
});

test('a larger batch means fewer steps, and the seed of the plan is the seed of the run', () => {
  form.ask({ batchSize: 8 });
  const small = form.settings.stepsPerEpoch;
  form.ask({ batchSize: 2 });
  expect(form.settings.stepsPerEpoch).toBeGreaterThan(small);
  form.setSeed(5);
  expect([form.settings.seed, form.plan.seed]).toEqual([5, 5]);
});

test('labels that are the model’s own keep its head, others get a new one', () => {
  expect(form.needsNewHead).toBe(false);
  device.collection.recordings = device.collection.recordings.map((recording) => ({
    ...recording,
    label: recording.label === 'abnormal' ? 'murmur' : recording.label,
  }));
  const other = device.open().form;
  expect(other.needsNewHead).toBe(true);
  const draft = draftCandidate(MANIFEST, 'all', other.plan, '2026-05-04T03:02:01.000Z');
  expect(draft.labels).toEqual(['normal', 'murmur']);
  expect(draft.features).toEqual(MANIFEST.features);
});

test('a child of a child carries the name and the id of the first, not of all', () => {
  const { plan } = form;
  const child = draftCandidate(MANIFEST, 'head', plan, '2026-05-04T03:02:01.000Z');
  const grandchild = draftCandidate(child, 'all', plan, '2026-05-05T00:00:00.000Z');
  const n = plan.trainIds.length;
  expect(child).toMatchObject({ id: 'tiny-20260504t030201', name: `Tiny, new head from ${n} recordings` });
  expect(grandchild).toMatchObject({
    id: 'tiny-20260505t000000',
    name: `Tiny, fine-tuned on ${n} recordings`,
    version: '2026.05.05',
  });
});
