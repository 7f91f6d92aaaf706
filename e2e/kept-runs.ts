// Training runs and predictions as an earlier visit would have left them, written into the database as
// src/storage/db.ts documents it: a page that shows what was kept needs something kept, and training takes long.

import type { Page } from 'playwright/test';
import type { ModelManifest } from '../src/core/model/manifest.ts';
import { Random } from '../src/core/random.ts';
import { blankResult } from '../src/core/report/blank-result.ts';
import type { EvaluationItem } from '../src/core/training/answers.ts';
import type { PlannedRecording } from '../src/core/training/plan.ts';
import { judgeCandidate, type Verdict } from '../src/core/training/verdict.ts';
import type { RecordingResult } from '../src/core/types.ts';
import type { BatchEntry } from '../src/storage/batch-record.ts';
import type { RunDetails, RunEntry } from '../src/storage/run-record.ts';

const N_RECORDINGS = 60;
const EPOCHS = 12;

export interface KeptRun {
  entry: RunEntry;
  details: RunDetails;
}

/** A finished run with curves, a verdict and a log; `change` makes another of it. */
export function keptRun(id: string, change: Partial<RunEntry> = {}): KeptRun {
  const labels = change.labels ?? ['normal', 'abnormal'];
  const epochsDone = change.epochsDone ?? EPOCHS;
  const entry: RunEntry = {
    id,
    createdAt: '2026-03-28T13:05:00.000Z',
    updatedAt: '2026-03-28T13:25:00.000Z',
    state: 'finished',
    way: 'head',
    baseKey: 'bundled:heartbeat-cnn',
    activeKey: 'bundled:heartbeat-cnn',
    nTraining: 36,
    nWatched: 12,
    nValidation: 12,
    epochs: EPOCHS,
    backend: 'wasm',
    modelKey: null,
    recommendation: 'promote',
    decision: null,
    error: null,
    ...change,
    labels,
    epochsDone,
  };
  return { entry, details: detailsOf(entry) };
}

function detailsOf({ labels, epochsDone, recommendation, way }: RunEntry): RunDetails {
  const recordings = Array.from({ length: N_RECORDINGS }, (_, i): PlannedRecording => ({
    id: `r${i}`,
    fileName: `recording-${i}.wav`,
    label: labels[i % labels.length] ?? '',
    group: `p${Math.floor(i / 2)}`,
    source: 'clinic',
    quality: 1,
    durationSec: 12,
    side: null,
  }));
  const ids = recordings.map(({ id }) => id);
  return {
    settings: {
      epochs: EPOCHS,
      batchSize: 32,
      stepsPerEpoch: 20,
      learningRate: 0.003,
      weightDecay: 0.01,
      schedule: 'plateau',
      earlyStoppingPatience: 8,
      plateauPatience: 3,
      averageLastEpochs: 0,
      balance: 'class',
      augment: way !== 'head',
      seed: 1,
    },
    plan: {
      seed: 1,
      validationFraction: 0.2,
      labels,
      recordings,
      trainIds: ids.slice(0, 36),
      watchIds: ids.slice(36, 48),
      validationIds: ids.slice(48),
      notes: [{ kind: 'warn', text: 'Few patients judge: the verdict will say little.' }],
    },
    withReplay: true,
    history: Array.from({ length: epochsDone }, (_, i) => ({
      epoch: i + 1,
      learningRate: 0.003,
      loss: 0.7 / (1 + i / 3),
      accuracy: 0.6 + i / 40,
      auroc: 0.65 + i / 45,
      watchLoss: 0.75 / (1 + i / 6),
      validationLoss: 0.72 / (1 + i / 5),
      validationAccuracy: 0.6 + i / 60,
      validationAuroc: 0.7 + i / 80,
      seconds: 2,
    })),
    bestEpoch: epochsDone === 0 ? null : epochsDone,
    verdict: recommendation === null ? null : verdictOf(labels, recommendation),
    log: [
      { at: '2026-03-28T13:05:00.000Z', text: 'Begun on WASM.' },
      { at: '2026-03-28T13:25:00.000Z', text: 'Ended.' },
    ],
  };
}

/** Right in most cases, and nothing to compare with. */
function verdictOf(labels: string[], recommendation: Verdict['recommendation']): Verdict {
  const random = new Random(3);
  const items = Array.from({ length: 90 }, (_, i): EvaluationItem => {
    const truth = i % labels.length;
    const scores = labels.map((_label, k) => random.uniform() + (k === truth ? 0.6 : 0));
    const sum = scores.reduce((total, score) => total + score, 0);
    return {
      id: `v${i}`,
      label: labels[truth] ?? '',
      group: `g${i}`,
      source: 'clinic',
      quality: 1,
      probabilities: scores.map((score) => score / sum),
      threshold: 0.5,
      inconclusive: false,
    };
  });
  const material = { candidate: { labels, items }, active: null, fileNames: new Map(), reference: null };
  return { ...judgeCandidate(material, { resamples: 50 }), recommendation };
}

/** Puts runs into the database of a page that has opened it. */
export async function keepRuns(page: Page, runs: readonly KeptRun[]): Promise<void> {
  await put(
    page,
    'runs',
    runs.map(({ entry }) => [entry]),
  );
  await put(
    page,
    'run-details',
    runs.map(({ entry, details }) => [details, entry.id]),
  );
}

/**
 * A batch of yesterday's answers by a model, one for each probability of the second of its two classes.
 * @param total milliseconds that each took
 */
export async function keepAnswers(
  page: Page,
  manifest: ModelManifest,
  probabilities: readonly number[],
  total: number,
): Promise<void> {
  const createdAt = new Date(Date.now() - 86_400_000).toISOString();
  const { id, name, version, sha256, labels, threshold } = manifest;
  const [negative = '', positive = ''] = labels;
  const nPositive = probabilities.filter((p) => p >= threshold).length;
  const entry: BatchEntry = {
    id: createdAt,
    title: 'ward',
    createdAt,
    updatedAt: createdAt,
    state: 'done',
    model: { id, name, version, sha256 },
    judgement: { labels, threshold, inconclusiveBand: null },
    threshold,
    total: probabilities.length,
    nLabelled: 0,
    counts: {
      ok: probabilities.length,
      inconclusive: 0,
      error: 0,
      perClass: { [negative]: probabilities.length - nPositive, [positive]: nPositive },
    },
    soundSec: 10 * probabilities.length,
  };
  const origin = { threshold: null, appVersion: '0', timestamp: createdAt };
  const results = probabilities.map((p, i): RecordingResult => ({
    ...blankResult({ ...origin, fileName: `${i}.wav`, backend: { name: 'webgl', reason: '' } }, manifest),
    status: 'ok',
    predictedClass: p >= threshold ? positive : negative,
    probabilities: { [negative]: 1 - p, [positive]: p },
    processingMs: { decode: 0, features: 0, inference: total, total },
  }));
  await put(page, 'batches', [[entry]]);
  await put(
    page,
    'batch-results',
    results.map((result, index) => [{ batchId: entry.id, index, result }]),
  );
}

async function put(page: Page, store: string, records: unknown[][]): Promise<void> {
  await page.evaluate(
    async ([name, values]) => {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open('heartbeat');
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const transaction = db.transaction(name, 'readwrite');
      for (const [value, key] of values)
        transaction.objectStore(name).put(value, key as IDBValidKey | undefined);
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onerror = () => reject(transaction.error);
      });
      db.close();
    },
    [store, records] as const,
  );
}
