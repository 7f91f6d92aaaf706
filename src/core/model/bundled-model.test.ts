// Every model folder of this project keeps its contract: manifest, weights, size, known answers, figures.

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { auroc } from '../metrics/roc.ts';
import { chooseBackend } from '../tensor/backend.ts';
import { computeGolden, type Golden } from '../training/golden.ts';
import { judgeReference } from '../training/reference.ts';
import { assertReplayFits, decodeReplay } from '../training/replay.ts';
import { Classifier, loadNetwork } from './classifier.ts';
import { parseManifest } from './manifest.ts';

const SIMD = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
);
const MODELS = new URL('../../../models/', import.meta.url);
const MAX_PARAMETERS = 300_000;
/** Bytes of topology and weights together. */
const MAX_DOWNLOAD = 1_000_000;
/** Logits may differ by rounding between versions of the JavaScript engine's Math. */
const GOLDEN_TOLERANCE = 1e-4;

/** What a model must reach on held-out recordings to ship. */
const BARS = { pooledAuroc: 0.95, meanAccuracy: 0.86, meanSourceAuroc: 0.78 };

interface Figure {
  value: number;
}

const ids = readdirSync(MODELS, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
});

it('there is a model to ship', () => {
  expect(ids.length).toBeGreaterThan(0);
});

describe.each(ids)('the model folder %s', (id) => {
  const read = (name: string): Buffer => readFileSync(new URL(`${id}/${name}`, MODELS));
  const json = (name: string): unknown => JSON.parse(read(name).toString('utf8'));
  const manifest = parseManifest(json('manifest.json'));
  const weights = read('weights.bin');
  const assets = () => ({ manifest, modelJson: json('model.json'), weights: new Uint8Array(weights).buffer });

  it('is named by its manifest, which knows the hash of its weights', () => {
    expect(manifest.id).toBe(id);
    expect(manifest.sha256).toBe(createHash('sha256').update(weights).digest('hex'));
  });

  it('is small enough to ship', async () => {
    expect(read('model.json').length + weights.length).toBeLessThan(MAX_DOWNLOAD);
    const network = await loadNetwork(assets());
    expect(network.countParams()).toBeLessThan(MAX_PARAMETERS);
    network.dispose();
  });

  it('answers what it answered when it was saved', async () => {
    const saved = json('golden.json') as Golden;
    const now = await computeGolden(assets());
    expect(now.inputShape).toEqual(saved.inputShape);
    expect(saved.windows).toHaveLength(4);
    saved.windows.forEach(({ seed, logits }, i) => {
      expect(now.windows[i]?.seed).toBe(seed);
      logits.forEach((value, unit) =>
        expect(Math.abs((now.windows[i]?.logits[unit] ?? NaN) - value)).toBeLessThan(GOLDEN_TOLERANCE),
      );
    });
  });

  it(
    'has a replay set of 300 KB, in two parts that share no patient and tell the classes apart',
    { timeout: 60_000 },
    async () => {
      const file = read('replay.bin');
      expect(file.length).toBeLessThanOrEqual(300_000);
      expect(manifest.replaySha256).toBe(createHash('sha256').update(file).digest('hex'));
      const set = decodeReplay(file);
      assertReplayFits(set, manifest);
      const inPart = (part: string) => set.windows.filter((window) => window.part === part);
      const groups = new Set(inPart('replay').map(({ group }) => group));
      expect(inPart('reference').some(({ group }) => groups.has(group))).toBe(false);
      for (const part of ['replay', 'reference'])
        for (const label of manifest.labels)
          expect(inPart(part).filter((window) => window.label === label).length).toBeGreaterThan(30);

      await chooseBackend('wasm', { gpu: null, createOffscreenCanvas: null, wasmPaths: { simd: SIMD } });
      const classifier = await Classifier.load(assets());
      const answers = await judgeReference(new Uint8Array(file).buffer, classifier, () => Promise.resolve());
      classifier.dispose();
      await tf.setBackend('cpu');
      const [, positive = ''] = manifest.labels;
      const scores = answers.map(({ probabilities }) => probabilities[positive] ?? 0);
      expect(
        auroc(
          scores,
          answers.map(({ label }) => label === positive),
        ),
      ).toBeGreaterThan(0.95);
    },
  );

  it('was judged on held-out recordings, says on how many, and did well enough to ship', () => {
    const metrics = json('metrics.json') as {
      schema: string;
      n: number;
      pooled: { auroc: Figure; meanAccuracy: Figure };
      perSource: Record<string, { auroc: Figure | null }>;
      method: { kind: string; command: string; dataset: string };
    };
    expect(metrics.schema).toBe('heartbeat-evaluation/1');
    expect(metrics.n).toBe(manifest.trainedOn.nRecordings);
    expect(metrics.method.dataset).toBe(manifest.trainedOn.dataset);
    expect(metrics.method.kind).toBe('cross-validation');
    expect(metrics.method.command).toContain('npm run train');
    expect(metrics.pooled.auroc.value).toBeGreaterThanOrEqual(BARS.pooledAuroc);
    expect(metrics.pooled.meanAccuracy.value).toBeGreaterThanOrEqual(BARS.meanAccuracy);
    const ofSources = Object.values(metrics.perSource).flatMap(({ auroc }) => (auroc ? [auroc.value] : []));
    expect(ofSources.length).toBeGreaterThan(0);
    const mean = ofSources.reduce((sum, value) => sum + value, 0) / ofSources.length;
    expect(mean).toBeGreaterThanOrEqual(BARS.meanSourceAuroc);
  });
});
