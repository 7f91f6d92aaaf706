// Runs through the door that the page uses, on a device whose workers, storage and other tabs do what they are told.

import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { settle } from './batch-fakes.ts';
import { fakeCheckpoint } from './run-fakes.ts';
import { FakeTrainingDevice } from './training-device.ts';
import type { TrainingState } from './training.svelte.ts';

let device: FakeTrainingDevice;
let training: TrainingState;

beforeEach(() => {
  device = new FakeTrainingDevice();
  training = device.open();
  training.form.ask({ epochs: 3 });
});

/** Begins a run and lets it go on until it waits before an epoch. */
async function beginAndHoldAt(epoch: number): Promise<{ ended: Promise<void> }> {
  device.script.holdAt = epoch;
  const ended = training.start();
  while (!device.script.isWaiting) await settle();
  return { ended };
}

const logged = async (): Promise<string> =>
  ((await device.stored())?.details.log ?? []).map(({ text }) => text).join('\n');

test('a run reads, trains, asks both models, weighs and stores the candidate with its story', async () => {
  await training.start();
  expect(training.phase).toEqual({ kind: 'judged' });
  const { plan } = training.form;
  const [trainer] = device.trainers;
  expect(trainer?.added.map(({ id }) => id)).toEqual(plan.recordings.map(({ id }) => id));
  expect(trainer?.requests[0]).toMatchObject({ trainIds: plan.trainIds, validationIds: plan.validationIds });
  expect(device.judges.map(({ model }) => model?.manifest.id)).toEqual([
    expect.stringMatching(/^tiny-20260101t/) as string,
    'tiny',
  ]);
  for (const { asked } of device.judges) expect(asked).toEqual(plan.validationIds);
  const stored = await device.stored();
  expect(stored?.entry).toMatchObject({
    state: 'finished',
    epochsDone: 3,
    backend: 'wasm',
    recommendation: 'promote',
    decision: null,
    modelKey: [...device.models.added.keys()][0],
  });
  expect(stored?.details.history).toHaveLength(3);
  expect(stored?.details.verdict?.recommendation).toBe('promote');
  expect(device.store.checkpoints.size).toBe(0);
  expect(device.lock.isHeld).toBe(false);
  expect([...device.trainers, ...device.judges].every(({ isDisposed }) => isDisposed)).toBe(true);
});

test('the candidate says what it is: name, parent, labels, judgement, hash, what it was trained on', async () => {
  await training.start();
  const [{ model, parts } = { model: null, parts: null }] = device.models.added.values();
  const nLearned = training.form.plan.trainIds.length;
  expect(model).toMatchObject({
    origin: 'trained',
    name: `Tiny, new head from ${nLearned} recordings`,
    parentKey: 'bundled:tiny',
    hasPassedComparison: true,
    manifest: {
      labels: ['normal', 'abnormal'],
      threshold: 0.3,
      sha256: 'sha of 4 bytes',
      trainedOn: { nRecordings: nLearned, nGroups: nLearned },
    },
  });
  expect(parts?.modelJson).toEqual({ trained: true });
  expect(parts?.replay?.byteLength).toBe(1);
});

test('promoting makes the candidate the active model, and the run remembers it', async () => {
  await training.start();
  await training.promote();
  expect(device.models.activeKey).toBe(training.entry?.modelKey);
  expect((await device.stored())?.entry.decision).toBe('promoted');
  training.close();
  expect(training.phase).toEqual({ kind: 'idle' });
});

test('keeping leaves the active model as it is, and the candidate among the models', async () => {
  device.verdicts.recommendation = 'keep';
  await training.start();
  await training.keep();
  expect(device.models.activeKey).toBe('bundled:tiny');
  expect((await device.stored())?.entry.decision).toBe('kept');
  expect([...device.models.added.values()][0]?.model.hasPassedComparison).toBe(false);
});

test('a decision that finds no room says why, is not taken for made, and can be tried again', async () => {
  await training.start();
  device.store.error = new AppError('storage-full', 'Full.');
  await training.keep();
  expect([training.decisionError?.code, training.entry?.decision]).toEqual(['storage-full', null]);
  device.store.error = null;
  await training.keep();
  expect([training.decisionError, training.entry?.decision]).toEqual([null, 'kept']);
  expect((await device.stored())?.entry.decision).toBe('kept');
});

test('a promotion that fails says why, changes nothing and can be tried again', async () => {
  await training.start();
  device.models.error = new AppError('storage-full', 'Full.');
  await training.promote();
  expect(training.decisionError?.code).toBe('storage-full');
  expect(training.entry?.decision).toBeNull();
  device.models.error = null;
  await training.promote();
  expect(training.entry?.decision).toBe('promoted');
});

test('a verdict that nobody has decided on is there after a reload', async () => {
  await training.start();
  const again = device.open();
  await again.look();
  expect(again.phase).toEqual({ kind: 'judged' });
  expect(again.details?.verdict?.reasons).toEqual(['It is better.']);
  await again.keep();
  const third = device.open();
  await third.look();
  expect(third.phase).toEqual({ kind: 'idle' });
});

test('cancelling ends the worker at once and leaves no candidate and no checkpoint', async () => {
  const { ended } = await beginAndHoldAt(2);
  expect(training.progress).toBeGreaterThan(0);
  training.cancel();
  await ended;
  expect(device.trainers[0]?.isDisposed).toBe(true);
  expect(training.phase).toEqual({ kind: 'idle' });
  expect(training.progress).toBeNull();
  expect((await device.stored())?.entry.state).toBe('cancelled');
  expect(device.store.checkpoints.size).toBe(0);
  expect(device.models.added.size).toBe(0);
  device.script.holdAt = null;
  await training.start();
  expect(training.phase).toEqual({ kind: 'judged' });
});

test('stopping keeps the best there is, and judges it', async () => {
  const { ended } = await beginAndHoldAt(3);
  training.stop();
  expect(training.isStopping).toBe(true);
  device.script.goOn();
  await ended;
  expect(training.phase).toEqual({ kind: 'judged' });
  expect((await device.stored())?.entry).toMatchObject({ state: 'finished', epochsDone: 2, epochs: 3 });
});

test('a worker that dies is replaced, and training goes on from the last checkpoint', async () => {
  device.script.crashes.push(2, 3);
  await training.start();
  expect(training.phase).toEqual({ kind: 'judged' });
  expect(device.trainers.map(({ requests }) => requests[0]?.resume?.epoch ?? null)).toEqual([null, 1, 2]);
  expect(await logged()).toMatch(/lost: The worker died\. Going on after epoch 1\./);
});

test('a worker that dies again and again fails the run, which can be resumed from there', async () => {
  device.script.crashes.push(2, 2, 2);
  await training.start();
  expect(training.phase).toMatchObject({ kind: 'failed', error: { code: 'worker-crashed' } });
  expect((await device.stored())?.entry).toMatchObject({
    state: 'failed',
    epochsDone: 1,
    error: { code: 'worker-crashed' },
  });
  await training.resume();
  expect(training.phase).toEqual({ kind: 'judged' });
  expect(device.trainers.at(-1)?.requests[0]?.resume).toEqual(fakeCheckpoint(1));
});

test('after the tab was closed the run is offered, and goes on from its checkpoint with the same request', async () => {
  await beginAndHoldAt(3);
  device.kill();
  const again = device.open();
  await again.look();
  expect(again.phase).toEqual({ kind: 'unfinished' });
  expect(again.entry?.epochsDone).toBe(2);
  await again.resume();
  expect(again.phase).toEqual({ kind: 'judged' });
  const [first, second] = device.trainers;
  expect(second?.requests[0]).toEqual({ ...first?.requests[0], resume: fakeCheckpoint(2) });
  expect(second?.added).toEqual(first?.added);
  expect(again.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
});

test('an unfinished run can be discarded, and is not offered again', async () => {
  await beginAndHoldAt(3);
  device.kill();
  const again = device.open();
  await again.look();
  await again.discard();
  expect(again.phase).toEqual({ kind: 'idle' });
  expect(device.store.checkpoints.size).toBe(0);
  await again.look();
  expect(again.phase).toEqual({ kind: 'idle' });
});

test('a run is put away also where the storage does not remember it, which is said', async () => {
  await beginAndHoldAt(3);
  device.kill();
  const again = device.open();
  await again.look();
  device.store.error = new AppError('storage-full', 'Full.');
  await again.discard();
  expect([again.phase, again.discardError?.code]).toEqual([{ kind: 'idle' }, 'storage-full']);
  device.store.error = null;
  await again.look();
  expect(again.phase).toEqual({ kind: 'unfinished' });
  await again.discard();
  expect([again.phase, again.discardError]).toEqual([{ kind: 'idle' }, null]);
  expect((await device.stored())?.entry.state).toBe('cancelled');
});

test('a run whose recordings were deleted cannot go on, and says so', async () => {
  await beginAndHoldAt(2);
  device.kill();
  device.collection.recordings = device.collection.recordings.slice(1);
  const again = device.open();
  await again.look();
  await again.resume();
  expect(again.phase).toMatchObject({ kind: 'failed', error: { code: 'recordings-missing' } });
  expect(device.lock.isHeld).toBe(false);
  await again.discard();
  expect((await device.stored())?.entry.state).toBe('cancelled');
});

test('a storage without room for checkpoints costs the way back, not the run', async () => {
  device.store.checkpointError = new AppError('storage-full', 'Full.');
  const { ended } = await beginAndHoldAt(3);
  expect(training.keepingError?.code).toBe('storage-full');
  expect(device.store.checkpoints.size).toBe(0);
  device.script.goOn();
  await ended;
  expect(training.phase).toEqual({ kind: 'judged' });
  expect(training.keepingError).toBeNull();
  expect(await logged()).toMatch(/could not be stored: Full\./);
});

test('a candidate that finds no room is not lost: once there is room, it is stored without training again', async () => {
  device.models.error = new AppError('storage-full', 'Full.');
  await training.start();
  expect(training.phase).toMatchObject({ kind: 'failed', error: { code: 'storage-full' } });
  device.models.error = null;
  await training.resume();
  expect(training.phase).toEqual({ kind: 'judged' });
  expect(device.trainers).toHaveLength(1);
  expect(device.verdicts.materials).toHaveLength(1);
});

test('recordings that cannot be read are left out and named', async () => {
  const { trainIds, validationIds } = training.form.plan;
  const bad = [trainIds[0], validationIds[0]].map((id) => id ?? '');
  for (const id of bad) device.script.unreadable.add(id);
  await training.start();
  expect(device.trainers[0]?.requests[0]).toMatchObject({
    trainIds: trainIds.slice(1),
    validationIds: validationIds.slice(1),
  });
  expect(device.judges[0]?.asked).toEqual(validationIds.slice(1));
  expect(await logged()).toMatch(/Left out .*\.wav: Damaged\./);
});

test('a class without a readable recording is said before anything is trained', async () => {
  for (const { id, label } of device.collection.recordings)
    if (label === 'abnormal') device.script.unreadable.add(id);
  await training.start();
  expect(training.phase).toMatchObject({ kind: 'failed', error: { code: 'not-enough-examples' } });
  expect(device.trainers[0]?.requests).toEqual([]);
});

test('where there is nothing to judge by there is no verdict, and a person may still decide', async () => {
  device.verdicts.error = new AppError('not-enough-examples', 'Nothing to judge by.');
  await training.start();
  expect(training.phase).toEqual({ kind: 'judged' });
  expect(training.entry?.recommendation).toBeNull();
  expect(training.details?.verdict).toBeNull();
});

test('while one tab trains, another says so and starts nothing; afterwards it may', async () => {
  const { ended } = await beginAndHoldAt(2);
  const other = device.open();
  await other.look();
  expect(other.isElsewhere).toBe(true);
  expect(other.phase).toEqual({ kind: 'idle' });
  await other.start();
  expect(other.phase).toEqual({ kind: 'idle' });
  expect(device.trainers).toHaveLength(1);
  device.script.goOn();
  await ended;
  await settle();
  expect(other.isElsewhere).toBe(false);
  expect(other.phase).toEqual({ kind: 'judged' });
});

test('a plan that forbids training, or that has no two classes, starts nothing', async () => {
  device.collection.recordings = device.collection.recordings.filter(({ label }) => label === 'normal');
  training = device.open();
  await training.start();
  expect(training.phase).toEqual({ kind: 'idle' });
  expect(device.trainers).toEqual([]);
});
