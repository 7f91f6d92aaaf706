// An exported model answers in another program what it answers here. The oracle is ONNX Runtime, which shares no
// code with TF.js.

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadNetwork, type ModelAssets } from '../model/classifier.ts';
import { StatisticsPooling } from '../model/layers.ts';
import { parseManifest } from '../model/manifest.ts';
import { Random } from '../random.ts';
import { exportOnnx, ONNX_OUTPUT } from './onnx.ts';

/** Both compute in float32, in different orders. */
const TOLERANCE = 1e-4;
const BATCH = 3;

const FOLDER = new URL('../../../models/heartbeat-cnn/', import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, FOLDER));
const json = (name: string): unknown => JSON.parse(read(name).toString('utf8'));
const manifest = parseManifest(json('manifest.json'));
const bundled = (): ModelAssets => ({
  manifest,
  modelJson: json('model.json'),
  weights: new Uint8Array(read('weights.bin')).buffer,
});

function noise(shape: readonly number[], seed: number): Float32Array<ArrayBuffer> {
  const random = new Random(seed);
  return Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => random.normal());
}

/** Answers of TF.js and of ONNX Runtime to the same noise. */
async function bothAnswers(assets: ModelAssets): Promise<[here: number[], there: number[]]> {
  const network = await loadNetwork(assets);
  const session = await ort.InferenceSession.create(exportOnnx(assets));
  const [inputName = ''] = session.inputNames;
  const shape = [BATCH, ...(network.inputs[0]?.shape.slice(1) as number[])];
  const values = noise(shape, 1);
  const here = tf.tidy(() => (network.predict(tf.tensor(values, shape)) as tf.Tensor).dataSync());
  const results = await session.run({ [inputName]: new ort.Tensor('float32', values, shape) });
  const there = (await results[ONNX_OUTPUT]?.getData()) as Float32Array;
  network.dispose();
  await session.release();
  return [Array.from(here), Array.from(there)];
}

/** What a network of stock layers looks like in a model folder, with noise for weights. */
async function assetsOf(network: tfl.LayersModel): Promise<ModelAssets> {
  network.setWeights(
    network.weights.map((weight, i) => {
      const values = noise(weight.shape as number[], i);
      // Variances are positive.
      return tf.tensor(
        values.map((value) => Math.abs(value) + 0.1),
        weight.shape as number[],
      );
    }),
  );
  const saved: ModelAssets[] = [];
  await network.save(
    tf.io.withSaveHandler(({ modelTopology, weightSpecs = [], weightData }) => {
      const modelJson = { modelTopology, weightsManifest: [{ weights: weightSpecs }] };
      saved.push({ manifest, modelJson, weights: weightData as ArrayBuffer });
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  network.dispose();
  return saved[0] as ModelAssets;
}

function expectSame([here, there]: [number[], number[]]): void {
  expect(there).toHaveLength(here.length);
  expect(new Set(here).size).toBeGreaterThan(1);
  here.forEach((value, i) => expect(Math.abs((there[i] ?? NaN) - value)).toBeLessThan(TOLERANCE));
}

beforeAll(async () => {
  ort.env.wasm.numThreads = 1;
  await tf.setBackend('cpu');
});

describe('a model exported to ONNX', { timeout: 60_000 }, () => {
  it('answers as the bundled model does', async () => {
    expectSame(await bothAnswers(bundled()));
  });

  it('answers as a network of other settings does', async () => {
    const input = tfl.input({ shape: [21, 8, 2] });
    const convolved = tfl.layers.conv2d({
      filters: 4,
      kernelSize: [3, 2],
      strides: [2, 1],
      activation: 'relu',
    });
    const pooled = tfl.layers.maxPooling2d({ poolSize: [2, 3], strides: [2, 2], padding: 'same' });
    const scaled = tfl.layers.batchNormalization({ scale: false });
    const wide = tfl.layers.conv2d({
      filters: 3,
      kernelSize: 3,
      padding: 'same',
      useBias: false,
    });
    const layers = [convolved, pooled, scaled, wide, tfl.layers.activation({ activation: 'tanh' })];
    const map = layers.reduce((value, layer) => layer.apply(value) as tfl.SymbolicTensor, input);
    const described = new StatisticsPooling({ epsilon: 0.1 }).apply(map) as tfl.SymbolicTensor;
    const logits = tfl.layers.dense({ units: 2, activation: 'sigmoid', useBias: false }).apply(described);
    const network = tfl.model({ inputs: input, outputs: logits as tfl.SymbolicTensor });
    expectSame(await bothAnswers(await assetsOf(network)));
  });

  it('is refused where a layer has no translation', async () => {
    const network = tfl.sequential({
      layers: [tfl.layers.flatten({ inputShape: [3, 2, 1] }), tfl.layers.dense({ units: 1 })],
    });
    const assets = await assetsOf(network);
    expect(() => exportOnnx(assets)).toThrow(expect.objectContaining({ code: 'model-invalid' }));
  });

  it('is refused where weights are missing', () => {
    const assets = bundled();
    expect(() => exportOnnx({ ...assets, weights: assets.weights.slice(0, 1000) })).toThrow(
      expect.objectContaining({ code: 'model-invalid' }),
    );
  });
});
