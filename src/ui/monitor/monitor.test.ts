// What the Monitor page makes of runs, models and answers before it draws them.
import { describe, expect, test } from 'vitest';
import { MANIFEST } from '../../state/fakes.ts';
import { fakeRunEntry } from '../../state/run-fakes.ts';
import type { RecentAnswer } from '../../state/usage.ts';
import { runOutcome } from './run-outcome.ts';
import { hasScores, scoreDrift, scoresOf } from './score-drift.ts';
import { versionRows } from './version-rows.ts';

describe('what became of a run', () => {
  test('without an end it is under way where some tab trains it, else broken off', () => {
    const entry = fakeRunEntry('1', { state: 'running', epochsDone: 4 });
    expect(runOutcome(entry, true)).toMatchObject({ look: 'going', goTo: 'train' });
    expect(runOutcome(entry, false).note).toContain('after epoch 4');
    expect(runOutcome({ ...entry, epochsDone: 0 }, false).note).toContain('begin again');
  });

  test('judged and not decided it leads to the decision, decided to its model', () => {
    const judged = fakeRunEntry('1', { recommendation: 'promote', modelKey: 'local:1' });
    expect(runOutcome(judged, false)).toMatchObject({ decision: 'not decided', goTo: 'train' });
    expect(runOutcome({ ...judged, decision: 'kept' }, false).goTo).toBe('model');
    expect(runOutcome({ ...judged, decision: 'promoted', modelKey: null }, false).goTo).toBeNull();
  });

  test('cancelled there is nothing to do, failed there may be', () => {
    expect(runOutcome(fakeRunEntry('1', { state: 'cancelled' }), false).goTo).toBeNull();
    expect(runOutcome(fakeRunEntry('1', { state: 'failed' }), false)).toMatchObject({
      look: 'failed',
      goTo: 'train',
    });
  });
});

describe('models over time', () => {
  const model = (key: string, createdAt: string, metrics: unknown) => ({
    key,
    name: key,
    createdAt,
    metrics,
    manifest: MANIFEST,
  });
  const auroc = { value: 0.9, low: 0.8, high: 0.95, n: 50 };

  test('newest first, the active one marked, with the figures that are there', () => {
    const metrics = { schema: 'heartbeat-evaluation/1', pooled: { n: 50, auroc, meanAccuracy: auroc } };
    const rows = versionRows([model('a', '2026-01-01', null), model('b', '2026-02-01', metrics)], 'a');
    expect(rows.map(({ key, isActive, n }) => [key, isActive, n])).toEqual([
      ['b', false, 50],
      ['a', true, null],
    ]);
    expect(rows[0]?.auroc).toEqual(auroc);
  });

  test('figures of a stranger are not believed', () => {
    for (const metrics of [
      'nonsense',
      { schema: 'heartbeat-evaluation/1' },
      {
        schema: 'heartbeat-evaluation/1',
        pooled: { n: '9', auroc: { value: 'x', n: 3 }, meanAccuracy: null },
      },
    ])
      expect(versionRows([model('a', '2026-01-01', metrics)], null)[0]).toMatchObject({
        n: null,
        auroc: null,
        meanAccuracy: null,
      });
  });
});

describe('scores against the evaluation', () => {
  const bins = [60, 20, 10, 5, 5].map((n, k) => ({ low: k / 5, high: (k + 1) / 5, n }));
  const metrics = { schema: 'heartbeat-evaluation/1', calibration: { bins } };
  const answer = (probability: number | null, modelSha256 = 'mine'): RecentAnswer => ({
    status: 'ok',
    backend: 'wasm',
    modelSha256,
    processingMs: { decode: 0, features: 0, inference: 0, total: 0 },
    probability,
  });

  test('are those of the model in use', () => {
    expect(scoresOf([answer(0.1), answer(null), answer(0.2, 'other')], 'mine')).toEqual([0.1]);
  });

  test('of the same shape are no drift, all at the other end are', () => {
    const alike = bins.flatMap(({ low, n }) => new Array<number>(n / 5).fill(low + 0.1));
    expect(scoreDrift(alike, metrics)).toMatchObject({ hasDrifted: false, nNow: 20, nEvaluation: 100 });
    const elsewhere = new Array<number>(40).fill(0.95);
    expect(scoreDrift(elsewhere, metrics)).toMatchObject({ hasDrifted: true, distance: 0.95 });
    expect(scoreDrift(elsewhere, metrics)?.bins.at(-1)).toMatchObject({ now: 1, evaluation: 0.05 });
  });

  test('have nothing to be compared with where there is no evaluation of two classes', () => {
    expect([hasScores(metrics), hasScores(null), hasScores({ ...metrics, calibration: null })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(scoreDrift([0.5], null)).toBeNull();
  });
});
