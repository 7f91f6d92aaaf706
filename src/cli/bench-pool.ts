// What the page's pool of workers does with many recordings: throughput end to end, and cost against their number.
// From reading the file to the answer in this process: the way of `npm run predict`.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { median } from '../bench/interleaved.ts';
import type { BackendName } from '../core/types.ts';
import type { AppSession } from './app-session.ts';
import { figure, type Figure } from './bench-figures.ts';
import type { BenchPlan } from './bench-plan.ts';

interface PoolRun {
  seconds: number;
  soundSec: number;
  workers: number;
}

/** Before anything is timed: code is compiled, and the page's caches are filled. */
const WARM_UP_RECORDINGS = 16;

/** Several batches, one after another, through one session that was started. */
export class PoolBench {
  readonly #session: AppSession;
  #workers = 1;
  #soundSec = 0;
  #answered = 0;
  #failures: string[] = [];

  private constructor(session: AppSession) {
    this.#session = session;
  }

  /** Listens to the session: once a session. */
  static async open(session: AppSession, warmUp: readonly string[]): Promise<PoolBench> {
    const bench = new PoolBench(session);
    await session.listen((event) => {
      if (event.kind === 'workers') bench.#workers = event.count;
      if (event.kind !== 'answers') return;
      for (const { result } of event.answers) {
        bench.#answered++;
        bench.#soundSec += result.durationSec ?? 0;
        if (result.error) bench.#failures.push(`${result.fileName}: ${result.error.message}`);
      }
    });
    await bench.run(warmUp.slice(0, WARM_UP_RECORDINGS));
    return bench;
  }

  /** @throws Error when a recording had no answer: what failed took no time and would flatter */
  async run(paths: readonly string[]): Promise<PoolRun> {
    [this.#workers, this.#soundSec, this.#answered, this.#failures] = [1, 0, 0, []];
    const addresses = paths.map((path) =>
      this.#session.offer({ fileName: basename(path), read: () => readFile(path) }),
    );
    const text = Buffer.from(JSON.stringify(addresses));
    const list = this.#session.offer({ fileName: 'list.json', read: () => Promise.resolve(text) });
    const from = performance.now();
    await this.#session.call('classifyAll', list, null);
    const seconds = (performance.now() - from) / 1000;
    this.#session.withdraw(list, ...addresses);
    const [failure] = this.#failures;
    if (failure !== undefined) throw new Error(failure);
    if (this.#answered !== paths.length)
      throw new Error(`${String(this.#answered)} of ${String(paths.length)} recordings were answered`);
    return { seconds, soundSec: this.#soundSec, workers: this.#workers };
  }
}

/** Recordings and seconds of sound per second, and what tensors are left in the first worker. */
export async function measureThroughput(
  session: AppSession,
  bench: PoolBench,
  backend: BackendName,
  paths: readonly string[],
  { throughput }: BenchPlan,
): Promise<Figure[]> {
  const batch = Array.from({ length: throughput.recordings }, (_, i) => paths[i % paths.length] ?? '');
  const before = await session.call('memory');
  const runs: PoolRun[] = [];
  for (let round = 0; round < throughput.rounds; round++) runs.push(await bench.run(batch));
  const after = await session.call('memory');
  const n = [runs.length, `times ${String(batch.length)} recordings`] as const;
  const ofRuns = (of: (run: PoolRun) => number): number => median(runs.map(of));
  const id = `throughput.${backend}`;
  return [
    figure(
      `${id}.recordings`,
      `whole recordings end to end, ${backend}`,
      ofRuns(({ seconds }) => batch.length / seconds),
      'a second',
      n,
    ),
    figure(
      `${id}.sound`,
      `sound end to end, ${backend}`,
      ofRuns(({ seconds, soundSec }) => soundSec / seconds),
      's a second',
      n,
    ),
    figure(
      `${id}.workers`,
      `workers found best, ${backend}`,
      ofRuns(({ workers }) => workers),
      'workers',
      n,
    ),
    figure(`${id}.tensors`, `tensor memory after the batches, ${backend}`, after.numBytes, 'bytes', n, {
      name: 'before',
      value: before.numBytes,
    }),
  ];
}

/** Time against number of clips of equal length, and the exponent of its growth: 1 is linear. In turns, medians. */
export async function measureLinearity(
  bench: PoolBench,
  clips: readonly string[],
  { costs: { counts, rounds } }: BenchPlan,
): Promise<Figure[]> {
  const times = new Map<number, number[]>(counts.map((count) => [count, []]));
  for (let round = 0; round < rounds; round++)
    for (const count of counts) times.get(count)?.push((await bench.run(clips.slice(0, count))).seconds);
  const points = counts.map((count) => ({ count, seconds: median(times.get(count) ?? []) }));
  const perRecording = points.map(({ count, seconds }) =>
    figure(`cost.${String(count)}`, `a clip of 6 s among ${String(count)}`, (seconds * 1000) / count, 'ms', [
      rounds,
      'rounds',
    ]),
  );
  const toThePowerOf = (id: string, which: string, of: typeof points): Figure =>
    figure(id, `cost ~ number of files to the power of, ${which}`, growthExponent(of), '', [
      of.length,
      'counts',
    ]);
  return [
    ...perRecording,
    toThePowerOf('cost.exponent', 'all of these', points),
    // Starting a second worker weighs on the small ones; what counts for a large archive are the large ones.
    toThePowerOf('cost.exponent.large', 'the two largest', points.slice(-2)),
  ];
}

/** Slope of the straight line through the logarithms of number and time, least squares. */
export function growthExponent(points: readonly { count: number; seconds: number }[]): number {
  const logs = points.map(({ count, seconds }) => [Math.log(count), Math.log(seconds)] as const);
  const mean = (of: (point: readonly [number, number]) => number): number =>
    logs.reduce((sum, point) => sum + of(point), 0) / logs.length;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  return mean(([x, y]) => (x - meanX) * (y - meanY)) / mean(([x]) => (x - meanX) ** 2);
}
