// What a hostile model.json asks for is refused before anything is made of it: found by altering real ones.

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { tinyModel } from '../../fuzz/seeds-model.ts';
import { Classifier } from './classifier.ts';
import { assertTopology } from './topology.ts';

interface LayerJson {
  class_name: string;
  name: string;
  config: Record<string, unknown>;
  inbound_nodes: [name: string, node: number, tensor: number, kwargs: object][][];
}
interface ModelJson {
  modelTopology: { class_name: string; config: { layers: LayerJson[]; [key: string]: unknown } };
  weightsManifest: { weights: { name: string; shape: number[]; dtype: string }[] }[];
}

const { manifest, modelJson, weights } = tinyModel();

/** The tiny model's topology after a change. */
function altered(change: (layers: LayerJson[], json: ModelJson) => void): ModelJson {
  const json = structuredClone(modelJson) as ModelJson;
  change(json.modelTopology.config.layers, json);
  return json;
}

const check = (json: unknown): void => assertTopology(json, weights.byteLength);
const load = async (json: unknown): Promise<void> =>
  (await Classifier.load({ manifest, modelJson: json, weights })).dispose();
const codeOf = (work: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(work)
    .then(
      () => null,
      (error: unknown) => (error instanceof AppError ? error.code : error),
    );

const named = (layers: LayerJson[], name: string): LayerJson => layers.find((layer) => layer.name === name)!;

beforeAll(() => tf.setBackend('cpu'));

describe('a topology', () => {
  it('is taken as it is written here', async () => {
    check(modelJson);
    expect(await codeOf(() => load(modelJson))).toBeNull();
  });

  it.each<[string, (layers: LayerJson[], json: ModelJson) => void]>([
    [
      'a layer waits for one that is not there',
      (layers) => (named(layers, 'bn').inbound_nodes[0]![0]![0] = 'gone'),
    ],
    ['a layer waits for itself', (layers) => (named(layers, 'bn').inbound_nodes[0]![0]![0] = 'bn')],
    [
      'a layer waits for a call that never comes',
      (layers) => (named(layers, 'bn').inbound_nodes[0]![0]![1] = 7),
    ],
    ['a layer is called otherwise inside', (layers) => (named(layers, 'bn').config['name'] = 'other')],
    ['two layers have one name', (layers) => layers.push(named(layers, 'bn'))],
    ['a layer bears a name of every object', (layers) => (named(layers, 'bn').name = '__proto__')],
    [
      'a field stands there in two spellings',
      (layers) => Object.assign(named(layers, 'bn'), { inboundNodes: [] }),
    ],
    ['units are spelt otherwise', (layers) => (named(layers, 'head').config['input__dim'] = 1e9)],
  ])('is refused where %s, on which TF.js would spin for ever or stumble', async (_, change) => {
    expect(await codeOf(() => check(altered(change)))).toBe('model-invalid');
  });

  it('that asks for 10^12 weights is refused before there is room for one of them', async () => {
    const greedy = altered((layers) => {
      const { config } = named(layers, 'head');
      const dense = (name: string, from: string, units: number): LayerJson => ({
        class_name: 'Dense',
        name,
        config: { ...config, name, units },
        inbound_nodes: [[[from, 0, 0, {}]]],
      });
      const wide = Array.from({ length: 240 }, (_, i) =>
        dense(`wide${i}`, i === 0 ? 'dropout' : `wide${i - 1}`, 65_536),
      );
      layers.splice(-1, 1, ...wide, dense('head', 'wide239', 1));
    });
    check(greedy);
    const before = process.memoryUsage().rss;
    expect(await codeOf(() => load(greedy))).toBe('model-invalid');
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  it('that needs no weights for outputs of any size is refused before they are computed', async () => {
    const swollen = altered((layers) => {
      layers.splice(1, 0, {
        class_name: 'ZeroPadding2D',
        name: 'pad',
        config: {
          name: 'pad',
          padding: [
            [0, 1e6],
            [0, 1e6],
          ],
        },
        inbound_nodes: [[['log_mel', 0, 0, {}]]],
      });
      named(layers, 'conv').inbound_nodes[0]![0]![0] = 'pad';
      layers.splice(
        layers.findIndex(({ name }) => name === 'pool'),
        1,
        {
          class_name: 'GlobalAveragePooling2D',
          name: 'pool',
          config: { name: 'pool' },
          inbound_nodes: [[['bn', 0, 0, {}]]],
        },
      );
      named(layers, 'head').config['units'] = 1;
    });
    expect(await codeOf(() => load(swollen))).toBe('model-invalid');
  });

  it.each([
    ['lags beyond the window', { groups: 2, framesPerStep: 2, firstLag: 1, lastLag: 1e6 }],
    ['lags before the window', { groups: 2, framesPerStep: 2, firstLag: -4, lastLag: -3 }],
    ['groups that divide no bands', { groups: 3, framesPerStep: 2, firstLag: 1, lastLag: 2 }],
    ['no numbers', { groups: null, framesPerStep: 'x', firstLag: {}, lastLag: [] }],
  ])('with statistics of %s is refused: a kernel would read beside the window', async (_, periodicity) => {
    const json = altered((layers) => (named(layers, 'bands').config['periodicity'] = periodicity));
    expect(await codeOf(() => load(json))).toBe('model-invalid');
  });

  it('without an input, or with a second one, is refused in a sentence', async () => {
    const none = altered((_, json) => {
      json.modelTopology = { class_name: 'Sequential', config: { name: 'empty', layers: [] } };
    });
    const two = altered((layers, json) => {
      layers.push({
        ...named(layers, 'log_mel'),
        name: 'more',
        config: { ...named(layers, 'log_mel').config, name: 'more' },
      });
      json.modelTopology.config['input_layers'] = [
        ['log_mel', 0, 0],
        ['more', 0, 0],
      ];
    });
    for (const json of [none, two]) expect(await codeOf(() => load(json))).toBe('model-invalid');
  });

  it('whose layers cannot compute is the model’s fault, and leaves no tensor behind', async () => {
    const json = altered((layers) => (named(layers, 'log_mel').config['dtype'] = 'string'));
    const before = tf.memory().numTensors;
    const asked = async (): Promise<void> => {
      const classifier = await Classifier.load({ manifest, modelJson: json, weights });
      const matrix = { values: new Float32Array(32), nFrames: 8, nMels: 4 };
      await classifier
        .predict({ matrix, windows: [{ firstFrame: 0, startSec: 0, endSec: 1 }] })
        .finally(() => classifier.dispose());
    };
    expect(await codeOf(asked)).toBe('model-invalid');
    const unlike = altered((layers) => (named(layers, 'head').config['units'] = 2));
    expect(await codeOf(() => load(unlike))).toBe('model-invalid');
    expect(tf.memory().numTensors).toBe(before);
  });
});
