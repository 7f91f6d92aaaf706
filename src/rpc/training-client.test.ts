// A run over the real protocol: its checkpoints cross as plain data, its worker dies in the middle, and another one
// goes on to the same end.

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import { settingsForWay } from '../core/training/recipe.ts';
import { smallManifest, smallModel, smallReplay, sound } from '../core/training/session-fixtures.ts';
import { TrainingSession } from '../core/training/session.ts';
import type { TrainingOutcome } from '../core/training/types.ts';
import { thenRelease } from './comlink-handlers.ts';
import { FakeWorker } from './fakes.ts';
import type { TrainingApi, TrainRequest } from './protocol.ts';
import { TrainingClient } from './training-client.ts';

/** Training is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const LABELS = ['low', 'high'];
const N_RECORDINGS = 8;
const ids = Array.from({ length: N_RECORDINGS }, (_, i) => `r${i}`);

/** What training-worker.ts does, without choosing a backend. */
function spawn(): FakeWorker {
  const session = new TrainingSession(smallManifest, {
    now: () => performance.now(),
    yieldControl: () => new Promise((resolve) => setImmediate(resolve)),
    backend: () => 'cpu',
  });
  const api: Pick<TrainingApi, 'addRecording' | 'train' | 'measureStep'> = {
    addRecording: (recording, source) => session.add(recording, source),
    measureStep: (request) => session.measureStep(request),
    train: (request, onProgress, onCheckpoint, signal) =>
      thenRelease(
        session.train(request, {
          ...(onProgress && { onProgress }),
          ...(onCheckpoint && { onCheckpoint }),
          ...(signal && { signal }),
        }),
        onProgress,
        onCheckpoint,
        signal,
      ),
  };
  return new FakeWorker(api);
}

async function openClient(): Promise<TrainingClient> {
  const client = new TrainingClient(spawn);
  for (const [i, id] of ids.entries()) {
    const label = LABELS[i % 2] ?? '';
    await client.addRecording({ id, label, group: id, source: 'a', quality: null }, sound(label, i));
  }
  return client;
}

async function request(): Promise<TrainRequest> {
  const settings = settingsForWay('all', 4, { seed: 2, isWatched: true, epochs: 4, batchSize: 4 });
  return {
    way: 'all',
    settings: { ...settings, stepsPerEpoch: 2 },
    trainIds: ids.slice(0, 4),
    watchIds: ids.slice(4, 6),
    validationIds: ids.slice(6),
    from: await smallModel(),
    replay: smallReplay(),
    resume: null,
  };
}

describe('TrainingClient', () => {
  it('goes on in a new worker from the checkpoint of one that died', async () => {
    const whole = await (await openClient()).train(await request());

    const first = await openClient();
    let checkpoint: Checkpoint | null = null;
    const death = first.train(
      await request(),
      (progress) => {
        if (progress.kind === 'step' && progress.epoch === 3) first.dispose();
      },
      (latest) => {
        checkpoint = latest;
      },
    );
    await expect(death).rejects.toMatchObject({ name: 'AbortError' });
    expect((checkpoint as Checkpoint | null)?.epoch).toBe(2);

    const resumed = await (await openClient()).train({ ...(await request()), resume: checkpoint });
    const weights = ({ weights: bytes }: TrainingOutcome): number[] => [...new Float32Array(bytes)];
    const expected = weights(whole);
    weights(resumed).forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(1e-5));
    expect(resumed.history).toHaveLength(4);
  });

  it('stops with what it has when the signal says so', async () => {
    const stop = new AbortController();
    const client = await openClient();
    const stopAfterTwo = ({ epoch }: Checkpoint): void => {
      if (epoch === 2) stop.abort();
    };
    const outcome = await client.train(await request(), undefined, stopAfterTwo, stop.signal);
    expect(outcome.stopped).toBe('by-user');
    expect(outcome.history.length).toBeLessThan(4);
  });

  it('measures what a way costs', async () => {
    const { settings, from } = await request();
    const cost = await (await openClient()).measureStep({ way: 'head', settings, from });
    expect(cost.msPerStep).toBeGreaterThan(0);
    expect(cost.msPerWindow).toBeGreaterThan(0);
  });
});
