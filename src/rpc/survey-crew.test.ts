// Surveyors that are played: work is shared out, a dead worker costs only the recording that killed it, and nobody
// stays when all is done.
import { expect, test } from 'vitest';
import type { SoundSurvey } from '../core/collection/types.ts';
import { AppError } from '../core/errors.ts';
import { fakeSurvey } from '../state/collection-fakes.ts';
import type { RecordingSource } from './protocol.ts';
import { SurveyCrew } from './survey-crew.ts';

const SIGNAL = new AbortController().signal;
const source = (name: string): RecordingSource => ({
  kind: 'bytes',
  bytes: new TextEncoder().encode(name).buffer,
});

class FakeSurveyor {
  isDisposed = false;
  readonly heard: string[] = [];
  async survey(what: RecordingSource): Promise<SoundSurvey> {
    await Promise.resolve();
    const name = what.kind === 'bytes' ? new TextDecoder().decode(what.bytes) : '';
    this.heard.push(name);
    if (name === 'deadly') throw new AppError('worker-crashed', 'Gone.');
    return fakeSurvey(name);
  }
  dispose(): void {
    this.isDisposed = true;
  }
}

function crewOf(size: number): { crew: SurveyCrew; hired: FakeSurveyor[] } {
  const hired: FakeSurveyor[] = [];
  const spawn = (): FakeSurveyor => {
    const surveyor = new FakeSurveyor();
    hired.push(surveyor);
    return surveyor;
  };
  return { crew: new SurveyCrew(spawn, size), hired };
}

test('work is shared out among as many as there may be', async () => {
  const { crew, hired } = crewOf(2);
  const names = ['a', 'b', 'c', 'd'];
  const surveys = await Promise.all(
    names.map((name) => crew.survey(() => Promise.resolve(source(name)), SIGNAL)),
  );
  expect(surveys.map(({ sha256 }) => sha256)).toEqual(names);
  expect(hired.map(({ heard }) => heard.length)).toEqual([2, 2]);
});

test('one after the other needs no second one', async () => {
  const { crew, hired } = crewOf(3);
  for (const name of ['a', 'b']) await crew.survey(() => Promise.resolve(source(name)), SIGNAL);
  expect(hired).toHaveLength(1);
});

test('a recording that kills its worker is read anew and tried once more, then told', async () => {
  const { crew } = crewOf(1);
  let nRead = 0;
  const read = (): Promise<RecordingSource> => {
    nRead++;
    return Promise.resolve(source('deadly'));
  };
  await expect(crew.survey(read, SIGNAL)).rejects.toMatchObject({ code: 'worker-crashed' });
  expect(nRead).toBe(2);
  expect((await crew.survey(() => Promise.resolve(source('a')), SIGNAL)).sha256).toBe('a');
});

test('a cancelled recording is not handed over', async () => {
  const { crew, hired } = crewOf(1);
  const cancelled = crew.survey(() => Promise.resolve(source('a')), AbortSignal.abort());
  await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  expect(hired[0]?.heard).toEqual([]);
});

test('those that were dismissed are ended, and new ones come for new work', async () => {
  const { crew, hired } = crewOf(1);
  await crew.survey(() => Promise.resolve(source('a')), SIGNAL);
  crew.dismiss();
  expect(hired[0]?.isDisposed).toBe(true);
  await crew.survey(() => Promise.resolve(source('b')), SIGNAL);
  expect(hired).toHaveLength(2);
});
