// One recording, one network, four backends: the same answer, and three training steps to the same weights.
// GPUs are software here, so the network is tiny and each backend is asked for by name.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './app-test.ts';
import type { AutomationOutcome } from '../src/automation.ts';
import { AppSession } from '../src/cli/app-session.ts';
import type { ModelManifest } from '../src/core/model/manifest.ts';
import { fineTunedManifest, settingsForWay } from '../src/core/training/recipe.ts';
import type { TrainingSettings } from '../src/core/training/types.ts';
import type { BackendName } from '../src/core/types.ts';
import { heartSound } from './recordings.ts';
import { writeTinyModel } from './tiny-model.ts';

const BACKENDS: BackendName[] = ['cpu', 'wasm', 'webgl', 'webgpu'];
const PROBABILITY_TOLERANCE = 1e-3;
const WEIGHT_TOLERANCE = 1e-4;

const THREE_STEPS: TrainingSettings = {
  epochs: 1,
  batchSize: 4,
  stepsPerEpoch: 3,
  learningRate: 1e-3,
  weightDecay: 1e-2,
  schedule: 'plateau',
  earlyStoppingPatience: null,
  plateauPatience: 3,
  averageLastEpochs: 0,
  balance: 'none',
  augment: true,
  seed: 5,
};

// Software GPUs compile their shaders slowly.
// One browser for all of them.
test.describe.configure({ mode: 'default', timeout: 240_000 });

let folder: string;
let session: AppSession;
let manifest: ModelManifest;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tiny-model-'));
  manifest = await writeTinyModel(folder);
  session = await AppSession.open({ webgpu: true });
});
test.afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
});

const offerSound = (seed: number) => {
  const { name, buffer } = heartSound(`heart-${String(seed)}.wav`, seed);
  return session.offer({ fileName: name, read: () => Promise.resolve(buffer) });
};

test('a recording gets the same probabilities on every backend', async () => {
  const model = session.offerModel(folder);
  const sound = offerSound(1);
  const abnormal: number[] = [];
  for (const backend of BACKENDS) {
    const { report } = await session.call('start', { model, backend });
    expect(report.name, JSON.stringify(report.trials)).toBe(backend);
    const result = await session.call('classify', sound, null);
    expect(result, JSON.stringify(result.error)).toMatchObject({ error: null, backend });
    abnormal.push(result.probabilities['abnormal'] ?? NaN);
  }
  for (const probability of abnormal)
    expect(Math.abs(probability - (abnormal[0] ?? NaN)), abnormal.join(' ')).toBeLessThan(
      PROBABILITY_TOLERANCE,
    );
});

test('three training steps give the same weights on every backend', async () => {
  const model = session.offerModel(folder);
  const items = trainingItems(6, (i) => (i % 2 === 0 ? 'normal' : 'abnormal'));
  const trained: Map<string, Float32Array>[] = [];
  for (const backend of BACKENDS) {
    const report = await session.call('startTraining', { manifest, backend });
    expect(report.name, JSON.stringify(report.trials)).toBe(backend);
    for (const added of await session.call('addRecordings', items)) expect(added).not.toHaveProperty('error');
    const outcome = await session.call('train', {
      way: 'all',
      settings: THREE_STEPS,
      trainIds: items.map((item) => item.recording.id),
      watchIds: [],
      validationIds: [],
      from: { model },
      replay: null,
    });
    expect(outcome.backend).toBe(backend);
    trained.push(weightsByName(outcome));
    await session.call('endTraining');
  }
  const [reference = new Map<string, Float32Array>()] = trained;
  for (const [index, weights] of trained.entries())
    expectSameWeights(weights, reference, String(BACKENDS[index]));
});

for (const way of ['head', 'all'] as const)
  test(`a GPU trains in a worker like the processor does: ${way}, new labels, recordings that are watched`, async () => {
    const model = session.offerModel(folder);
    const labels = ['normal', 'murmur', 'click'];
    const items = trainingItems(9, (i) => labels[i % 3] ?? '');
    const ids = items.map((item) => item.recording.id);
    const settings = settingsForWay(way, 6, { seed: 5, isWatched: true, epochs: 2, batchSize: 4 });
    const trained: AutomationOutcome[] = [];
    for (const backend of ['wasm', 'webgpu'] as const) {
      const identity = { id: 'tiny-2', name: 'Tiny', version: '2', createdAt: manifest.createdAt };
      const report = await session.call('startTraining', {
        manifest: fineTunedManifest(manifest, identity, labels, manifest.trainedOn),
        backend,
      });
      expect(report.name, JSON.stringify(report.trials)).toBe(backend);
      for (const added of await session.call('addRecordings', items))
        expect(added).not.toHaveProperty('error');
      trained.push(
        await session.call('train', {
          way,
          settings: { ...settings, stepsPerEpoch: 2 },
          trainIds: ids.slice(0, 6),
          watchIds: ids.slice(6),
          validationIds: ids.slice(6),
          from: { model },
          replay: null,
        }),
      );
      await session.call('endTraining');
    }
    const [onCpu, onGpu] = trained as [AutomationOutcome, AutomationOutcome];
    expect(onGpu.backend).toBe('webgpu');
    expect(onGpu.history.map(({ loss }) => loss)).toEqual(
      onCpu.history.map(({ loss }): unknown => expect.closeTo(loss, 3)),
    );
    expectSameWeights(weightsByName(onGpu), weightsByName(onCpu), 'webgpu');
  });

const trainingItems = (n: number, labelOf: (index: number) => string) =>
  Array.from({ length: n }, (_, i) => ({
    recording: { id: String(i), label: labelOf(i), group: String(i), source: 'simulated', quality: null },
    file: offerSound(10 + i),
  }));

function expectSameWeights(
  got: Map<string, Float32Array>,
  expected: Map<string, Float32Array>,
  backend: string,
): void {
  for (const [name, values] of expected) {
    const other = got.get(name);
    const difference = values.reduce((max, w, i) => Math.max(max, Math.abs(w - (other?.[i] ?? NaN))), 0);
    expect(difference, `${name} on ${backend}`).toBeLessThan(WEIGHT_TOLERANCE);
  }
}

function weightsByName({ modelJson, weights }: AutomationOutcome): Map<string, Float32Array> {
  const bytes = Uint8Array.from(Buffer.from(weights, 'base64'));
  const specs = (modelJson as { weightsManifest: { weights: { name: string; shape: number[] }[] }[] })
    .weightsManifest[0]?.weights;
  const named = new Map<string, Float32Array>();
  let offset = 0;
  for (const { name, shape } of specs ?? []) {
    const size = shape.reduce((product, n) => product * n, 1);
    named.set(name, new Float32Array(bytes.buffer, offset, size));
    offset += 4 * size;
  }
  expect(offset).toBe(bytes.length);
  return named;
}
