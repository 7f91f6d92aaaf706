// Models made up for tests: records and parts, with or without a replay set. For tests only.

import { HEARD_NOTHING } from '../core/training/heard.ts';
import type { ModelFolder } from '../core/model/model-folder.ts';
import type { Golden } from '../core/training/golden.ts';
import type { ModelParts, StoredModel } from '../storage/model-record.ts';
import { hashBytes } from './model-ports.ts';
import { MANIFEST, MODEL } from './fakes.ts';
import type { BundledSource, ModelNews } from './ports.ts';
import type { NewModel } from './registered-model.ts';

/** @param digit of which the hash of its weights is made: two models of one digit share their weights */
export function fakeModel(key: string, change: Partial<StoredModel> = {}, digit = '0'): StoredModel {
  return {
    key,
    origin: 'trained',
    name: `model ${key}`,
    manifest: { ...MANIFEST, sha256: digit.repeat(64) },
    metrics: null,
    card: '# Tiny\n',
    golden: { schema: 'heartbeat-golden/1', inputShape: [1, 1, 1], windows: [{ seed: 1, logits: [0.5] }] },
    parentKey: null,
    runId: null,
    heard: HEARD_NOTHING,
    hasPassedComparison: false,
    replaySha256: null,
    createdAt: '2026-01-01T00:00:00Z',
    ...change,
  };
}

/** Bytes that differ from one number to the next. */
export function fakeParts(number: number, withReplay = false): ModelParts {
  return {
    modelJson: { modelTopology: { number }, weightsManifest: [] },
    weights: Float32Array.from([number, 2, 3]).buffer,
    replay: withReplay ? Uint8Array.from([number, 7]).buffer : null,
  };
}

export const GOLDEN: Golden = {
  schema: 'heartbeat-golden/1',
  inputShape: [1, 1, 1],
  windows: [{ seed: 1, logits: [0.5] }],
};

export function fakeBundled(): BundledSource {
  return {
    manifest: MANIFEST,
    load: () => Promise.resolve(MODEL),
    metrics: () => Promise.resolve(null),
    card: () => Promise.resolve('# Tiny\n'),
    golden: () => Promise.resolve(GOLDEN),
    replay: () => Promise.resolve(null),
  };
}

/** As a training run hands it over; every name has weights of its own. */
export async function trained(name: string): Promise<{ model: NewModel; parts: ModelParts }> {
  const parts = fakeParts(name.length);
  const manifest = { ...MANIFEST, name, sha256: await hashBytes(parts.weights) };
  const { origin, metrics, card, parentKey, runId, heard, hasPassedComparison } = fakeModel('');
  const model = { origin, metrics, card, parentKey, runId, heard, hasPassedComparison };
  return { model: { ...model, name, manifest, golden: GOLDEN }, parts };
}

export async function fakeFolder(name: string): Promise<ModelFolder> {
  const { model, parts } = await trained(name);
  const { manifest, golden, metrics, card } = model;
  return { manifest, golden, metrics, card, ...parts };
}

/** The tabs of one browser. */
export class FakeNews implements ModelNews {
  readonly #listeners: (() => void)[] = [];
  tell(): void {
    for (const listener of this.#listeners) listener();
  }
  listen(onNews: () => void): void {
    this.#listeners.push(onNews);
  }
  /** What they do about it takes some turns. */
  settled(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 20));
  }
}
