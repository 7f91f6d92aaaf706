// The whole signal path through its public door, with a small untrained network: every recording gets an
// answer or a sentence, the next one works, and nothing is left in memory.

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { simulateHeartSound } from './audio/simulate.ts';
import { encodeWav } from './audio/wav.ts';
import { AppError } from './errors.ts';
import { Classifier } from './model/classifier.ts';
import { parseManifest, type ModelManifest } from './model/manifest.ts';
import { classifyRecording, type ClassifyRequest, type NetworkPlatform } from './pipeline.ts';
import { draftManifest } from './training/recipe.ts';
import { exportModel } from './training/weights.ts';
import type { ClassifyStage, RecordingAnalysis } from './types.ts';

const DRAFT = draftManifest(
  { id: 'tiny', name: 'Tiny', version: '1.0.0', createdAt: '2026-01-01T00:00:00Z' },
  ['normal', 'abnormal'],
  { dataset: 'none', nRecordings: 0, nGroups: 0, note: '' },
);

const MANIFEST: ModelManifest = parseManifest({
  ...DRAFT,
  window: { ...DRAFT.window, durationSec: 3, hopSec: 1.5 },
  features: { ...DRAFT.features, nFft: 256, nMels: 16 },
  explainLayer: 'conv',
  sha256: 'a'.repeat(64),
});

let ticks = 0;
const PLATFORM: NetworkPlatform = {
  now: () => ticks++,
  timestamp: () => '2026-01-01T00:00:00.000Z',
  sha256: () => Promise.resolve('f'.repeat(64)),
  backend: () => ({ name: 'cpu', reason: 'Chosen by the test.' }),
};

let classifier: Classifier;

async function tinyAssets(): Promise<{ modelJson: unknown; weights: ArrayBuffer }> {
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        name: 'conv',
        inputShape: [150, 16, 1],
        filters: 2,
        kernelSize: 3,
        strides: 2,
        kernelInitializer: tfl.initializers.glorotNormal({ seed: 1 }),
      }),
      tfl.layers.globalMaxPooling2d({}),
      tfl.layers.dense({ units: 1, kernelInitializer: tfl.initializers.glorotNormal({ seed: 2 }) }),
    ],
  });
  return exportModel(model);
}

beforeAll(async () => {
  await tf.setBackend('cpu');
  classifier = await Classifier.load({ manifest: MANIFEST, ...(await tinyAssets()) });
});

function request(bytes: Uint8Array, more: Partial<ClassifyRequest> = {}): ClassifyRequest {
  const source = { kind: 'bytes' as const, bytes: bytes.slice().buffer };
  return { fileName: 'sound.wav', source, threshold: null, withPicture: false, appVersion: '0.0.0', ...more };
}

const classify = (bytes: Uint8Array, more: Partial<ClassifyRequest> = {}): Promise<RecordingAnalysis> =>
  classifyRecording(request(bytes, more), classifier, PLATFORM);

/** A WAV file of 32-bit floats. */
function floatWav(samples: Float32Array, sampleRateHz: number): Uint8Array {
  const file = new Uint8Array(44 + 4 * samples.length);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode('RIFF....WAVEfmt '));
  view.setUint32(4, file.length - 8, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 3, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, 4 * sampleRateHz, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 32, true);
  file.set(new TextEncoder().encode('data'), 36);
  view.setUint32(40, 4 * samples.length, true);
  samples.forEach((value, i) => view.setFloat32(44 + 4 * i, value, true));
  return file;
}

const NORMAL = encodeWav(simulateHeartSound('normal', 1));

describe('a recording that can be judged', () => {
  it('gets class, probabilities, windows, quality, timings and the model that said so', async () => {
    const { result } = await classify(NORMAL);
    expect(result.error).toBeNull();
    expect(result.status).not.toBe('error');
    expect(Object.values(result.probabilities).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    expect(result.predictedClass).toBe(
      (result.probabilities['abnormal'] ?? 0) >= 0.5 ? 'abnormal' : 'normal',
    );
    expect(result.windows.length).toBeGreaterThan(2);
    expect(result.windows.at(-1)?.endSec).toBeLessThanOrEqual(result.durationSec ?? 0);
    expect(result.quality?.verdict).toBeDefined();
    expect(result.model).toEqual({ id: 'tiny', version: '1.0.0', sha256: 'a'.repeat(64) });
    expect(result.sha256).toBe('f'.repeat(64));
    expect(result.backend).toBe('cpu');
  });

  it('reports its stages in order', async () => {
    const stages: ClassifyStage[] = [];
    await classifyRecording(request(NORMAL, { withPicture: true }), classifier, PLATFORM, (stage) =>
      stages.push(stage),
    );
    expect(stages).toEqual(['decode', 'quality', 'features', 'inference', 'explain']);
  });

  it('is left between two stages when it is cancelled', async () => {
    const stop = new AbortController();
    const stages: ClassifyStage[] = [];
    const onStage = (stage: ClassifyStage): void => {
      stages.push(stage);
      if (stage === 'quality') stop.abort();
    };
    const call = classifyRecording(request(NORMAL), classifier, PLATFORM, onStage, stop.signal);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(stages).toEqual(['decode', 'quality']);
  });

  it('comes with a picture when one is wanted, and the picture does not change the numbers', async () => {
    const plain = await classify(NORMAL);
    const { result, picture } = await classify(NORMAL, { withPicture: true });
    expect(plain.picture).toBeNull();
    expect(result.probabilities).toEqual(plain.result.probabilities);
    expect(picture?.logMel.nFrames).toBe(1 + Math.floor((2000 * (result.durationSec ?? 0)) / 40));
    expect(picture?.relevance).toHaveLength(picture?.logMel.nFrames ?? 0);
    expect(picture?.melCentresHz).toHaveLength(16);
  });

  it('gives the same numbers as sound that the page has decoded', async () => {
    const sound = simulateHeartSound('murmur', 2);
    const wav = encodeWav(sound);
    const quantized = sound.samples.map((value) => Math.round(value * 32767) / 32768);
    const source = {
      kind: 'pcm' as const,
      pcm: { channels: [quantized, quantized.slice()], sampleRateHz: sound.sampleRateHz },
      sha256: 'e'.repeat(64),
      decodeMs: 5,
    };
    const fromBytes = (await classify(wav)).result;
    const fromPcm = (await classify(wav, { source })).result;
    expect(fromPcm.sha256).toBe('e'.repeat(64));
    expect(fromPcm.probabilities['abnormal']).toBeCloseTo(fromBytes.probabilities['abnormal'] ?? -1, 2);
  });

  it('is cut at the threshold that was asked for', async () => {
    const { result } = await classify(NORMAL);
    const p = result.probabilities['abnormal'] ?? 0;
    expect((await classify(NORMAL, { threshold: p / 2 })).result.predictedClass).toBe('abnormal');
    expect((await classify(NORMAL, { threshold: (1 + p) / 2 })).result.predictedClass).toBe('normal');
  });
});

describe('a recording that cannot be judged', () => {
  const text = new TextEncoder().encode('this is a letter, not a sound, although its name ends in .wav');
  const cases: [string, Uint8Array, string][] = [
    ['an empty file', new Uint8Array(0), 'empty-file'],
    ['text named .wav', text, 'unsupported-format'],
    ['a header without sound', NORMAL.slice(0, 44), 'too-short'],
    [
      'a fifth of a second',
      encodeWav({ samples: new Float32Array(400).fill(0.1), sampleRateHz: 2000 }),
      'too-short',
    ],
  ];

  it.each(cases)('%s is an error with a code and a sentence', async (_, bytes, code) => {
    const { result, picture } = await classify(bytes, { withPicture: true });
    expect(result).toMatchObject({
      status: 'error',
      predictedClass: null,
      confidence: null,
      error: { code },
    });
    expect(result.error?.message).toMatch(/^[A-Z].*[.]$/s);
    expect(picture).toBeNull();
  });

  it('is inconclusive when it is silent or too short for a judgement', async () => {
    const silent = (await classify(encodeWav({ samples: new Float32Array(20_000), sampleRateHz: 2000 })))
      .result;
    expect(silent).toMatchObject({
      status: 'inconclusive',
      inconclusiveReasons: expect.arrayContaining(['poor-quality']) as unknown,
    });
    expect(silent.quality?.reasons).toContain('silent');
    const short = (await classify(encodeWav(simulateHeartSound('short', 1)))).result;
    expect(short.status).toBe('inconclusive');
    expect(short.quality?.reasons).toContain('too-short');
  });

  it('is inconclusive, with a reason, when its sample rate is too low for what the model listens to', async () => {
    const sound = simulateHeartSound('normal', 1);
    const samples = sound.samples.filter((_, i) => i % 4 === 0);
    const { result } = await classify(encodeWav({ samples, sampleRateHz: 1000 }));
    expect(result).toMatchObject({ status: 'inconclusive', confidence: null });
    expect(result.quality?.reasons).toContain('band-limited');
  });

  it('is answered with a remark when the file was cut off or holds samples that are no numbers', async () => {
    const cut = (await classify(NORMAL.slice(0, NORMAL.length / 2))).result;
    expect(cut.quality).toMatchObject({ verdict: 'fair', reasons: ['incomplete'] });
    const { samples, sampleRateHz } = simulateHeartSound('normal', 1);
    const float = floatWav(
      samples.map((value, i) => (i === 500 ? NaN : i === 900 ? Infinity : value)),
      sampleRateHz,
    );
    const patched = (await classify(float)).result;
    expect(patched.error).toBeNull();
    expect(patched.quality?.reasons).toContain('damaged');
  });

  it('does not touch the next one', async () => {
    const before = (await classify(NORMAL)).result.probabilities;
    for (const [, bytes] of cases) await classify(bytes);
    expect((await classify(NORMAL)).result.probabilities).toEqual(before);
  });
});

describe('the classifier', () => {
  it('leaves no tensor behind, with pictures or without, good files or bad', async () => {
    await classify(NORMAL, { withPicture: true });
    const tensors = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) {
      await classify(NORMAL, { withPicture: true });
      await classify(new Uint8Array(3));
    }
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('refuses a network that is not what its manifest says, and frees it', async () => {
    const tensors = tf.memory().numTensors;
    const manifest = { ...MANIFEST, window: { ...MANIFEST.window, durationSec: 4 } };
    const error: unknown = await Classifier.load({ manifest, ...(await tinyAssets()) }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'model-invalid' });
    expect(tf.memory().numTensors).toBeLessThanOrEqual(tensors + 4); // the tiny network that was exported
    await expect(
      Classifier.load({ manifest: MANIFEST, modelJson: { nonsense: true }, weights: new ArrayBuffer(0) }),
    ).rejects.toMatchObject({ code: 'model-invalid' });
  });

  it('never passes numbers that are none off as an answer', async () => {
    const { modelJson, weights } = await tinyAssets();
    new Float32Array(weights).fill(NaN);
    const broken = await Classifier.load({ manifest: MANIFEST, modelJson, weights });
    const { result } = await classifyRecording(request(NORMAL), broken, PLATFORM);
    expect(result).toMatchObject({ status: 'error', predictedClass: null, error: { code: 'model-invalid' } });
    broken.dispose();
  });
});
