// Training runs from sound to scores, through the session's public door, on the wasm backend.

import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { calibratedProbabilities } from '../model/aggregate.ts';
import { Classifier, type ModelAssets } from '../model/classifier.ts';
import { windowFrames } from '../model/manifest.ts';
import { Random } from '../random.ts';
import { chooseBackend } from '../tensor/backend.ts';
import { settingsFor, settingsForWay } from './recipe.ts';
import { decodeReplay } from './replay.ts';
import {
  manifestFor,
  openSession,
  smallManifest,
  smallModel,
  smallReplay,
  sound,
} from './session-fixtures.ts';
import type { TrainRequest } from './session.ts';
import { TRAINING_WAYS, type TrainingProgress } from './types.ts';
import { exportModel } from './weights.ts';

/** Training is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const simd = createRequire(import.meta.url).resolve(
    '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  );
  await chooseBackend('wasm', { gpu: null, createOffscreenCanvas: null, wasmPaths: { simd } });
});

const settings = { ...settingsFor(8, { epochs: 3, batchSize: 4, seed: 1 }), averageLastEpochs: 1 };
const run: TrainRequest = {
  way: 'scratch',
  settings,
  trainIds: [],
  watchIds: [],
  validationIds: [],
  from: null,
  replay: null,
  resume: null,
};
const quick = (way: TrainRequest['way'], isWatched: boolean) =>
  settingsForWay(way, 8, { seed: 1, isWatched, epochs: 2, batchSize: 4 });

describe('TrainingSession', () => {
  it('trains, scores what it did not train on, and leaves no tensor behind', async () => {
    const { session: made, ids } = await openSession(smallManifest, 12);
    const before = tf.memory().numTensors;
    const outcome = await made.train({ ...run, trainIds: ids.slice(0, 8), validationIds: ids.slice(8) }, {});
    expect(outcome.history).toHaveLength(3);
    expect(outcome.history[2]?.validationAuroc).not.toBeNull();
    const scores = await made.score(ids.slice(8), null);
    expect(scores.map(({ id }) => id)).toEqual(ids.slice(8));
    const [low, high, low2, high2] = scores.map(({ logits }) => logits[0] ?? NaN);
    expect(Math.min(high ?? NaN, high2 ?? NaN)).toBeGreaterThan(Math.max(low ?? NaN, low2 ?? NaN));
    expect(tf.memory().numTensors).toBe(before);

    // The outcome, given back as a model, scores the same and can be trained on.
    const model = { manifest: smallManifest, modelJson: outcome.modelJson, weights: outcome.weights };
    expect(await made.score(ids.slice(8), model)).toEqual(scores);
    const further = await made.train(
      { ...run, way: 'all', settings: { ...settings, epochs: 6 }, trainIds: ids, from: model },
      {},
    );
    expect(further.history.at(-1)?.loss).toBeLessThan(further.history[0]?.loss ?? NaN);
  });

  it('answers mistakes with their codes', async () => {
    const { session: made, ids } = await openSession(smallManifest, 12);
    await expect(made.score(ids, null)).rejects.toMatchObject({ code: 'model-missing' });
    const truth = { id: 'x', label: 'other', source: 'a', quality: null };
    await made.add(truth, sound('high', 1));
    await expect(made.train({ ...run, trainIds: ['x', 'r0'] }, {})).rejects.toMatchObject({
      code: 'labels-invalid',
    });
    const bytes = new TextEncoder().encode('not a sound').buffer;
    await expect(made.add(truth, { kind: 'bytes', bytes })).rejects.toMatchObject({
      code: 'unsupported-format',
    });
  });

  it('trains a head on embeddings into a whole model of the same making', async () => {
    const { session, ids } = await openSession(smallManifest, 12);
    const from = await smallModel();
    const heard: TrainingProgress[] = [];
    const outcome = await session.train(
      {
        ...run,
        way: 'head',
        settings: settingsForWay('head', 8, { seed: 1, isWatched: true, batchSize: 4 }),
        trainIds: ids.slice(0, 8),
        watchIds: ids.slice(8),
        validationIds: ids.slice(8),
        from,
      },
      { onProgress: (progress) => heard.push(progress) },
    );
    expect(heard[0]).toEqual({ kind: 'embedding', done: 8, total: 12 });
    expect(heard[1]).toEqual({ kind: 'embedding', done: 12, total: 12 });
    const [first] = outcome.history;
    const last = outcome.history.at(-1);
    expect(last?.loss).toBeLessThan(first?.loss ?? NaN);
    expect(last?.accuracy).toBeGreaterThan(0.5);
    expect(last?.auroc).not.toBeNull();
    // The model as a whole answers what the head answered on embeddings.
    const best = outcome.history[(outcome.bestEpoch ?? 0) - 1];
    const scores = await session.score(ids.slice(8), { manifest: smallManifest, ...outcome });
    const loss = scores.map(({ logits }, i) => Math.log1p(Math.exp((i % 2 ? -1 : 1) * (logits[0] ?? NaN))));
    expect(loss.reduce((a, b) => a + b, 0) / 4).toBeCloseTo(best?.validationLoss ?? NaN, 4);
    // Only the last layer differs from the base.
    const floats = (weights: ArrayBuffer): number[] => [...new Float32Array(weights)];
    const before = floats(from.weights);
    const nChanged = floats(outcome.weights).filter((value, at) => value !== before[at]).length;
    expect([floats(outcome.weights).length, nChanged]).toEqual([before.length, 12]);
  });

  it.each(TRAINING_WAYS)('leaves no tensor behind: %s, with a new label and a replay set', async (way) => {
    const manifest = manifestFor(['low', 'high', 'higher']);
    const { session, ids } = await openSession(manifest, 12);
    const request = {
      ...run,
      way,
      settings: { ...quick(way, true), averageLastEpochs: 0 },
      trainIds: ids.slice(0, 6),
      watchIds: ids.slice(6, 9),
      validationIds: ids.slice(9),
      from: way === 'scratch' ? null : await smallModel(),
      replay: way === 'scratch' ? null : smallReplay(),
    };
    const before = tf.memory().numTensors;
    const during: number[] = [];
    const outcome = await session.train(request, {
      onProgress: (progress) => {
        if (progress.kind === 'step' && progress.entry) during.push(tf.memory().numTensors);
      },
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(new Set(during).size).toBe(1);
    const [{ logits } = { logits: [] }] = await session.score(['r0'], { manifest, ...outcome });
    expect(logits).toHaveLength(3);
    expect(outcome.judgement.calibration.kind).toBe('temperature');
    const cost = await session.measureStep(request);
    expect(cost).toMatchObject({ backend: 'wasm', msPerStep: 0, msPerWindow: 0 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('judges by the watched recordings, else as the parent did, else not at all', async () => {
    const { session, ids } = await openSession(smallManifest, 12);
    const parent = {
      calibration: { kind: 'platt' as const, slope: 2, intercept: -1 },
      threshold: 0.3,
      inconclusiveBand: { low: 0.25, high: 0.35 },
    };
    const from = await smallModel();
    from.manifest = { ...from.manifest, ...parent };
    const request = {
      ...run,
      way: 'head' as const,
      settings: quick('head', false),
      trainIds: ids.slice(0, 8),
      from,
    };
    expect((await session.train(request, {})).judgement).toEqual(parent);
    const watched = { ...request, settings: quick('head', true), watchIds: ids.slice(8) };
    const { calibration } = (await session.train(watched, {})).judgement;
    expect(calibration.kind).toBe('platt');
    expect(calibration).not.toEqual(parent.calibration);
    const scratch = await session.train({ ...run, trainIds: ids.slice(0, 8) }, {});
    expect(scratch.judgement).toEqual({
      calibration: { kind: 'none' },
      threshold: 0.5,
      inconclusiveBand: null,
    });
  });

  it('fine-tunes a model that gives probabilities into one that gives logits', async () => {
    const from = await probabilityModel();
    const manifest = { ...manifestFor(['low', 'high']), output: 'sigmoid-logit' as const };
    const { session, ids } = await openSession(manifest, 12);
    const outcome = await session.train(
      {
        ...run,
        way: 'all',
        settings: { ...quick('all', true), learningRate: 1e-9 },
        trainIds: ids,
        watchIds: ids,
        from,
      },
      {},
    );
    const before = await session.score(['r0', 'r1'], from);
    const after = await session.score(['r0', 'r1'], { manifest, ...outcome });
    after.forEach(({ logits }, i) => expect(logits[0]).toBeCloseTo(before[i]?.logits[0] ?? NaN, 3));
  });

  it.each(['head', 'last-blocks', 'all'] as const)('forgets less with a replay set: %s', async (way) => {
    const manifest = manifestFor(['low', 'high', 'higher']);
    const { session, ids } = await openSession(manifest, 9);
    const from = await smallModel();
    const asked = { seed: 1, isWatched: false, epochs: 8, batchSize: 8, learningRate: 2e-2 };
    const settings = settingsForWay(way, 9, asked);
    const replay = smallReplay();
    const lossOnReplay = async (given: ArrayBuffer | null): Promise<number> => {
      const outcome = await session.train({ ...run, way, settings, trainIds: ids, from, replay: given }, {});
      return replayLoss({ manifest, ...outcome }, replay);
    };
    expect(await lossOnReplay(replay)).toBeLessThan((await lossOnReplay(null)) - 0.05);
  });

  it('finds nothing in labels that were dealt out by chance', async () => {
    const n = 120;
    const { session, ids } = await openSession(smallManifest, n);
    const random = new Random(6);
    const labels = random.shuffle(ids.map((_, i) => (i % 2 ? 'high' : 'low')));
    for (const [i, id] of ids.entries())
      await session.add(
        { id, label: labels[i] ?? '', source: 'a', quality: null },
        sound(i % 2 ? 'high' : 'low', i),
      );
    const { history } = await session.train(
      {
        ...run,
        way: 'head',
        settings: settingsForWay('head', 40, { seed: 1, isWatched: false, epochs: 6 }),
        trainIds: ids.slice(0, 40),
        validationIds: ids.slice(40),
        from: await smallModel(),
      },
      {},
    );
    // SD of an AUROC of nothing over 40 against 40: 0.065.
    expect(Math.abs((history.at(-1)?.validationAuroc ?? NaN) - 0.5)).toBeLessThan(0.15);
  });
});

/** A network of other making: no batch norm, a sigmoid at its end. */
async function probabilityModel(): Promise<ModelAssets> {
  const inputShape = [windowFrames(smallManifest), smallManifest.features.nMels, 1];
  const network = tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 2, kernelSize: 3, strides: 4, inputShape }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 4, activation: 'tanh', name: 'features' }),
      tfl.layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  const manifest = { ...smallManifest, output: 'sigmoid-probability' as const, embeddingLayer: 'features' };
  const artifacts = await exportModel(network);
  network.dispose();
  return { manifest, ...artifacts };
}

/** Mean cross-entropy over the replayed windows; a `high` of theirs may be any of the model's other labels. */
async function replayLoss(model: ModelAssets, replay: ArrayBuffer): Promise<number> {
  const { windows, nFrames, nMels } = decodeReplay(replay);
  const used = windows.filter(({ part }) => part === 'replay');
  const classifier = await Classifier.load(model);
  const span = { firstFrame: 0, startSec: 0, endSec: 0 };
  const rows = await classifier.predictAll(
    used.map(({ values }) => ({ matrix: { values, nFrames, nMels }, windows: [span] })),
  );
  classifier.dispose();
  const losses = used.map(({ label }, i) => {
    const low = calibratedProbabilities((rows[i] as number[][])[0] ?? [], model.manifest)['low'] ?? NaN;
    return -Math.log(label === 'low' ? low : 1 - low);
  });
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}
