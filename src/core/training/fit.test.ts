// The loop on a tiny network and a made-up problem: it learns, repeats, resumes, stops, averages, and leaks nothing.

import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readWeights, type FitState, type NamedWeights } from './checkpoint.ts';
import { fit, type FitRequest } from './fit.ts';
import { separable, tinyNetwork, tinyRequest as request, tinySettings as settings } from './tiny-fixtures.ts';

/** Training is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function trained(changes: Partial<FitRequest> = {}): Promise<NamedWeights> {
  const asked = request(changes);
  await fit(asked);
  return readWeights(asked.network);
}

function greatestDifference(a: NamedWeights, b: NamedWeights): number {
  const differences = Object.entries(a).flatMap(([name, values]) =>
    [...values].map((value, i) => Math.abs(value - (b[name]?.[i] ?? NaN))),
  );
  return differences.every(Number.isFinite) ? Math.max(...differences) : NaN;
}

describe('fit', () => {
  it('learns a separable problem', async () => {
    const { history } = await fit(request({ settings: { ...settings, epochs: 10, augment: false } }));
    expect(history[0]?.loss).toBeGreaterThan(0.3);
    expect(history.at(-1)?.loss).toBeLessThan(0.2);
  });

  it('gives the same weights for the same seed and others for another', async () => {
    const first = await trained();
    expect(await trained()).toEqual(first);
    expect(await trained({ settings: { ...settings, seed: 8 } })).not.toEqual(first);
  });

  it('goes on from a checkpoint as if it had never stopped', async () => {
    const whole = { ...settings, averageLastEpochs: 3 };
    const checkpoints: FitState[] = [];
    const expected = await trained({
      settings: whole,
      onCheckpoint: (checkpoint) => void checkpoints.push(structuredClone(checkpoint)),
    });
    const resumed = await trained({
      settings: whole,
      network: tinyNetwork(99),
      resume: checkpoints[1] ?? null,
    });
    expect(greatestDifference(resumed, expected)).toBeLessThan(1e-5);
  });

  it('keeps the weights of the best epoch and stops when it no longer gets better', async () => {
    const losses = [0.9, 0.5, 0.6, 0.7, 0.1];
    const seen: NamedWeights[] = [];
    const asked = request({ settings: { ...settings, epochs: 5, earlyStoppingPatience: 2 } });
    asked.score = async () => {
      seen.push(await readWeights(asked.network));
      const watch = { loss: losses[seen.length - 1] ?? NaN, accuracy: 0.5, auroc: null };
      return { watch, validation: { loss: 10 - seen.length, accuracy: 0.25, auroc: 0.75 } };
    };
    const outcome = await fit(asked);
    expect(outcome).toMatchObject({ stopped: 'early-stopping', bestEpoch: 2 });
    expect(outcome.history.map(({ watchLoss }) => watchLoss)).toEqual([0.9, 0.5, 0.6, 0.7]);
    // The validation recordings judge and decide nothing: theirs went on falling.
    expect(outcome.history.map(({ validationLoss }) => validationLoss)).toEqual([9, 8, 7, 6]);
    expect(outcome.history[0]).toMatchObject({ validationAccuracy: 0.25, validationAuroc: 0.75 });
    expect(await readWeights(asked.network)).toEqual(seen[1]);
  });

  it('halves the rate when the watched loss stays', async () => {
    const { history } = await fit(
      request({
        settings: { ...settings, schedule: 'plateau', epochs: 4, plateauPatience: 1 },
        score: () => Promise.resolve({ watch: { loss: 1, accuracy: 0.5, auroc: null }, validation: null }),
      }),
    );
    expect(history.map(({ learningRate }) => learningRate)).toEqual([0.02, 0.02, 0.01, 0.005]);
  });

  it('averages the trainable weights of the last epochs', async () => {
    const ends: NamedWeights[] = [];
    const average = await trained({
      settings: { ...settings, averageLastEpochs: 2 },
      onCheckpoint: ({ weights }) => void ends.push(weights),
    });
    const name = 'conv1/kernel';
    average[name]?.forEach((value, i) => {
      const mean = ((ends[2]?.[name]?.[i] ?? NaN) + (ends[3]?.[name]?.[i] ?? NaN)) / 2;
      expect(value).toBeCloseTo(mean, 6);
    });
  });

  it('says that it diverged instead of training on with no number', async () => {
    const data = separable(40);
    data.copyRandomWindow = (_index, _random, batch) => void batch.fill(NaN);
    await expect(fit(request({ data }))).rejects.toMatchObject({ code: 'training-diverged' });
  });

  it('refuses recordings of one class', async () => {
    const data = separable(40);
    data.recordings = data.recordings.map((recording) => ({ ...recording, label: 1 }));
    await expect(fit(request({ data }))).rejects.toMatchObject({ code: 'not-enough-examples' });
  });

  it('stops when asked: with what it has after an epoch, as an abort before', async () => {
    const signal = { aborted: true };
    await expect(fit(request({ signal }))).rejects.toMatchObject({ name: 'AbortError' });
    signal.aborted = false;
    let steps = 0;
    const yieldControl = (): Promise<void> => {
      signal.aborted = ++steps > settings.stepsPerEpoch;
      return Promise.resolve();
    };
    const outcome = await fit(request({ signal, yieldControl }));
    expect(outcome.stopped).toBe('by-user');
    expect(outcome.history).toHaveLength(1);
  });

  it.each([0, 3])(
    'stopped within an epoch keeps what the finished ones gave (averaging %i)',
    async (averaged) => {
      const stoppedAfter = async (nSteps: number): Promise<NamedWeights> => {
        const signal = { aborted: false };
        let steps = 0;
        const yieldControl = (): Promise<void> => {
          signal.aborted ||= ++steps === nSteps;
          return Promise.resolve();
        };
        return trained({ signal, yieldControl, settings: { ...settings, averageLastEpochs: averaged } });
      };
      const { stepsPerEpoch } = settings;
      const atTheEnd = await stoppedAfter(2 * stepsPerEpoch);
      expect(await stoppedAfter(2 * stepsPerEpoch + 3)).toEqual(atTheEnd);
      expect(await stoppedAfter(3 * stepsPerEpoch)).not.toEqual(atTheEnd);
    },
  );

  it('holds no more tensors after 100 steps than after 10', async () => {
    const counts: number[] = [];
    const asked = request({
      settings: { ...settings, epochs: 20 },
      onProgress: (progress) =>
        progress.kind === 'step' && progress.entry && counts.push(tf.memory().numTensors),
    });
    await fit(asked);
    expect(new Set(counts.slice(1)).size).toBe(1);
    const afterwards = tf.memory().numTensors;
    asked.network.dispose();
    expect(tf.memory().numTensors).toBe(afterwards - asked.network.weights.length);
  });
});
