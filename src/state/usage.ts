// What the history says of how the program is used: answers by day, how long they took, where the scores lie. Pure.

import { ofLabel, recordByLabel } from '../core/by-label.ts';
import type { BackendName, RecordingResult } from '../core/types.ts';
import type { BatchCounts, BatchEntry } from '../storage/batch-record.ts';

export interface DayUse {
  /** Local midnight. */
  start: Date;
  counts: BatchCounts;
}

/**
 * The last days, oldest first, those without an answer among them. An entry counts on the day it was made.
 * @param now any time of the last day
 */
export function useByDay(entries: readonly BatchEntry[], now: Date, nDays: number): DayUse[] {
  // By the calendar, not by 24 hours: some days are longer.
  const midnight = (daysBack: number): Date =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysBack);
  const days = Array.from({ length: nDays }, (_, i): DayUse => ({
    start: midnight(nDays - 1 - i),
    counts: addCounts([]),
  }));
  const byDay = new Map(days.map((day): [string, DayUse] => [day.start.toDateString(), day]));
  for (const { createdAt, counts } of entries) {
    const day = byDay.get(new Date(createdAt).toDateString());
    if (day) day.counts = addCounts([day.counts, counts]);
  }
  return days;
}

export function addCounts(all: readonly BatchCounts[]): BatchCounts {
  const sum: BatchCounts = { ok: 0, inconclusive: 0, error: 0, perClass: recordByLabel() };
  for (const { ok, inconclusive, error, perClass } of all) {
    sum.ok += ok;
    sum.inconclusive += inconclusive;
    sum.error += error;
    for (const [label, n] of Object.entries(perClass)) sum.perClass[label] = (sum.perClass[label] ?? 0) + n;
  }
  return sum;
}

/** Of one answer what the figures need, so that a thousand of them weigh little. */
export interface RecentAnswer {
  status: RecordingResult['status'];
  backend: BackendName | null;
  modelSha256: string;
  processingMs: RecordingResult['processingMs'];
  /** Calibrated, of the second of two labels; null with more of them and on error. */
  probability: number | null;
}

/** @param labels of the model that answered */
export function recentAnswer(result: RecordingResult, labels: readonly string[]): RecentAnswer {
  const { status, backend, model, processingMs, probabilities } = result;
  const positive = labels.length === 2 ? labels[1] : undefined;
  const probability =
    positive === undefined || status === 'error' ? null : (ofLabel(probabilities, positive) ?? null);
  return { status, backend, modelSha256: model.sha256, processingMs, probability };
}

export interface Latency {
  backend: BackendName;
  n: number;
  /** Milliseconds a recording, all stages: half, nine of ten and ninety-nine of a hundred took at most so long. */
  median: number;
  p90: number;
  p99: number;
  /** Of the network alone. */
  medianInference: number;
}

/** By backend, the most used first. Failures are left out: they end early. */
export function latencies(answers: readonly RecentAnswer[]): Latency[] {
  const byBackend = new Map<BackendName, RecentAnswer[]>();
  for (const answer of answers) {
    const { backend, status } = answer;
    if (backend === null || status === 'error') continue;
    const part = byBackend.get(backend);
    if (part) part.push(answer);
    else byBackend.set(backend, [answer]);
  }
  return [...byBackend]
    .map(([backend, part]): Latency => {
      const total = sorted(part.map(({ processingMs }) => processingMs.total));
      const inference = sorted(part.map(({ processingMs }) => processingMs.inference));
      return {
        backend,
        n: part.length,
        median: percentile(total, 0.5),
        p90: percentile(total, 0.9),
        p99: percentile(total, 0.99),
        medianInference: percentile(inference, 0.5),
      };
    })
    .sort((a, b) => b.n - a.n);
}

function sorted(values: number[]): number[] {
  return values.sort((a, b) => a - b);
}

/** The smallest value that so large a fraction of them does not exceed (nearest rank). @param ascending not empty */
function percentile(ascending: readonly number[], fraction: number): number {
  return ascending[Math.max(0, Math.ceil(fraction * ascending.length) - 1)] ?? 0;
}

/** How many probabilities fall into each of some bins of equal width. */
export function histogram(probabilities: readonly number[], nBins: number): number[] {
  const counts = new Array<number>(nBins).fill(0);
  for (const p of probabilities) {
    const bin = Math.min(nBins - 1, Math.max(0, Math.floor(p * nBins)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
