// An evaluation or a verdict crosses the boundary whole and in order, and its worker is gone however it ended.

import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../core/errors.ts';
import { evaluate } from '../core/training/evaluate.ts';
import { joinMaterial } from '../core/training/verdict-material.ts';
import { judgeCandidate, type Verdict, type VerdictMaterial } from '../core/training/verdict.ts';
import { EvaluationClient } from './evaluation-client.ts';
import { FakeWorker } from './fakes.ts';
import type { EvaluationApi, EvaluationItem } from './protocol.ts';
import { STALL_MS } from './worker-host.ts';

const LABELS = ['normal', 'abnormal'];

function items(n: number): EvaluationItem[] {
  return Array.from({ length: n }, (_, i) => {
    const p = ((i * 37) % 101) / 101;
    return {
      id: `r${i}`,
      label: LABELS[i % 2]!,
      group: `g${i}`,
      source: 'all',
      quality: null,
      probabilities: [1 - p, p],
      threshold: 0.5,
      inconclusive: false,
    };
  });
}

/** A worker that does what the real one does, with few resamples; `evaluate` may be another. */
function client(how: Partial<EvaluationApi> = {}) {
  const workers: FakeWorker[] = [];
  const messages: number[] = [];
  const spawn = () => {
    const added: EvaluationItem[] = [];
    let material: VerdictMaterial | null = null;
    const api: EvaluationApi = {
      add: async (some) => {
        messages.push(some.length);
        added.push(...some);
      },
      evaluate: async (labels, onProgress) => ({
        report: evaluate(added, { labels, onProgress, resamples: 20 }),
        curves: [],
      }),
      addMaterial: async (part) => {
        messages.push(part.candidate.items.length);
        material = material === null ? part : joinMaterial(material, part);
      },
      verdict: async (onProgress) => judgeCandidate(material!, { onProgress, resamples: 20 }),
      ...how,
    };
    const worker = new FakeWorker(api);
    workers.push(worker);
    return worker;
  };
  return { client: new EvaluationClient(spawn), workers, messages };
}

describe('an evaluation in a worker', () => {
  it('has the figures that it has without one, whatever the number of messages', async () => {
    const { client: evaluator, workers, messages } = client();
    const told: number[] = [];
    const some = items(4500);
    const { report } = await evaluator.evaluate(
      some,
      LABELS,
      (done) => told.push(done),
      new AbortController().signal,
    );
    expect(report).toEqual(evaluate(some, { labels: LABELS, resamples: 20 }));
    expect(messages.length).toBeGreaterThan(1);
    await vi.waitFor(() => expect(told.at(-1)).toBe(1));
    expect(workers.map((worker) => worker.terminated)).toEqual([true]);
  });

  it('is ended at once when it is cancelled', async () => {
    const stop = new AbortController();
    const { client: evaluator, workers } = client({ evaluate: () => new Promise(() => undefined) });
    const answer = evaluator.evaluate(items(10), LABELS, () => undefined, stop.signal);
    stop.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(workers.map((worker) => worker.terminated)).toEqual([true]);
  });

  it('says what was wrong with it', async () => {
    const refuse = () => Promise.reject(new AppError('labels-invalid', 'murmur is not known.'));
    const { client: evaluator, workers } = client({ evaluate: refuse });
    await expect(
      evaluator.evaluate(items(10), LABELS, () => undefined, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'labels-invalid', message: 'murmur is not known.' });
    expect(workers[0]?.terminated).toBe(true);
  });

  it('is rejected when its worker crashes', async () => {
    const { client: evaluator, workers } = client({ evaluate: () => new Promise(() => undefined) });
    const answer = evaluator.evaluate(items(10), LABELS, () => undefined, new AbortController().signal);
    workers[0]?.crash();
    await expect(answer).rejects.toMatchObject({ code: 'worker-crashed' });
  });
});

describe('a verdict in a worker', () => {
  const labels = LABELS;
  const material = (n: number): VerdictMaterial => ({
    candidate: { labels, items: items(n) },
    active: { labels, items: items(n).map((item) => ({ ...item, probabilities: [0.4, 0.6] })) },
    fileNames: new Map(items(n).map(({ id }) => [id, `${id}.wav`])),
    reference: {
      candidate: items(40).map(({ label, group }) => ({
        label,
        group,
        probabilities: { normal: 0.5, abnormal: 0.5 },
      })),
      active: items(40).map(({ label, group }) => ({
        label,
        group,
        probabilities: { normal: 0.5, abnormal: 0.5 },
      })),
    },
  });
  const judge = (api: Partial<EvaluationApi>, signal = new AbortController().signal, n = 10) => {
    const { client: evaluator, workers, messages } = client(api);
    const told: number[] = [];
    const verdict = evaluator.verdict(material(n), (done) => told.push(done), signal);
    return { verdict, workers, messages, told };
  };
  const never = () => new Promise<Verdict>(() => undefined);

  it('is the one that it is without a worker, whatever the number of messages', async () => {
    const { verdict, workers, messages, told } = judge({}, undefined, 3000);
    expect(await verdict).toEqual(judgeCandidate(material(3000), { resamples: 20 }));
    expect(messages.length).toBeGreaterThan(1);
    await vi.waitFor(() => expect(told.at(-1)).toBe(1));
    expect(workers.map((worker) => worker.terminated)).toEqual([true]);
  });

  it('is ended at once when it is cancelled', async () => {
    const stop = new AbortController();
    const { verdict, workers } = judge({ verdict: never }, stop.signal);
    stop.abort();
    await expect(verdict).rejects.toMatchObject({ name: 'AbortError' });
    expect(workers[0]?.terminated).toBe(true);
  });

  it('says what was wrong with it', async () => {
    const refuse = () => Promise.reject(new AppError('not-enough-examples', 'Nothing to judge.'));
    const { verdict, workers } = judge({ verdict: refuse });
    await expect(verdict).rejects.toMatchObject({ code: 'not-enough-examples' });
    expect(workers[0]?.terminated).toBe(true);
  });

  it('is rejected when its worker crashes', async () => {
    const { verdict, workers } = judge({ verdict: never });
    workers[0]?.crash();
    await expect(verdict).rejects.toMatchObject({ code: 'worker-crashed' });
  });

  it('is rejected when its worker falls silent', async () => {
    vi.useFakeTimers();
    try {
      const { verdict, workers } = judge({ addMaterial: () => new Promise<void>(() => undefined) });
      const rejected = expect(verdict).rejects.toMatchObject({ code: 'worker-stalled' });
      await vi.advanceTimersByTimeAsync(STALL_MS);
      await rejected;
      expect(workers[0]?.terminated).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
