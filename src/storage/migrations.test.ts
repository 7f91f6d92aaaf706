// Every version of the database that people may have, built as it was shipped and filled by hand, then opened by
// today's program: all of it is there, and can be used. The steps and the records below are copies on purpose: they
// are what lies on somebody's device, whatever the program has become. A new version adds an entry to SHIPPED.
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test } from 'vitest';
import { settle } from './backup-swap.ts';
import { createBatchStore } from './batch-store.ts';
import { createCollectionStore } from './collection-store.ts';
import { Database, MIGRATIONS } from './db.ts';
import { createModelStore } from './model-store.ts';
import { createRunStore } from './run-store.ts';

const NAME = 'heartbeat';

/** What a version added to the one before it. */
interface ShippedVersion {
  /** As it was shipped. */
  upgrade: (db: IDBDatabase) => void;
  /** One record at least for each store that it added, as its program wrote them: [store, value, key]. */
  records: readonly (readonly [store: string, value: unknown, key?: string])[];
  /** All of these records are there for today's program, and what it does with them works. */
  isWhole: (database: Database) => Promise<void>;
}

const HASH = 'ab'.repeat(32);
const WEIGHTS = 'cd'.repeat(32);

const RESULT = {
  fileName: 'ward/Ärztin 7.wav',
  sha256: HASH,
  status: 'ok',
  inconclusiveReasons: [],
  predictedClass: 'abnormal',
  confidence: 0.82,
  probabilities: { normal: 0.11, abnormal: 0.89 },
  threshold: 0.41,
  durationSec: 12.5,
  sampleRateHz: 2000,
  quality: {
    verdict: 'fair',
    reasons: ['noisy'],
    rms: 0.05,
    clippedFraction: 0.001,
    periodicity: 0.61,
    signalToNoiseDb: 9.5,
  },
  heartRateBpm: 71,
  windows: [{ startSec: 0, endSec: 5, probabilities: { normal: 0.2, abnormal: 0.8 } }],
  model: { id: 'heartbeat-cnn', version: '1.0.0', sha256: WEIGHTS },
  pipelineVersion: 1,
  backend: 'wasm',
  backendReason: 'wasm: fastest that passes.',
  processingMs: { decode: 2, features: 9, inference: 30, total: 41 },
  timestamp: '2026-02-03T04:05:06.007Z',
  appVersion: '0.3.0',
  error: null,
};

const BATCH_ID = '2026-02-03T04:05:06.000Z-0001';
const BATCH = {
  id: BATCH_ID,
  title: 'ward',
  createdAt: '2026-02-03T04:05:06.000Z',
  updatedAt: '2026-02-03T04:06:06.000Z',
  state: 'done',
  model: { id: 'heartbeat-cnn', version: '1.0.0', sha256: WEIGHTS, name: 'CNN' },
  judgement: { labels: ['normal', 'abnormal'], threshold: 0.41, inconclusiveBand: null },
  threshold: 0.41,
  total: 2,
  nLabelled: 1,
  counts: { ok: 2, inconclusive: 0, error: 0, perClass: { abnormal: 2 } },
  soundSec: 25,
};
const BATCH_FILES = {
  names: ['ward/Ärztin 7.wav', 'ward/8.wav'],
  sizesBytes: Float64Array.of(50_044, 50_044),
  skipped: [{ fileName: 'ward/notes.txt', reason: 'It is not a sound file.' }],
  truth: {
    recordings: [{ id: 'ward/8.wav', label: 'abnormal', group: 'ward/8.wav', source: 'all', quality: null }],
    unmatched: [],
    missing: [],
    from: 'csv',
    hasGroups: false,
    notes: [],
  },
  handles: [],
};

const version1: ShippedVersion = {
  upgrade(db) {
    db.createObjectStore('batches', { keyPath: 'id' });
    db.createObjectStore('batch-files');
    db.createObjectStore('batch-names', { keyPath: 'id' });
    db.createObjectStore('batch-results', { keyPath: ['batchId', 'index'] });
  },
  records: [
    ['batches', BATCH],
    ['batch-files', BATCH_FILES, BATCH_ID],
    ['batch-names', { id: BATCH_ID, names: 'ward/ärztin 7.wav\0ward/8.wav\0' }],
    ['batch-results', { batchId: BATCH_ID, index: 0, result: RESULT }],
    ['batch-results', { batchId: BATCH_ID, index: 1, result: { ...RESULT, fileName: 'ward/8.wav' } }],
  ],
  async isWhole(database) {
    const store = createBatchStore(database);
    expect(await store.list()).toEqual([BATCH]);
    expect(await store.read(BATCH_ID)).toEqual({ entry: BATCH, files: BATCH_FILES });
    expect(await store.readResult(BATCH_ID, 0)).toEqual(RESULT);
    const results = [];
    for await (const portion of store.readResults(BATCH_ID)) results.push(...portion);
    expect(results.map(({ index, result }) => [index, result.fileName])).toEqual([
      [0, 'ward/Ärztin 7.wav'],
      [1, 'ward/8.wav'],
    ]);
    expect(await store.search('8.WAV')).toEqual([{ id: BATCH_ID, nMatches: 1 }]);
    const [entry] = await store.list();
    expect(await store.save({ ...entry!, threshold: 0.5 }, [])).toBe(true);
    expect(await store.list()).toEqual([{ ...BATCH, threshold: 0.5 }]);
    await store.remove([BATCH_ID]);
    expect(await store.readResult(BATCH_ID, 1)).toBeNull();
  },
};

const RECORDING = {
  id: HASH,
  fileName: 'ward/AS/p7.wav',
  sizeBytes: 4,
  addedAt: '2026-03-04T05:06:07.000Z',
  label: 'AS',
  group: 'p7',
  source: 'ward 3',
  site: 'aortic',
  side: 'train',
  soundSha256: 'ef'.repeat(32),
  fingerprint: Uint32Array.of(7, 8, 9),
  durationSec: 12.5,
  sampleRateHz: 2000,
  quality: RESULT.quality,
  heartRateBpm: 64,
};
const SOUND = Uint8Array.of(82, 73, 70, 70).buffer;

const MODEL_KEY = 'local:2026-03-04T06:00:00.000Z-0002';
const MODEL = {
  key: MODEL_KEY,
  origin: 'trained',
  name: 'Ward 3',
  manifest: { schema: 'heartbeat-model/1', id: 'ward-3', labels: ['normal', 'AS'], sha256: WEIGHTS },
  metrics: { schema: 'heartbeat-evaluation/1' },
  card: '# Ward 3\n',
  golden: { schema: 'heartbeat-golden/1', inputShape: [1, 1, 1], windows: [{ seed: 1, logits: [0.5] }] },
  parentKey: 'bundled:heartbeat-cnn',
  runId: '2026-03-04T05:30:00.000Z-0003',
  heard: { trained: [HASH], watched: [], judged: [] },
  hasPassedComparison: true,
  replaySha256: '01'.repeat(32),
  createdAt: '2026-03-04T06:00:00.000Z',
};
const TOPOLOGY = { modelTopology: { class_name: 'Model' }, weightsManifest: [] };
const ACTIVE = {
  key: MODEL_KEY,
  since: '2026-03-04T06:01:00.000Z',
  previous: [
    { key: 'bundled:heartbeat-cnn', since: '2026-02-01T00:00:00.000Z', until: '2026-03-04T06:01:00.000Z' },
  ],
};

const RUN_ID = '2026-03-05T05:30:00.000Z-0004';
const RUN = {
  id: RUN_ID,
  createdAt: '2026-03-05T05:30:00.000Z',
  updatedAt: '2026-03-05T05:31:00.000Z',
  state: 'running',
  way: 'head',
  baseKey: MODEL_KEY,
  activeKey: MODEL_KEY,
  labels: ['normal', 'AS'],
  nTraining: 1,
  nWatched: 0,
  nValidation: 0,
  epochsDone: 1,
  epochs: 40,
  backend: 'wasm',
  modelKey: null,
  recommendation: null,
  decision: null,
  error: null,
};
const RUN_DETAILS = {
  settings: { epochs: 40, batchSize: 32, learningRate: 0.003, seed: 1 },
  plan: { seed: 1, labels: ['normal', 'AS'], recordings: [{ id: HASH, label: 'AS' }], trainIds: [HASH] },
  withReplay: true,
  history: [{ epoch: 1, loss: 0.6 }],
  bestEpoch: null,
  verdict: null,
  log: [{ at: '2026-03-05T05:30:00.000Z', text: 'Begun from Ward 3.' }],
};
const CHECKPOINT = {
  run: HASH,
  epoch: 1,
  randomState: 99,
  weights: { 'dense/kernel': Float32Array.of(1, 2, 3) },
  optimizer: { step: 4, first: Float32Array.of(0.1), second: Float32Array.of(0.2) },
  plateau: { best: 0.6, wait: 0, learningRate: 0.003 },
  average: null,
  best: null,
  history: [{ epoch: 1, loss: 0.6 }],
};

const version2: ShippedVersion = {
  upgrade(db) {
    db.createObjectStore('recordings', { keyPath: 'id' });
    db.createObjectStore('recording-bytes');
    db.createObjectStore('models', { keyPath: 'key' });
    db.createObjectStore('model-topologies');
    db.createObjectStore('model-blobs');
    db.createObjectStore('active-model');
    db.createObjectStore('runs', { keyPath: 'id' });
    db.createObjectStore('run-details');
    db.createObjectStore('checkpoints');
  },
  records: [
    ['recordings', RECORDING],
    ['recording-bytes', SOUND, HASH],
    ['models', MODEL],
    ['model-topologies', TOPOLOGY, MODEL_KEY],
    ['model-blobs', Float32Array.of(1, 2, 3).buffer, WEIGHTS],
    ['model-blobs', Uint8Array.of(7).buffer, MODEL.replaySha256],
    ['active-model', ACTIVE, 'current'],
    ['runs', RUN],
    ['run-details', RUN_DETAILS, RUN_ID],
    ['checkpoints', CHECKPOINT, RUN_ID],
  ],
  async isWhole(database) {
    const collection = createCollectionStore(database);
    expect(await collection.list()).toEqual([RECORDING]);
    expect(await collection.readBytes(HASH)).toEqual(SOUND);
    await collection.update([HASH], { label: 'MR' });
    expect(await collection.list()).toEqual([{ ...RECORDING, label: 'MR' }]);

    const models = createModelStore(database);
    expect(await models.list()).toEqual([MODEL]);
    expect(await models.read(MODEL_KEY)).toEqual({
      model: MODEL,
      parts: {
        modelJson: TOPOLOGY,
        weights: Float32Array.of(1, 2, 3).buffer,
        replay: Uint8Array.of(7).buffer,
      },
    });
    expect(await models.active()).toEqual(ACTIVE);
    const active = await models.activate('bundled:heartbeat-cnn', MODEL_KEY, '2026-04-01T00:00:00.000Z');
    expect(active.previous[0]?.key).toBe(MODEL_KEY);
    await models.remove(MODEL_KEY);
    expect(await models.list()).toEqual([]);

    const runs = createRunStore(database);
    expect(await runs.list()).toEqual([RUN]);
    expect(await runs.read(RUN_ID)).toEqual({ entry: RUN, details: RUN_DETAILS });
    expect(await runs.readCheckpoint(RUN_ID)).toEqual(CHECKPOINT);
    const found = await runs.read(RUN_ID);
    await runs.save({ ...found!.entry, state: 'cancelled' }, found!.details, null);
    expect(await runs.readCheckpoint(RUN_ID)).toBeNull();
  },
};

const version3: ShippedVersion = {
  upgrade(db) {
    db.createObjectStore('restoring', { autoIncrement: true });
  },
  records: [['restoring', { kind: 'recordings', records: [{ ...RECORDING, id: WEIGHTS }] }]],
  async isWhole(database) {
    // Of a restore that was broken off nothing is left.
    expect(await settle(database)).toBeNull();
    expect(await database.read((db) => db.count('restoring'))).toBe(0);
  },
};

/** In order: the first is version 1. */
const SHIPPED: readonly ShippedVersion[] = [version1, version2, version3];

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

test('every version of the database is tested here', () => {
  expect(SHIPPED).toHaveLength(MIGRATIONS.length);
});

describe.each(SHIPPED.map((_, i) => i + 1))('version %i as it was shipped', (version) => {
  const shipped = SHIPPED.slice(0, version);

  test('has a record in every store', () => {
    const added = new Set(shipped.flatMap(({ records }) => records.map(([store]) => store)));
    return withShipped(shipped, (db) => expect([...added].sort()).toEqual([...db.objectStoreNames]));
  });

  test('is what the steps of today make of nothing', async () => {
    const then = await withShipped(shipped, schemaOf);
    globalThis.indexedDB = new IDBFactory();
    await new Database(MIGRATIONS.slice(0, version)).open();
    expect(await connected(schemaOf)).toEqual(then);
  });

  test('opens in the program of today: everything is there and can be used', async () => {
    await withShipped(shipped, () => undefined);
    const database = new Database();
    for (const { isWhole } of shipped) await isWhole(database);
    expect(await connected(({ version: now }) => now)).toBe(MIGRATIONS.length);
  });

  test('has all that today’s program needs: what came later works as on a new device', async () => {
    await withShipped(shipped, () => undefined);
    const fresh = await new Database().open().then(() => connected(schemaOf));
    globalThis.indexedDB = new IDBFactory();
    await new Database().open();
    expect(await connected(schemaOf)).toEqual(fresh);
  });
});

/** Builds a database as those versions did, fills it, and looks at it before it is closed. */
async function withShipped<T>(
  versions: readonly ShippedVersion[],
  look: (db: IDBDatabase) => T,
): Promise<Awaited<T>> {
  return await connected(async (db) => {
    const transaction = db.transaction([...db.objectStoreNames], 'readwrite');
    for (const [store, value, key] of versions.flatMap(({ records }) => records))
      transaction.objectStore(store).put(value, key);
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = reject;
    });
    return await look(db);
  }, versions);
}

/** Over a connection of our own, which is closed afterwards. @param versions to build it by; none: as it is */
async function connected<T>(
  look: (db: IDBDatabase) => T,
  versions: readonly ShippedVersion[] = [],
): Promise<Awaited<T>> {
  const request = indexedDB.open(NAME, versions.length || undefined);
  request.onupgradeneeded = ({ oldVersion }) => {
    for (const { upgrade } of versions.slice(oldVersion)) upgrade(request.result);
  };
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  try {
    return await look(db);
  } finally {
    db.close();
  }
}

/** Stores with how their records are keyed, and their indices. */
function schemaOf(db: IDBDatabase): unknown[] {
  return [...db.objectStoreNames].map((name) => {
    const { keyPath, autoIncrement, indexNames } = db.transaction(name).objectStore(name);
    return { name, keyPath, autoIncrement, indices: [...indexNames] };
  });
}
