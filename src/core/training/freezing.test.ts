// What stands still stands still to the last bit, and what is exported can be trained whole again.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { loadNetwork } from '../model/classifier.ts';
import { Random } from '../random.ts';
import { speedUpTraining } from '../tensor/training-layers.ts';
import { readWeights, type NamedWeights } from './checkpoint.ts';
import { fit } from './fit.ts';
import { freezeFor, unfreeze } from './freezing.ts';
import { tinyManifest, tinyNetwork, tinyRequest, unlikeFresh } from './tiny-fixtures.ts';
import { exportModel } from './weights.ts';

/** Training is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function changed(way: Parameters<typeof freezeFor>[1]): Promise<string[]> {
  const network = unlikeFresh(tinyNetwork());
  freezeFor(network, way);
  const before = await readWeights(network);
  await fit(tinyRequest({ network }));
  const after = await readWeights(network);
  return Object.keys(before).filter((name) => !sameBytes(before[name], after[name]));
}

function sameBytes(a: NamedWeights[string] | undefined, b: NamedWeights[string] | undefined): boolean {
  const bytes = (values: Float32Array = new Float32Array()): string => String(new Uint32Array(values.buffer));
  return bytes(a) === bytes(b);
}

describe('freezeFor', () => {
  it('moves everything from scratch', async () => {
    const all = Object.keys(await readWeights(tinyNetwork()));
    expect((await changed('scratch')).sort()).toEqual(all.sort());
  });

  it('leaves every batch norm as it was when all is fine-tuned', async () => {
    const moved = await changed('all');
    expect(moved.filter((name) => name.includes('norm'))).toEqual([]);
    expect(moved).toEqual(expect.arrayContaining(['conv1/kernel', 'conv2/kernel', 'logits/kernel']));
  });

  it('moves the last convolution and what is behind or beside it in last-blocks', async () => {
    expect((await changed('last-blocks')).sort()).toEqual(
      ['band-dense/kernel', 'conv2/kernel', 'dense/kernel', 'logits/bias', 'logits/kernel'].sort(),
    );
  });

  it('makes a frozen batch norm answer in training as in inference, without center too', () => {
    const network = unlikeFresh(tinyNetwork());
    freezeFor(network, 'all');
    speedUpTraining(network);
    const random = new Random(1);
    const [, ...shape] = network.inputs[0]?.shape ?? [];
    const input = tf.randomUniform([4, ...(shape as number[])], -1, 1, 'float32', random.integer(1000));
    const training = network.apply(input, { training: true }) as tf.Tensor;
    const inference = network.apply(input, { training: false }) as tf.Tensor;
    const [a, b] = [training.dataSync(), inference.dataSync()];
    a.forEach((value, i) => expect(value).toBeCloseTo(b[i] ?? NaN, 5));
  });

  it('takes networks of other making: no convolution, a model inside a model', () => {
    const dense = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3] })] });
    freezeFor(dense, 'last-blocks');
    expect(dense.trainableWeights).toHaveLength(2);
    const inner = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1] }),
        tfl.layers.batchNormalization(),
      ],
    });
    const outer = tfl.sequential({
      layers: [inner, tfl.layers.conv2d({ filters: 2, kernelSize: 3 }), tfl.layers.flatten()],
    });
    freezeFor(outer, 'last-blocks');
    expect(outer.trainableWeights).toHaveLength(2);
    unfreeze(outer);
    expect(outer.trainableWeights).toHaveLength(6);
  });

  it('leaves no mark on an exported model', async () => {
    const network = tinyNetwork();
    const before = network.trainableWeights.length;
    freezeFor(network, 'last-blocks');
    unfreeze(network);
    const again = await loadNetwork({ manifest: tinyManifest, ...(await exportModel(network)) });
    expect(again.trainableWeights).toHaveLength(before);
    expect(Object.keys(await readWeights(again))).toEqual(Object.keys(await readWeights(network)));
  });
});
