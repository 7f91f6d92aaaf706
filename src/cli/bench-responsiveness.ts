// The real page under load: how free it stays while thousands of recordings are listened to, how fast Cancel is obeyed,
// and what memory is left after few and after many.

import type { Browser } from 'playwright';
import { median, quantile } from '../bench/interleaved.ts';
import { AppPage } from './bench-app-page.ts';
import { figure, type Figure } from './bench-figures.ts';
import type { BenchPlan } from './bench-plan.ts';
import { underOtherNames } from './bench-recordings.ts';

/** A browser speaks of a long task from here on, milliseconds; shorter ones it does not tell. */
const LONG_TASK_MS = 50;

/** Answers before a batch is cancelled: it is well under way. */
const ANSWERS_BEFORE_CANCEL = 10;

const MOST = 0.95;

/** Bytes of a megabyte. */
const MB = 1_000_000;

/**
 * Three folders dropped one after the other: one that has all code compiled, which takes memory too, and then one of
 * few and one of many recordings, whose memory is compared. The last is watched.
 * @param folder for files under other names
 */
export async function measureLoad(
  browser: Browser,
  origin: string,
  paths: readonly string[],
  folder: string,
  { memory: { warmUp, few, many } }: BenchPlan,
): Promise<Figure[]> {
  const dropped = new Map<number, string>();
  for (const count of [warmUp, few, many])
    dropped.set(count, (await underOtherNames(paths, count, folder)).folder);
  const app = await AppPage.open(browser, origin);
  const hear = async (count: number): Promise<void> => {
    await app.drop([dropped.get(count) ?? '']);
    await app.answered(count, count);
  };
  try {
    await hear(warmUp);
    await hear(few);
    const heapAfterFew = await app.heap();
    const watch = await app.watch();
    await hear(many);
    const { longestTaskMs, frameGapsMs, seconds } = await watch.end();
    const heapAfterMany = await app.heap();
    const n = [many, 'recordings'] as const;
    const frames = [frameGapsMs.length, 'pictures'] as const;
    return [
      figure('page.recordings', 'recordings dropped on the page, wasm', many / seconds, 'a second', n),
      figure(
        'page.longest-task',
        `longest task of the page (${String(LONG_TASK_MS)}: none was longer)`,
        Math.max(LONG_TASK_MS, longestTaskMs),
        'ms',
        n,
      ),
      figure(
        'page.frame-gap.p95',
        'between two pictures, 95 % within',
        quantile(frameGapsMs, MOST),
        'ms',
        frames,
      ),
      figure('page.frame-gap.max', 'between two pictures, at most', Math.max(...frameGapsMs), 'ms', frames),
      figure(
        'page.memory',
        `memory of page and workers after ${String(many)} recordings`,
        heapAfterMany / MB,
        'MB',
        n,
        { name: `after ${String(few)}`, value: heapAfterFew / MB },
      ),
    ];
  } finally {
    await app.close();
  }
}

/** Batches cancelled in their middle. */
export async function measureCancel(
  browser: Browser,
  origin: string,
  paths: readonly string[],
  folder: string,
  { cancel: { recordings, rounds } }: BenchPlan,
): Promise<Figure[]> {
  const dropped = await underOtherNames(paths, recordings, folder);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const app = await AppPage.open(browser, origin);
    try {
      await app.drop([dropped.folder]);
      await app.answered(recordings, ANSWERS_BEFORE_CANCEL);
      times.push(await app.cancel());
    } finally {
      await app.close();
    }
  }
  const n = [rounds, 'clicks'] as const;
  return [
    figure(
      'page.cancel.median',
      'from the click on Cancel until it is obeyed, median',
      median(times),
      'ms',
      n,
    ),
    figure(
      'page.cancel.max',
      'from the click on Cancel until it is obeyed, at most',
      Math.max(...times),
      'ms',
      n,
    ),
  ];
}
