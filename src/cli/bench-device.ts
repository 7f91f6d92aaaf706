// A device full of recordings and results for the bench of backups, put into the database of the page by hand: how they
// came there is not what is measured. Imports Playwright's types.

import type { Page } from 'playwright';

export interface DeviceSize {
  /** Of the collection, and the bytes of each. */
  recordings: number;
  recordingBytes: number;
  /** Of one batch. */
  results: number;
}

/** A record, its store, and its key where it has none of its own. */
type Put = readonly [store: string, value: unknown, key?: string];

const PUT_AT_ONCE = 100;
const AT = '2026-01-01T00:00:00.000Z';
const ZEROS = '0'.repeat(64);
const BATCH_ID = 'bench';
const MODEL = { id: 'bench', version: '1.0.0', sha256: ZEROS };
const PROBABILITIES = { normal: 0.75, abnormal: 0.25 };
const QUALITY = {
  verdict: 'good',
  reasons: [],
  rms: 0.1,
  clippedFraction: 0,
  periodicity: 0.8,
  signalToNoiseDb: 20,
};

/** Puts them beside what is there. */
export async function fillDevice(page: Page, size: DeviceSize): Promise<void> {
  await page.evaluate(putRecordings, [size.recordings, size.recordingBytes, recordingOf(size)] as const);
  const puts = [...batchOf(size), ...Array.from({ length: size.results }, (_, index) => resultOf(index))];
  for (let from = 0; from < puts.length; from += PUT_AT_ONCE)
    await page.evaluate(putAll, puts.slice(from, from + PUT_AT_ONCE));
}

/** Empties every store. */
export async function emptyDevice(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const opening = indexedDB.open('heartbeat');
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const db = opening.result;
    const transaction = db.transaction([...db.objectStoreNames], 'readwrite');
    for (const name of db.objectStoreNames) transaction.objectStore(name).clear();
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    db.close();
  });
}

const nameOf = (index: number): string => `ward/recording-${String(index)}.wav`;

/** All but what follows from its bytes. */
function recordingOf({ recordingBytes }: DeviceSize): object {
  return {
    sizeBytes: recordingBytes,
    addedAt: AT,
    label: 'normal',
    group: 'patient',
    source: 'ward',
    site: null,
    side: null,
    // As many as 20 s of sound have.
    fingerprint: Uint32Array.from({ length: 625 }, (_, i) => i * 65_599),
    durationSec: 20,
    sampleRateHz: 8000,
    quality: QUALITY,
    heartRateBpm: 70,
  };
}

function batchOf({ results, recordingBytes }: DeviceSize): Put[] {
  const names = Array.from({ length: results }, (_, index) => nameOf(index));
  const recordings = names.map((id) => ({ id, label: 'normal', group: id, source: 'ward', quality: null }));
  const truth = { recordings, unmatched: [], missing: [], from: 'folders', hasGroups: false, notes: [] };
  const sizesBytes = new Float64Array(results).fill(recordingBytes);
  const entry = {
    id: BATCH_ID,
    title: 'ward',
    createdAt: AT,
    updatedAt: AT,
    state: 'done',
    model: { ...MODEL, name: 'Bench' },
    judgement: { labels: Object.keys(PROBABILITIES), threshold: 0.5, inconclusiveBand: null },
    threshold: 0.5,
    total: results,
    nLabelled: results,
    counts: { ok: results, inconclusive: 0, error: 0, perClass: { normal: results } },
    soundSec: 20 * results,
  };
  return [
    ['batches', entry],
    ['batch-files', { names, sizesBytes, skipped: [], truth, handles: [] }, BATCH_ID],
    ['batch-names', { id: BATCH_ID, names: names.map((name) => `${name}\0`).join('') }],
  ];
}

function resultOf(index: number): Put {
  const result = {
    fileName: nameOf(index),
    sha256: ZEROS,
    status: 'ok',
    inconclusiveReasons: [],
    predictedClass: 'normal',
    confidence: 0.75,
    probabilities: PROBABILITIES,
    threshold: 0.5,
    durationSec: 20,
    sampleRateHz: 8000,
    quality: QUALITY,
    heartRateBpm: 70,
    windows: [0, 3, 6, 9, 12, 15].map((startSec) => ({
      startSec,
      endSec: startSec + 5,
      probabilities: PROBABILITIES,
    })),
    model: MODEL,
    pipelineVersion: 1,
    backend: 'wasm',
    backendReason: null,
    processingMs: { decode: 1, features: 1, inference: 1, total: 3 },
    timestamp: AT,
    appVersion: '0.1.0',
    error: null,
  };
  return ['batch-results', { batchId: BATCH_ID, index, result }];
}

// What follows runs in the page: nothing of this side is known there.

async function putAll(puts: readonly Put[]): Promise<void> {
  const opening = indexedDB.open('heartbeat');
  await new Promise((resolve) => (opening.onsuccess = resolve));
  const db = opening.result;
  const transaction = db.transaction([...db.objectStoreNames], 'readwrite');
  for (const [store, value, key] of puts) transaction.objectStore(store).put(value, key);
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = reject;
  });
  db.close();
}

/** Noise, each recording another. */
async function putRecordings([n, sizeBytes, record]: readonly [number, number, object]): Promise<void> {
  const opening = indexedDB.open('heartbeat');
  await new Promise((resolve) => (opening.onsuccess = resolve));
  const db = opening.result;
  const bytes = new Uint8Array(sizeBytes);
  for (let from = 0; from < sizeBytes; from += 65_536)
    crypto.getRandomValues(bytes.subarray(from, from + 65_536));
  for (let i = 0; i < n; i++) {
    new DataView(bytes.buffer).setUint32(0, i);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const id = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const transaction = db.transaction(['recordings', 'recording-bytes'], 'readwrite');
    const fileName = `ward/recording-${String(i)}.wav`;
    transaction.objectStore('recordings').put({ ...record, id, soundSha256: id, fileName });
    transaction.objectStore('recording-bytes').put(bytes.buffer, id);
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = reject;
    });
  }
  db.close();
}
