// For tests of whole sessions: short made-up sounds, features small enough to be quick, a tiny model of them.

import type { ModelAssets } from '../model/classifier.ts';
import type { ModelManifest } from '../model/manifest.ts';
import { windowFrames } from '../model/manifest.ts';
import type { RecordingSource } from '../pipeline.ts';
import { Random } from '../random.ts';
import { draftManifest, fineTunedManifest } from './recipe.ts';
import { encodeReplay, inputKeyOf, type KeptWindow } from './replay.ts';
import { TrainingSession } from './session.ts';
import { tinyNetwork, unlikeFresh } from './tiny-fixtures.ts';
import { exportModel } from './weights.ts';

const IDENTITY = { id: 'test', name: 'Test', version: '1', createdAt: '2026-01-01T00:00:00Z' };
const TRAINED_ON = { dataset: 'made up', nRecordings: 12, nGroups: 12, note: '' };
const draft = draftManifest(IDENTITY, ['low', 'high'], TRAINED_ON);

/** Short windows of few bands: quick. */
export const smallManifest: ModelManifest = {
  ...draft,
  window: { ...draft.window, durationSec: 1.5, hopSec: 1.5 },
  features: { ...draft.features, nMels: 16, nFft: 256 },
};

/** Of a model fine-tuned from the small one. */
export function manifestFor(labels: string[]): ModelManifest {
  return fineTunedManifest(smallManifest, IDENTITY, labels, TRAINED_ON);
}

/** A model with some weights, for `smallManifest`. */
export async function smallModel(manifest = smallManifest): Promise<ModelAssets> {
  const network = unlikeFresh(tinyNetwork(5, manifest));
  const artifacts = await exportModel(network);
  network.dispose();
  return { manifest, ...artifacts };
}

const TONES_HZ: Record<string, number> = { low: 60, high: 300, higher: 600 };

/** Noise with a tone that the label decides, 2 to 3 s at 2 kHz. */
export function sound(label: string, seed: number): RecordingSource {
  const random = new Random(seed);
  const tone = TONES_HZ[label] ?? 0;
  const samples = Float32Array.from(
    { length: 4000 + random.integer(2000) },
    (_, i) => 0.2 * Math.sin((2 * Math.PI * tone * i) / 2000) + 0.05 * random.normal(),
  );
  return { kind: 'pcm', pcm: { channels: [samples], sampleRateHz: 2000 }, sha256: '', decodeMs: 0 };
}

/** A session with `n` recordings `r0`…, whose labels take turns. */
export async function openSession(
  manifest: ModelManifest,
  n: number,
  yieldControl: () => Promise<void> = () => Promise.resolve(),
): Promise<{ session: TrainingSession; ids: string[] }> {
  const session = new TrainingSession(manifest, { now: () => 0, yieldControl, backend: () => 'wasm' });
  const ids = Array.from({ length: n }, (_, i) => `r${i}`);
  const { labels } = manifest;
  for (const [i, id] of ids.entries()) {
    const label = labels[i % labels.length] ?? '';
    await session.add({ id, label, source: 'a', quality: null }, sound(label, i));
  }
  return { session, ids };
}

/** A replay set of noise, stronger where the label is `high` and not `low`. */
export function smallReplay(): ArrayBuffer {
  const random = new Random(4);
  const [nFrames, nMels] = [windowFrames(smallManifest), smallManifest.features.nMels];
  const windows = Array.from({ length: 10 }, (_, i): KeptWindow => ({
    label: i % 2 ? 'high' : 'low',
    source: 'a',
    group: i,
    part: i < 7 ? 'replay' : 'reference',
    values: Float32Array.from({ length: nFrames * nMels }, () => random.normal() + (i % 2)),
  }));
  return encodeReplay({ inputKey: inputKeyOf(smallManifest), nFrames, nMels, windows }).buffer;
}
