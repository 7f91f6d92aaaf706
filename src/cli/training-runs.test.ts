// A finished run is reused exactly while everything that decides its outcome is the same.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { LabelledRecording } from '../core/training/labels.ts';
import { planTraining } from '../core/training/plan.ts';
import { draftManifest } from '../core/training/recipe.ts';
import { carryOut, readOutcomes } from './cross-validate.ts';
import { reportRuns } from './training-report.ts';
import { crossValidationRuns, plannedRun, type RunOutcome, type RunPlan } from './training-runs.ts';

const recordings = Array.from({ length: 120 }, (_, i): LabelledRecording => ({
  id: `r${i}`,
  label: i % 3 === 0 ? 'abnormal' : 'normal',
  group: `g${Math.floor(i / 2)}`,
  source: i % 4 < 2 ? 'a' : 'b',
  quality: null,
}));

const plan: RunPlan = {
  recordings,
  seed: 1,
  epochs: 2,
  foldEpochs: undefined,
  batchSize: 16,
  from: null,
  contents: new Map(recordings.map(({ id }) => [id, `hash of ${id}`])),
};

const NOTHING = { from: null, replay: null, makesReplay: false };

const base = draftManifest(
  { id: 'base', name: 'Base', version: '1', createdAt: '2026-01-01T00:00:00.000Z' },
  ['normal', 'abnormal'],
  { dataset: 'made-up', nRecordings: 1, nGroups: 1, note: '' },
);

const outcomeOf = (run: { name: string; hash: string; testIds: string[] }): RunOutcome => ({
  schema: 'heartbeat-run/1',
  name: run.name,
  hash: run.hash,
  settings: crossValidationRuns(plan, true)[0]?.settings as RunOutcome['settings'],
  predictions: run.testIds.map((id) => ({ id, logits: [Number(id.slice(1)) % 3 === 0 ? 1 : -1] })),
  unreadable: [],
  history: [],
  bestEpoch: null,
  stopped: 'finished',
  backend: 'cpu',
  seconds: 1,
  judgement: { calibration: { kind: 'none' }, threshold: 0.5, inconclusiveBand: null },
  model: null,
});

describe('runs of a cross-validation', () => {
  const runs = crossValidationRuns(plan, true);

  it('are five folds, each source left out, and the model on everything', () => {
    expect(runs.map((run) => run.name)).toEqual([
      'fold-1',
      'fold-2',
      'fold-3',
      'fold-4',
      'fold-5',
      'unseen-a',
      'unseen-b',
      'final',
    ]);
    expect(runs.at(-1)?.trainIds.length).toBe(recordings.length);
    expect(crossValidationRuns(plan, false).map((run) => run.kind)).not.toContain('final');
  });

  it('have names of their own, also where sources differ only in what a file name cannot hold', () => {
    const alike = recordings.map((r) => ({ ...r, source: r.source === 'a' ? 'A b' : 'a-b' }));
    const names = crossValidationRuns({ ...plan, recordings: alike }, true).map((run) => run.name);
    expect(names.filter((name) => name.startsWith('unseen')).sort()).toEqual(['unseen-a-b', 'unseen-a-b-2']);
  });

  it('have the same hash for the same question, whatever the order of the recordings', () => {
    const hashes = (changed: Partial<RunPlan>) =>
      crossValidationRuns({ ...plan, ...changed }, true).map((r) => r.hash);
    const before = runs.map((run) => run.hash);
    expect(new Set(before).size).toBe(runs.length);
    expect(hashes({})).toEqual(before);
    expect(hashes({ seed: 2 })).not.toEqual(before);
    expect(hashes({ epochs: 3 })).not.toEqual(before);
    const from = (changed: Partial<ModelManifest>) => hashes({ from: { ...base, ...changed } });
    expect(from({})).not.toEqual(before);
    expect(from({ name: 'Another name', threshold: 0.3 })).toEqual(from({}));
    expect(from({ sha256: 'f'.repeat(64) })[0]).not.toBe(from({})[0]);
    expect(from({ window: { ...base.window, durationSec: 9 } })[0]).not.toBe(from({})[0]);
    expect(from({ features: { ...base.features, nMels: 9 } })[0]).not.toBe(from({})[0]);
    // Another sound under the same name, or one that can be read again.
    for (const contents of [new Map([...plan.contents, ['r7', 'other']]), new Map(plan.contents)]) {
      if (contents.get('r7') !== 'other') contents.delete('r7');
      expect(hashes({ contents }).every((hash, i) => hash !== before[i])).toBe(true);
    }
    // More passes for the folds leave the final model alone.
    expect(hashes({ foldEpochs: 5 }).at(-1)).toBe(before.at(-1));
    expect(hashes({ foldEpochs: 5 })[0]).not.toBe(before[0]);
    const relabelled = recordings.map((r, i) => (i === 0 ? { ...r, quality: 1 as const } : r));
    expect(hashes({ recordings: relabelled })).not.toEqual(before);
  });
});

describe('outcomes on disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'runs-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('are taken up when they fit, and left aside when old, damaged or missing', async () => {
    const runs = crossValidationRuns(plan, true);
    const [fits, old, damaged] = runs;
    if (!fits || !old || !damaged) throw new Error('runs expected');
    await writeFile(join(folder, `${fits.name}.json`), JSON.stringify(outcomeOf(fits)));
    await writeFile(join(folder, `${old.name}.json`), JSON.stringify({ ...outcomeOf(old), hash: 'other' }));
    await writeFile(join(folder, `${damaged.name}.json`), JSON.stringify(outcomeOf(damaged)).slice(0, 50));
    expect([...(await readOutcomes(folder, runs)).keys()]).toEqual([fits.name]);
  });
});

describe('recordings that could not be read', () => {
  it('are still told of when all runs are taken up from before', async () => {
    const runs = crossValidationRuns(plan, true);
    const unreadable = [{ id: 'r1', message: 'It is empty.' }];
    const done = new Map(
      runs.map((run, i) => [run.name, { ...outcomeOf(run), ...(i === 0 ? { unreadable } : {}) }]),
    );
    const result = await carryOut(runs, done, {
      material: { manifest: base, backend: 'cpu', recordings, files: new Map(), ...NOTHING },
      folder: tmpdir(),
      jobs: null,
      signal: new AbortController().signal,
      log: () => {},
    });
    expect([...result.unreadable]).toEqual([['r1', 'It is empty.']]);
    expect(result.outcomes.size).toBe(runs.length);
  });
});

// Thousands of resamples: about a second, more on a busy machine.
describe('report of finished runs', { timeout: 60_000 }, () => {
  it('judges every recording once from the folds, and each source as unseen', () => {
    const runs = crossValidationRuns(plan, true);
    const outcomes = new Map(runs.map((run) => [run.name, outcomeOf(run)]));
    const { metrics, judgement } = reportRuns({
      runs,
      outcomes,
      recordings,
      labels: ['normal', 'abnormal'],
      dataset: 'made-up',
      startedFrom: null,
      command: 'npm run train',
    });
    expect(metrics.n).toBe(recordings.length);
    expect(metrics.pooled.auroc.value).toBe(1);
    expect(Object.keys(metrics.leaveOneSourceOut?.perSource ?? {})).toEqual(['a', 'b']);
    expect(metrics.method).toMatchObject({
      kind: 'cross-validation',
      dataset: 'made-up',
      foldSettings: null,
    });
    expect(judgement.calibration.kind).toBe('platt');
    expect(metrics.method.description).toContain('The model that ships is trained on all recordings.');
  });

  it('speaks of no model where only the folds were trained', () => {
    const runs = crossValidationRuns(plan, false);
    const { metrics } = reportRuns({
      runs,
      outcomes: new Map(runs.map((run) => [run.name, outcomeOf(run)])),
      recordings,
      labels: ['normal', 'abnormal'],
      dataset: 'made-up',
      startedFrom: null,
      command: 'npm run train',
    });
    expect(metrics.method.description).not.toContain('ships');
  });

  it('judges the validation part alone after a planned training, as the run itself has calibrated', () => {
    const planned = planTraining(
      recordings.map((recording) => ({ ...recording, fileName: '', durationSec: 0, side: null })),
      { seed: 1, validationFraction: 0.2 },
    );
    const run = plannedRun(planned, 'last-blocks', { epochs: 3 });
    expect(run.testIds).toEqual(planned.validationIds);
    expect(run.settings.epochs).toBe(3);
    const calibration = { kind: 'platt', slope: 1, intercept: -2 } as const;
    const told = { calibration, threshold: 0.2, inconclusiveBand: null };
    const { metrics, judgement } = reportRuns({
      runs: [run],
      outcomes: new Map([[run.name, { ...outcomeOf(run), judgement: told }]]),
      recordings,
      labels: ['normal', 'abnormal'],
      dataset: 'made-up',
      startedFrom: 'heartbeat-cnn',
      command: 'npm run train',
    });
    expect(metrics.n).toBe(run.testIds.length);
    expect(metrics.method.kind).toBe('validation-split');
    expect(metrics.method.description).toContain('The last layers of heartbeat-cnn were trained further.');
    expect(judgement).toEqual(told);
    // Logits of ±1 are .27 and .05 then: at a cut of .2 all are right, at the usual one none of the abnormal were.
    expect(metrics.pooled.accuracy.value).toBe(1);
  });
});
