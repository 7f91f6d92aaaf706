// Models made up for tests: records and parts, with or without a replay set. For tests only.

import type { ModelParts, StoredModel } from '../storage/model-record.ts';
import { MANIFEST } from './fakes.ts';

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
