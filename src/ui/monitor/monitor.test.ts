// What the Monitor page makes of runs, models and answers before it draws them.
import { HEARD_NOTHING } from '../../core/training/heard.ts';
import { describe, expect, test } from 'vitest';
import type { EvaluationItem } from '../../core/training/answers.ts';
import { evaluate, type EvaluationReport } from '../../core/training/evaluate.ts';
import { MANIFEST } from '../../state/fakes.ts';
import type { RegisteredModel } from '../../state/registered-model.ts';
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

/** Answers of a made-up model about as many recordings, at these probabilities of the second class. */
function evaluationOf(probabilities: readonly number[]): EvaluationReport {
  const items = probabilities.map((p, i): EvaluationItem => ({
    id: `r${i}`,
    label: MANIFEST.labels[i % 2] ?? '',
    group: `g${i}`,
    source: 'clinic',
    quality: null,
    probabilities: [1 - p, p],
    threshold: 0.5,
    inconclusive: false,
  }));
  return evaluate(items, { labels: MANIFEST.labels, resamples: 10 });
}

describe('models over time', () => {
  const model = (key: string, createdAt: string, metrics: unknown): RegisteredModel => ({
    key,
    origin: 'trained',
    name: key,
    manifest: MANIFEST,
    metrics,
    card: '',
    golden: null,
    parentKey: null,
    runId: null,
    heard: HEARD_NOTHING,
    hasPassedComparison: false,
    createdAt,
  });

  test('newest first, the active one marked, with the figures that are there', () => {
    const metrics = evaluationOf([0.1, 0.9, 0.2, 0.8]);
    const rows = versionRows([model('a', '2026-01-01', null), model('b', '2026-02-01', metrics)], 'a');
    expect(rows.map((row) => [row.model.key, row.isActive, row.figures?.n])).toEqual([
      ['b', false, 4],
      ['a', true, undefined],
    ]);
    expect(rows[0]?.figures?.auroc.value).toBe(1);
  });
});

describe('scores against the evaluation', () => {
  /** Fifty in the lowest tenth, thirty in the fourth, twenty in the last. */
  const spread = [
    ...new Array<number>(50).fill(0.05),
    ...new Array<number>(30).fill(0.35),
    ...new Array<number>(20).fill(0.95),
  ];
  const metrics = evaluationOf(spread);
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
    const alike = spread.filter((_, i) => i % 5 === 0);
    expect(scoreDrift(alike, metrics)).toMatchObject({ hasDrifted: false, nNow: 20, nEvaluation: 100 });
    const elsewhere = new Array<number>(40).fill(0.95);
    expect(scoreDrift(elsewhere, metrics)).toMatchObject({ hasDrifted: true, distance: 0.8 });
    expect(scoreDrift(elsewhere, metrics)?.bins.at(-1)).toMatchObject({ now: 1, evaluation: 0.2 });
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
