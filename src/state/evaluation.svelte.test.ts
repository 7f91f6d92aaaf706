// Figures follow the batch: when it is done, when the threshold has come to rest, never from a batch that is gone.

import { describe, expect, it } from 'vitest';
import { AppError } from '../core/errors.ts';
import { AnswerSet } from '../core/training/answers.ts';
import { recordingsText } from '../core/training/evaluation-document.ts';
import { evaluate } from '../core/training/evaluate.ts';
import type { LabelReading } from '../core/training/labels.ts';
import type { EvaluationAnswer, EvaluationItem } from '../rpc/protocol.ts';
import type { BatchRow, RowAnswer } from './batch-row.ts';
import { EvaluationState, type EvaluatedBatch } from './evaluation.svelte.ts';
import { MANIFEST } from './fakes.ts';
import type { Evaluator } from './ports.ts';

const LABELS = ['normal', 'abnormal'];
const MODEL = { id: 'tiny', version: '1.0.0', sha256: MANIFEST.sha256 };

/** Computes at once, or when it is told to. */
class FakeEvaluator implements Evaluator {
  readonly asked: EvaluationItem[][] = [];
  readonly signals: AbortSignal[] = [];
  held: (() => void)[] | null = null;
  error: Error | null = null;

  async evaluate(...[items, labels, onProgress, signal]: Parameters<Evaluator['evaluate']>) {
    this.asked.push([...items]);
    this.signals.push(signal);
    if (this.held) await new Promise<void>((resolve) => this.held?.push(resolve));
    if (this.error) throw this.error;
    onProgress(0.5);
    const answer: EvaluationAnswer = {
      report: evaluate(items, { labels, resamples: 20 }),
      curves: new AnswerSet(items, labels).rocCurves(),
    };
    return answer;
  }
}

function answerOf(p: number, threshold: number): RowAnswer {
  return {
    status: 'ok',
    predictedClass: p >= threshold ? 'abnormal' : 'normal',
    probabilities: [1 - p, p],
    confidence: 0.9,
    quality: 'good',
    heartRateBpm: null,
    durationSec: 10,
    errorCode: null,
  };
}

function truthOn(ids: readonly string[]): LabelReading {
  const recordings = ids.map((id, i) => ({
    id,
    label: LABELS[i % 2]!,
    group: id,
    source: 'all',
    quality: null,
  }));
  return { recordings, unmatched: [], missing: [], from: 'csv', hasGroups: false, notes: [] };
}

/** Ten recordings, the last without a label; the first failed, the second was not heard. */
function batchOf(folder: string, threshold = 0.4): EvaluatedBatch {
  const names = Array.from({ length: 10 }, (_, i) => `${folder}r${i}.wav`);
  const rows = names.map((fileName, index): BatchRow => {
    const base = { index, fileName, label: index === 9 ? null : LABELS[index % 2]! };
    const answer = answerOf((index % 2 === 0 ? 0.05 : 0.5) + index / 20, threshold);
    if (index === 1) return { ...base, phase: 'cancelled', answer: null };
    if (index === 0)
      return { ...base, phase: 'done', answer: { ...answer, status: 'error', probabilities: [] } };
    return { ...base, phase: 'done', answer };
  });
  return {
    rows,
    isRunning: false,
    truth: truthOn(names.slice(0, 9)),
    labels: LABELS,
    threshold,
    entry: { model: MODEL },
  };
}

function setUp(metrics: unknown = null) {
  const evaluator = new FakeEvaluator();
  const waiting: (() => void)[] = [];
  const state = new EvaluationState({
    evaluator,
    catalog: {
      entryOf: async (sha256) => (sha256 === MANIFEST.sha256 ? { manifest: MANIFEST, metrics } : null),
    },
    sha256: async (text) => `hash of ${text}`,
    later: (action) => {
      waiting.push(action);
      return () => undefined;
    },
  });
  /** The threshold has come to rest, and what was begun is done. */
  const settle = async (): Promise<void> => {
    for (const action of waiting.splice(0)) action();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { state, evaluator, settle };
}

describe('the evaluation of a batch', () => {
  it('has the figures of its labelled answers and counts what is in none', async () => {
    const { state, evaluator, settle } = setUp();
    const batch = batchOf('ward/');
    state.follow(batch);
    await settle();
    expect(state.phase).toEqual({ kind: 'ready' });
    expect(state.latest).toMatchObject({
      nFailed: 2,
      nUnlabelled: 1,
      threshold: 0.4,
      isTrainingData: false,
      model: MODEL,
    });
    expect(state.latest?.report).toEqual(evaluate(evaluator.asked[0]!, { labels: LABELS, resamples: 20 }));
    expect(state.latest?.report.n).toBe(7);
    expect(state.latest?.curves).toHaveLength(1);
  });

  it('waits for the batch, and is not computed anew for a row that was only opened', async () => {
    const { state, evaluator, settle } = setUp();
    const batch = batchOf('ward/');
    state.follow({ ...batch, isRunning: true });
    await settle();
    expect(state.phase).toEqual({ kind: 'idle' });
    state.follow(batch);
    await settle();
    state.follow({ ...batch });
    await settle();
    expect(evaluator.asked).toHaveLength(1);
    expect(state.phase).toEqual({ kind: 'ready' });
  });

  it('follows a threshold once it rests, and keeps the older figures until then', async () => {
    const { state, evaluator, settle } = setUp();
    const batch = batchOf('ward/');
    state.follow(batch);
    await settle();
    for (const threshold of [0.5, 0.6, 0.7]) state.follow({ ...batch, threshold });
    expect(state.latest?.threshold).toBe(0.4);
    await settle();
    expect(evaluator.asked.map((items) => items[0]?.threshold)).toEqual([0.4, 0.7]);
    expect(state.latest?.threshold).toBe(0.7);
    expect(state.latest?.report.pooled.sensitivity).not.toEqual(
      evaluate(evaluator.asked[0]!, { labels: LABELS, resamples: 20 }).pooled.sensitivity,
    );
  });

  it('drops an answer that has become stale', async () => {
    const { state, evaluator, settle } = setUp();
    const batch = batchOf('ward/');
    evaluator.held = [];
    state.follow(batch);
    await settle();
    expect(state.phase).toEqual({ kind: 'computing', fraction: 0 });
    const [answerFirst] = evaluator.held;
    evaluator.held = null;
    state.follow({ ...batch, threshold: 0.9 });
    await settle();
    answerFirst?.();
    await settle();
    expect(evaluator.signals.map((signal) => signal.aborted)).toEqual([true, false]);
    expect(state.latest?.threshold).toBe(0.9);
    expect(state.phase).toEqual({ kind: 'ready' });
  });

  it('forgets the figures of a batch whose place another takes', async () => {
    const { state, settle } = setUp();
    state.follow(batchOf('ward/'));
    await settle();
    state.follow({ ...batchOf('other/'), isRunning: true });
    expect(state.latest).toBeNull();
    expect(state.phase).toEqual({ kind: 'idle' });
  });

  it('is none without labels', async () => {
    const { state, evaluator, settle } = setUp();
    state.follow({ ...batchOf('ward/'), truth: null });
    await settle();
    expect(state.phase).toEqual({ kind: 'idle' });
    expect(evaluator.asked).toEqual([]);
  });

  it('says so when no labelled recording has an answer', async () => {
    const { state, evaluator, settle } = setUp();
    const batch = batchOf('ward/');
    state.follow({ ...batch, rows: batch.rows.map((row) => ({ ...row, phase: 'cancelled', answer: null })) });
    await settle();
    expect(state.phase).toEqual({ kind: 'nothing', nLabelled: 9 });
    expect(evaluator.asked).toEqual([]);
  });

  it('is tried again after a failure when it is asked to, and not by itself', async () => {
    const { state, evaluator, settle } = setUp();
    const batch = batchOf('ward/');
    evaluator.error = new AppError('worker-crashed', 'Gone.');
    state.follow(batch);
    await settle();
    state.follow(batch);
    await settle();
    expect(evaluator.asked).toHaveLength(1);
    expect(state.phase.kind).toBe('failed');
    evaluator.error = null;
    state.again(batch);
    await settle();
    expect(state.phase).toEqual({ kind: 'ready' });
    state.again(batch);
    await settle();
    expect(evaluator.asked).toHaveLength(2);
  });

  it('says why it failed, and tries again when something has changed', async () => {
    const { state, evaluator, settle } = setUp();
    const batch = batchOf('ward/');
    evaluator.error = new AppError('labels-invalid', 'murmur is not known.');
    state.follow(batch);
    await settle();
    expect(state.phase).toMatchObject({ kind: 'failed', error: { code: 'labels-invalid' } });
    evaluator.error = null;
    state.follow({ ...batch, threshold: 0.5 });
    await settle();
    expect(state.phase).toEqual({ kind: 'ready' });
  });
});

describe('a model that was trained on these recordings', () => {
  const onlyOf = async (folder: string, metrics: unknown) => {
    const { state, settle } = setUp(metrics);
    state.follow(batchOf(folder));
    await settle();
    return state.latest?.isTrainingData;
  };
  const below = truthOn(Array.from({ length: 9 }, (_, i) => `r${i}.wav`)).recordings;
  const metrics = { method: { recordingsSha256: `hash of ${recordingsText(below)}` } };

  it('is known by them, whatever the folder is called', async () => {
    expect(await onlyOf('ward/', metrics)).toBe(true);
    expect(await onlyOf('', metrics)).toBe(true);
    expect(await onlyOf('ward/', { method: {} })).toBe(false);
    expect(await onlyOf('ward/', 'of another kind')).toBe(false);
  });

  it('is known by the folder that bears the name of its data', async () => {
    expect(MANIFEST.trainedOn.dataset).toBe('none');
    expect(await onlyOf('none/', null)).toBe(true);
    expect(await onlyOf('data/none.zip/', null)).toBe(true);
  });
});
