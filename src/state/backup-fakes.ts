// A device with something in every store, made up for tests, and backups of it. For tests only.

import { hashBytes } from './model-ports.ts';
import type { ByteSource } from '../core/archive/zip.ts';
import { judgeCandidate } from '../core/training/verdict.ts';
import { createBatchStore } from '../storage/batch-store.ts';
import { createCollectionStore } from '../storage/collection-store.ts';
import type { Database } from '../storage/db.ts';
import { createModelStore } from '../storage/model-store.ts';
import { createRunStore } from '../storage/run-store.ts';
import type { ReadOptions } from '../storage/backup-read.ts';
import { writeBackup, type KeptValues, type WriteOptions } from '../storage/backup-write.ts';
import { fakeCollected } from './collection-fakes.ts';
import { MANIFEST } from './fakes.ts';
import { fakeEntry, fakeFiles, fakeStored } from './history-fakes.ts';
import { fakeModel } from './registry-fakes.ts';
import { fakeCheckpoint, fakeRunDetails, fakeRunEntry } from './run-fakes.ts';

const AT = '2026-02-01T00:00:00.000Z';

export class FakeValues implements KeptValues {
  readonly values: Map<string, string>;

  constructor(values: Record<string, string> = {}) {
    this.values = new Map(Object.entries(values));
  }

  all(): { key: string; value: string }[] {
    return [...this.values].map(([key, value]) => ({ key, value }));
  }

  replaceAll(values: readonly { key: string; value: string }[]): void {
    this.values.clear();
    for (const { key, value } of values) this.values.set(key, value);
  }
}

/** @param text of which the bytes are made: other texts, other ids */
export async function keepSound(
  database: Database,
  text: string,
  change: Parameters<typeof fakeCollected>[1] = {},
): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const id = await hashBytes(bytes);
  const fingerprint = Uint32Array.from([text.length, 2 ** 32 - 1]);
  const facts = { fileName: `${text}.wav`, sizeBytes: bytes.length, fingerprint, ...change };
  const recording = fakeCollected(id, facts);
  await createCollectionStore(database).add([{ recording, bytes: bytes.buffer }]);
  return id;
}

/** A model whose topology and weights fit each other. */
export async function keepModel(
  database: Database,
  key: string,
  value: number,
  replay?: string,
): Promise<void> {
  const weights = Float32Array.from([value, 2, 3]).buffer;
  const replayBytes = replay === undefined ? null : new TextEncoder().encode(replay).buffer;
  const manifest = { ...MANIFEST, sha256: await hashBytes(weights) };
  const model = fakeModel(key, {
    manifest,
    replaySha256: replayBytes && (await hashBytes(replayBytes)),
    metrics: { $odd: ['key', { $number: 'NaN' }], figure: 0.5 },
  });
  const modelJson = {
    modelTopology: { value },
    weightsManifest: [{ paths: ['weights.bin'], weights: [{ name: 'w', shape: [3], dtype: 'float32' }] }],
  };
  await createModelStore(database).add(model, { modelJson, weights, replay: replayBytes });
}

/** Batches with windows, labels and a result that failed; runs with verdict and checkpoint; all of it. */
export async function fillDevice(database: Database): Promise<void> {
  await keepSound(database, 'first', { label: 'murmur', group: 'p1', site: 'AV', side: 'training' });
  await keepSound(database, 'second', { label: null });
  await keepSound(database, 'x'.repeat(5000));
  await keepBatches(database);
  await keepModel(database, 'local:1', 1, 'replay');
  await keepModel(database, 'local:2', 2, 'replay');
  const models = createModelStore(database);
  await models.activate('local:1', 'bundled:tiny', AT);
  await models.activate('local:2', 'local:1', AT);
  await keepRuns(database);
}

async function keepBatches(database: Database): Promise<void> {
  const batches = createBatchStore(database);
  const truth = {
    recordings: [{ id: 'a.wav', label: 'normal', group: 'g', source: 'all', quality: 1 as const }],
    unmatched: [{ path: 'b.wav', reason: 'None.' }],
    missing: [],
    from: 'csv' as const,
    hasGroups: true,
    notes: ['A note.'],
  };
  await batches.create(fakeEntry('b1'), fakeFiles(['a.wav', 'Ä.wav', '__proto__'], { truth }));
  const windows = Array.from({ length: 100 }, (_, i) => ({
    startSec: 3 * i,
    endSec: 3 * i + 6,
    probabilities: { normal: i / 100, abnormal: 1 - i / 100 },
  }));
  const error = { code: 'too-short', message: 'It is too short.' };
  await batches.save(fakeEntry('b1'), [
    fakeStored(0, { windows }),
    fakeStored(2, { status: 'error', error, probabilities: {}, confidence: null, predictedClass: null }),
  ]);
  const names = Array.from({ length: 210 }, (_, i) => `${i}.wav`);
  const large = fakeEntry('b2', { total: 210, state: 'running' });
  await batches.create(large, fakeFiles(names));
  await batches.save(
    large,
    names.map((_, i) => fakeStored(i)),
  );
}

async function keepRuns(database: Database): Promise<void> {
  const runs = createRunStore(database);
  const items = Array.from({ length: 20 }, (_, i) => ({
    id: `v${i}`,
    label: i % 2 ? 'abnormal' : 'normal',
    group: `g${i}`,
    source: 'clinic',
    quality: null,
    probabilities: i % 3 ? [0.2, 0.8] : [0.7, 0.3],
    threshold: 0.5,
    inconclusive: false,
  }));
  const candidate = { labels: ['normal', 'abnormal'], items };
  const material = { candidate, active: candidate, fileNames: new Map<string, string>(), reference: null };
  const verdict = judgeCandidate(material, { resamples: 20 });
  await runs.create(fakeRunEntry('r1', { recommendation: 'keep' }), fakeRunDetails({ verdict }));
  const checkpoint = fakeCheckpoint(2);
  const best = { epoch: 1, loss: Infinity, weights: checkpoint.weights };
  const plateau = { ...checkpoint.plateau, bestLoss: Infinity };
  await runs.save(fakeRunEntry('r2', { state: 'running' }), fakeRunDetails({ isStopped: true }), {
    ...checkpoint,
    plateau,
    best,
    average: { sum: Float32Array.from([0.5, -0]), count: 1 },
  });
}

export function writeOptions(database: Database, values: KeptValues = new FakeValues()): WriteOptions {
  return {
    database,
    values,
    appVersion: '1.2.3',
    createdAt: AT,
    hash: hashBytes,
    pause: () => undefined,
    onProgress: () => undefined,
  };
}

export async function backUp(options: WriteOptions): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(writeBackup(options, () => undefined)).arrayBuffer());
}

export const readOptions: ReadOptions = {
  createInflater: () => new DecompressionStream('deflate-raw'),
  hash: hashBytes,
  quotaBytes: null,
  isDamaged: () => Promise.resolve(false),
};

export function sourceOf(bytes: Uint8Array<ArrayBuffer>): ByteSource {
  return { sizeBytes: bytes.length, read: (from, to) => Promise.resolve(bytes.slice(from, to)) };
}
