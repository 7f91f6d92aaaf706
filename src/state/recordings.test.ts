import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import type { Collection } from '../input/collect-files.ts';
import { foundFile, type HandOver } from '../input/found-file.ts';
import type { RecordingSource } from '../rpc/protocol.ts';
import { AnalysisState } from './analysis.svelte.ts';
import type { RecordingFile } from './classify-file.ts';
import { FakeClassifier, FakeStore, FakeTheme, MODEL } from './fakes.ts';
import { IntakeState } from './intake.svelte.ts';
import { ModelState } from './model.svelte.ts';
import { RecordingsState } from './recordings.svelte.ts';
import { SettingsState } from './settings.svelte.ts';

const UNREADABLE = 'gone.wav';

let classifier: FakeClassifier;
let settings: SettingsState;
let model: ModelState;
let analysis: AnalysisState;
let recordings: RecordingsState;

beforeEach(() => {
  classifier = new FakeClassifier();
  settings = new SettingsState(new FakeStore(), new FakeTheme());
  model = new ModelState(classifier, () => Promise.resolve(MODEL), settings);
  const prepare = (file: File): Promise<RecordingSource> =>
    file.name === UNREADABLE
      ? Promise.reject(new AppError('file-unreadable', 'It was moved.'))
      : Promise.resolve({ kind: 'bytes', bytes: new ArrayBuffer(8) });
  const timestamp = (): string => '2026-01-01T00:00:00Z';
  const dependencies = { classifier, model, prepare, appVersion: '0.0.0', timestamp };
  analysis = new AnalysisState(dependencies);
  recordings = new RecordingsState(dependencies, analysis, settings);
});

const file = (name: string): RecordingFile => ({
  read: () => Promise.resolve(new File(['sound'], name)),
  fileName: name,
  isSimulated: false,
});
const handOver = (name: string): HandOver => ({
  files: [foundFile(new File(['sound'], name.split('/').at(-1) ?? name), name)],
  skipped: [],
  handles: [],
});
const collection = ({ files, handles }: HandOver): Collection => ({
  recordings: [...files],
  skipped: [],
  labelFiles: [],
  handles,
});
const kinds = (): string[] => recordings.items.map(({ kind }) => kind);

/** Lets everything that is ready to go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test('one recording is opened with its picture and answered', async () => {
  await recordings.listen([file('a.wav')], []);
  expect(analysis.phase).toMatchObject({ kind: 'done', result: { predictedClass: 'abnormal' } });
  expect(classifier.requests).toMatchObject([{ fileName: 'a.wav', withPicture: true, threshold: null }]);
  expect(recordings.openId).toBe(0);
});

test('a file that cannot be read is a result with its code, and the next one works', async () => {
  await recordings.listen([file(UNREADABLE), file('b.wav')], []);
  expect(recordings.results.map(({ status, error }) => [status, error?.code])).toEqual([
    ['error', 'file-unreadable'],
    ['ok', undefined],
  ]);
});

test('only the opened recording is asked for its picture', async () => {
  await recordings.listen([file('a.wav'), file('b.wav'), file('c.wav')], []);
  expect(classifier.requests.map(({ withPicture }) => withPicture)).toEqual([true, false, false]);
  expect(kinds()).toEqual(['done', 'done', 'done']);
  expect(recordings.isRunning).toBe(false);
});

test('the threshold that is set goes to the worker', async () => {
  settings.setThreshold(0.7);
  await recordings.listen([file('a.wav')], []);
  expect(classifier.requests[0]?.threshold).toBe(0.7);
});

test('judging again with another threshold changes the list with the screen', async () => {
  await recordings.listen([file('a.wav'), file('b.wav')], []);
  settings.setThreshold(0.7);
  await recordings.again();
  expect(analysis.phase).toMatchObject({ kind: 'done', result: { threshold: 0.7 } });
  expect(recordings.results.map(({ threshold }) => threshold)).toEqual([0.7, 0.4]);
});

test('a threshold that is moved during a list is not that list’s, nor when one of it is opened', async () => {
  classifier.isHeld = true;
  const listening = recordings.listen([file('a.wav'), file('b.wav'), file('c.wav')], []);
  await settle();
  settings.setThreshold(0.7);
  classifier.isHeld = false;
  classifier.release();
  await listening;
  recordings.open(2);
  await settle();
  expect(classifier.requests).toHaveLength(4);
  expect(recordings.results.map(({ threshold }) => threshold)).toEqual([0.4, 0.4, 0.4]);
});

test('cancelling keeps what is answered and marks the rest', async () => {
  const listening = recordings.listen([file('a.wav'), file('b.wav'), file('c.wav')], []);
  await settle();
  classifier.isHeld = true;
  await settle();
  recordings.cancel();
  classifier.release();
  await listening;
  expect(kinds()[0]).toBe('done');
  expect(kinds().slice(1)).not.toContain('working');
  expect(kinds().slice(1)).not.toContain('queued');
  expect(recordings.isRunning).toBe(false);
});

test('closing while a recording is under way leaves an empty page, and a late answer does not fill it', async () => {
  classifier.isHeld = true;
  const listening = recordings.listen([file('a.wav')], []);
  await settle();
  expect(analysis.phase).toMatchObject({ kind: 'working', stage: 'decode' });
  recordings.close();
  classifier.release();
  await listening;
  expect(analysis.phase.kind).toBe('idle');
  expect(recordings.items).toEqual([]);
});

test('a newer recording takes over from one under way', async () => {
  classifier.isHeld = true;
  const first = recordings.listen([file('old.wav')], []);
  await settle();
  classifier.isHeld = false;
  await recordings.listen([file('new.wav')], []);
  classifier.release();
  await first;
  expect(analysis.phase).toMatchObject({ kind: 'done', recording: { fileName: 'new.wav' } });
  expect(recordings.items.map(({ fileName }) => fileName)).toEqual(['new.wav']);
});

test('opening another one meanwhile costs the first nothing but its picture', async () => {
  classifier.isHeld = true;
  const listening = recordings.listen([file('a.wav'), file('b.wav')], []);
  await settle();
  classifier.isHeld = false;
  recordings.open(1);
  classifier.release();
  await listening;
  await settle();
  expect(kinds()).toEqual(['done', 'done']);
  expect(recordings.openId).toBe(1);
});

test('j and k walk the list and stop at its ends', async () => {
  await recordings.listen([file('a.wav'), file('b.wav')], []);
  recordings.openNeighbour(1);
  recordings.openNeighbour(1);
  expect(recordings.openId).toBe(1);
  recordings.openNeighbour(-1);
  recordings.openNeighbour(-1);
  expect(recordings.openId).toBe(0);
});

test('without a model the recording is not blamed, and trying again works', async () => {
  classifier.startError = new AppError('backend-unavailable', 'None passed.');
  await recordings.listen([file('a.wav')], []);
  expect(analysis.phase).toMatchObject({ kind: 'failed', error: { code: 'backend-unavailable' } });
  expect(model.phase.kind).toBe('failed');
  classifier.startError = null;
  await recordings.again();
  expect(analysis.phase.kind).toBe('done');
  expect(kinds()).toEqual(['done']);
});

test('the model is started once for many recordings, and again for another backend', async () => {
  await recordings.listen([file('a.wav'), file('b.wav')], []);
  expect(classifier.starts).toEqual(['auto']);
  settings.setBackend('cpu');
  model.restart();
  await model.ready();
  expect(classifier.starts).toEqual(['auto', 'cpu']);
  expect(model.report?.name).toBe('cpu');
});

test('a start that is overtaken by another choice and fails leaves the newer one alone', async () => {
  settings.setBackend('webgpu');
  classifier.brokenBackend = 'webgpu';
  const first = model.ready();
  settings.setBackend('cpu');
  model.restart();
  await first;
  expect(model.report?.name).toBe('cpu');
  expect(model.phase.kind).toBe('ready');
  await model.ready();
  expect(classifier.starts).toHaveLength(2);
});

test('a slow hand-over does not take the place of a later one', async () => {
  let resolve: (handOver: HandOver) => void = () => undefined;
  const slow = new Promise<HandOver>((done) => (resolve = done));
  const intake = new IntakeState((found) => Promise.resolve(collection(found)), recordings);
  const first = intake.take(slow);
  await intake.take(handOver('late.wav'));
  resolve(handOver('early.wav'));
  await first;
  expect(recordings.items.map(({ fileName }) => fileName)).toEqual(['late.wav']);
  expect(intake.isSorting).toBe(false);
});

test('what leads to nothing is told, and goes away with the next', async () => {
  let fail = true;
  const intake = new IntakeState((found) => {
    if (fail) return Promise.reject(new AppError('nothing-to-do', 'Nothing.'));
    return Promise.resolve({
      ...collection(found),
      skipped: [{ fileName: 'x.txt', reason: 'Not a sound file.' }],
    });
  }, recordings);
  await intake.take(handOver('x.txt'));
  expect(intake.error?.code).toBe('nothing-to-do');
  fail = false;
  await intake.take(handOver('folder/a.wav'));
  expect(intake.error).toBeNull();
  expect(recordings.results.map(({ fileName }) => fileName)).toEqual(['folder/a.wav']);
  expect(recordings.skipped).toHaveLength(1);
});
