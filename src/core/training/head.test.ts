// A new head on any network: what it starts with, what it is put on, what is refused.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Random } from '../random.ts';
import { disposeGrafted, findHeadSite, graftHead, headNetwork, startOfHead } from './head.ts';
import { tinyManifest, tinyNetwork, unlikeFresh } from './tiny-fixtures.ts';

/** Training is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const sigmoid = (labels: string[]) => ({ labels, output: 'sigmoid-logit' as const });
const softmax = (labels: string[]) => ({ labels, output: 'softmax-logit' as const });

/** Probabilities that a head gives to one embedding, over all labels. */
function answer(start: ReturnType<typeof startOfHead>, embedding: number[]): number[] {
  const units = start.bias.length;
  const network = headNetwork(embedding.length, units, start);
  const logits = [...(network.predict(tf.tensor2d([embedding])) as tf.Tensor).dataSync()];
  network.dispose();
  const full = units === 1 ? [0, ...logits] : logits;
  const sum = full.reduce((total, value) => total + Math.exp(value), 0);
  return full.map((value) => Math.exp(value) / sum);
}

async function tinySite() {
  const network = unlikeFresh(tinyNetwork());
  return { network, site: await findHeadSite(network, tinyManifest) };
}

describe('startOfHead', () => {
  const embedding = Array.from({ length: 11 }, (_, i) => Math.sin(i));

  it('answers as the old head where the labels stay, in any order and either output', async () => {
    const { site } = await tinySite();
    const start = (to: Parameters<typeof startOfHead>[2]) =>
      answer(startOfHead(site, sigmoid(['low', 'high']), to, new Random(1)), embedding);
    const [low = 0, high = 0] = start(sigmoid(['low', 'high']));
    expect(low + high).toBeCloseTo(1, 6);
    for (const turned of [start(sigmoid(['high', 'low'])), start(softmax(['high', 'low']))]) {
      expect(turned[0]).toBeCloseTo(high, 5);
      expect(turned[1]).toBeCloseTo(low, 5);
    }
  });

  it('lets the labels that split an old one up share what it had', async () => {
    const { site } = await tinySite();
    const from = sigmoid(['low', 'high']);
    const [low = 0, high = 0] = answer(startOfHead(site, from, from, new Random(1)), embedding);
    const split = startOfHead(site, from, softmax(['squeak', 'low', 'whistle']), new Random(1));
    const [squeak, stayed, whistle] = answer(split, embedding);
    expect(stayed).toBeCloseTo(low, 5);
    expect(squeak).toBeCloseTo(high / 2, 5);
    expect(whistle).toBeCloseTo(high / 2, 5);
  });

  it('starts near even odds where no label stays', async () => {
    const { site } = await tinySite();
    const fresh = startOfHead(site, sigmoid(['low', 'high']), softmax(['a', 'b', 'c']), new Random(1));
    for (const probability of answer(fresh, embedding))
      expect(Math.abs(probability - 1 / 3)).toBeLessThan(0.1);
  });
});

describe('findHeadSite', () => {
  const foreign = (...layers: tfl.layers.Layer[]): tfl.LayersModel =>
    tfl.sequential({
      layers: [tfl.layers.flatten({ inputShape: [4, 4, 1] }), ...layers],
    });

  it('finds the head of a network that ends in probabilities', async () => {
    const network = foreign(
      tfl.layers.dense({ units: 5, name: 'features' }),
      tfl.layers.dropout({ rate: 0.5 }),
      tfl.layers.dense({ units: 1, activation: 'sigmoid' }),
    );
    const site = await findHeadSite(network, { embeddingLayer: 'features' });
    expect(site.width).toBe(5);
    expect(site.old?.kernel).toHaveLength(5);
  });

  it('takes nothing over from a head of several layers', async () => {
    const network = foreign(
      tfl.layers.dense({ units: 5, name: 'features' }),
      tfl.layers.dense({ units: 3, activation: 'relu' }),
      tfl.layers.dense({ units: 1 }),
    );
    expect((await findHeadSite(network, { embeddingLayer: 'features' })).old).toBeNull();
  });

  it.each([null, 'nowhere', 'map'])('refuses a model whose embedding layer is %s', async (embeddingLayer) => {
    const network = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1], name: 'map' }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 1 }),
      ],
    });
    await expect(findHeadSite(network, { embeddingLayer })).rejects.toMatchObject({ code: 'model-invalid' });
  });
});

describe('graftHead', () => {
  it('keeps the trunk, has the given head, and both end together', async () => {
    const before = tf.memory().numTensors;
    const { network: base, site } = await tinySite();
    const input = tf.ones([1, 16, 8, 1]);
    const start = startOfHead(site, sigmoid(['low', 'high']), sigmoid(['low', 'high']), new Random(1));
    const expected = (base.predict(input) as tf.Tensor).dataSync()[0];
    const grafted = graftHead(base, site, 1, start);
    expect((grafted.predict(input) as tf.Tensor).dataSync()[0]).toBeCloseTo(expected ?? NaN, 6);
    expect(grafted.layers.map(({ name }) => name)).toEqual(base.layers.map(({ name }) => name));
    disposeGrafted(grafted, base);
    // The input and two answers.
    expect(tf.memory().numTensors - before).toBe(3);
  });
});
