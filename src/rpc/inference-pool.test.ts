// A batch through the pool, with workers that are played: all is answered once and in its own place, what is in
// hand stays bounded, a dead worker costs only the recording that killed it, and workers come and go by measurement.

import { describe, expect, it } from 'vitest';
import { AppError } from '../core/errors.ts';
import { draftManifest } from '../core/training/recipe.ts';
import { blankResult } from '../core/report/blank-result.ts';
import type { BackendName, RecordingResult } from '../core/types.ts';
import { InferencePool, type PoolClient, type PoolTask } from './inference-pool.ts';
import type { ClassifyRequest, HeardRecording } from './protocol.ts';

const MANIFEST = draftManifest(
  { id: 'tiny', name: 'Tiny', version: '1.0.0', createdAt: '2026-01-01T00:00:00Z' },
  ['normal', 'abnormal'],
  { dataset: 'none', nRecordings: 0, nGroups: 0, note: '' },
);

/** Seconds of sound in every played recording, and how long one takes. */
const SOUND_SEC = 20;
const RECORDING_MS = 40;

/** A machine of so many cores on a clock of its own, with workers on it. */
class FakeMachine {
  now = 0;
  readonly cores: number;
  readonly workers: FakeWorker[] = [];
  backend: BackendName;
  #sleepers: { at: number; wake: () => void }[] = [];

  constructor(cores: number, backend: BackendName = 'wasm') {
    this.cores = cores;
    this.backend = backend;
  }

  spawn(): FakeWorker {
    const worker = new FakeWorker(this);
    this.workers.push(worker);
    return worker;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ at: this.now + ms, wake }));
  }

  /** Lets the clock run until the work is done. */
  async runs<T>(work: Promise<T>): Promise<T> {
    const end = { reached: false };
    void work.then(
      () => (end.reached = true),
      () => (end.reached = true),
    );
    while (!end.reached) {
      // Everything that can happen at this moment happens before the clock moves.
      for (let i = 0; i < 40; i++) await Promise.resolve();
      const next = this.#sleepers.sort((a, b) => a.at - b.at).shift();
      if (next) {
        this.now = Math.max(this.now, next.at);
        next.wake();
      } else await new Promise((resolve) => setTimeout(resolve));
    }
    return work;
  }

  pool(): InferencePool {
    const first = this.spawn();
    first.model = { manifest: MANIFEST, modelJson: {}, weights: new ArrayBuffer(0) };
    first.report = { name: this.backend, trials: [] };
    return new InferencePool(first, {
      spawn: () => this.spawn(),
      now: () => this.now,
      timestamp: () => '2026-01-01T00:00:00Z',
      cores: this.cores,
    });
  }
}

class FakeWorker implements PoolClient {
  model: PoolClient['model'] = null;
  report: PoolClient['report'] = null;
  isDisposed = false;
  readonly groups: string[][] = [];
  readonly judged: number[] = [];
  readonly #machine: FakeMachine;
  #turn: Promise<unknown> = Promise.resolve();
  #pending = new Set<(reason: unknown) => void>();
  /** Busy workers share the cores. */
  static busy = 0;

  constructor(machine: FakeMachine) {
    this.#machine = machine;
  }

  start(): ReturnType<PoolClient['start']> {
    this.report = { name: this.#machine.backend, trials: [] };
    return Promise.resolve(this.report);
  }

  classifyAll(requests: ClassifyRequest[], signal?: AbortSignal): Promise<RecordingResult[]> {
    if (this.report === null) return Promise.reject(new AppError('model-missing', 'It was not started.'));
    this.groups.push(requests.map(({ fileName }) => fileName));
    return this.#work(requests.length, signal, () => requests.map(resultOf), requests);
  }

  hear(requests: ClassifyRequest[], _manifest: unknown, signal?: AbortSignal): Promise<HeardRecording[]> {
    this.groups.push(requests.map(({ fileName }) => fileName));
    return this.#work(requests.length, signal, () =>
      requests.map((request) => ({ result: resultOf(request), input: null })),
    );
  }

  judge(heard: HeardRecording[], signal?: AbortSignal): Promise<RecordingResult[]> {
    this.judged.push(heard.length);
    return this.#work(0.1, signal, () => heard.map(({ result }) => result));
  }

  dispose(): void {
    this.isDisposed = true;
    this.#die(new DOMException('ended', 'AbortError'));
  }

  #die(reason: unknown): void {
    for (const reject of [...this.#pending]) reject(reason);
  }

  #work<T>(
    units: number,
    signal: AbortSignal | undefined,
    answer: () => T,
    requests: ClassifyRequest[] = [],
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (reason: unknown): void => {
        this.#pending.delete(end);
        reject(reason);
      };
      this.#pending.add(end);
      signal?.addEventListener('abort', () => end(signal.reason));
      this.#turn = this.#turn.then(async () => {
        if (!this.#pending.has(end)) return;
        FakeWorker.busy++;
        const share = Math.max(1, FakeWorker.busy / this.#machine.cores);
        await this.#machine.sleep(units * RECORDING_MS * share);
        FakeWorker.busy--;
        if (requests.some(({ fileName }) => fileName.startsWith('deadly')))
          this.#die(new AppError('worker-crashed', 'It died.'));
        this.#pending.delete(end);
        resolve(answer());
      });
    });
  }
}

function resultOf({ fileName, threshold, appVersion }: ClassifyRequest): RecordingResult {
  const origin = { fileName, threshold, appVersion, timestamp: '', backend: null };
  const processingMs = { decode: 0, features: 0, inference: 0, total: RECORDING_MS };
  return { ...blankResult(origin, MANIFEST), status: 'ok', durationSec: SOUND_SEC, processingMs };
}

interface Hand {
  now: number;
  most: number;
}

function* tasksOf(names: readonly string[], hand: Hand = { now: 0, most: 0 }): Generator<PoolTask> {
  for (const [index, fileName] of names.entries()) {
    hand.most = Math.max(hand.most, ++hand.now);
    const read = (): ReturnType<PoolTask['read']> =>
      fileName.startsWith('gone')
        ? Promise.reject(new AppError('file-unreadable', 'It is gone.'))
        : Promise.resolve({ kind: 'bytes', bytes: new ArrayBuffer(8) });
    yield { index, fileName, threshold: null, appVersion: '1.0.0', read };
  }
}

const numbered = (n: number): string[] => Array.from({ length: n }, (_, i) => `n-${i}`);

async function answersOf(machine: FakeMachine, names: readonly string[], hand: Hand = { now: 0, most: 0 }) {
  const answers = new Map<number, RecordingResult>();
  const onAnswer = (index: number, result: RecordingResult): void => {
    expect(answers.has(index), `${index} is answered once`).toBe(false);
    hand.now--;
    answers.set(index, result);
  };
  await machine.runs(machine.pool().run(tasksOf(names, hand), { onAnswer }, new AbortController().signal));
  return answers;
}

describe('a batch through the pool', () => {
  it.each([
    [1, 'wasm'],
    [2, 'wasm'],
    [8, 'wasm'],
    [4, 'webgpu'],
  ] as const)('answers every recording once and in its own place: %d cores, %s', async (cores, backend) => {
    const names = numbered(500);
    const answers = await answersOf(new FakeMachine(cores, backend), names);
    expect(names.map((_, i) => answers.get(i)?.fileName)).toEqual(names);
  });

  it('holds the same few recordings however many there are', async () => {
    const [few, many] = [
      { now: 0, most: 0 },
      { now: 0, most: 0 },
    ];
    await answersOf(new FakeMachine(2), numbered(200), few);
    await answersOf(new FakeMachine(2), numbered(2000), many);
    expect(many.most).toBe(few.most);
    expect(many.most).toBeLessThanOrEqual(16);
  });

  it('gives a file that cannot be read its row, and the others their answers', async () => {
    const names = numbered(60).map((name, i) => (i % 7 === 3 ? `gone-${name}` : name));
    const answers = await answersOf(new FakeMachine(2), names);
    names.forEach((name, i) =>
      expect(answers.get(i)?.error?.code ?? null).toBe(name.startsWith('gone') ? 'file-unreadable' : null),
    );
  });

  it.each([
    [2, 'wasm'],
    [4, 'webgpu'],
  ] as const)(
    'loses nothing but the recording that kills its worker: %d cores, %s',
    async (cores, backend) => {
      const names = numbered(120).map((name, i) =>
        i === 0 || i === 61 || i === 119 ? `deadly-${name}` : name,
      );
      // On a GPU it is the worker that hears which dies.
      const answers = await answersOf(new FakeMachine(cores, backend), names);
      const failed = names.filter((_, i) => answers.get(i)?.error?.code === 'worker-crashed');
      expect(answers.size).toBe(120);
      expect(failed).toEqual(backend === 'wasm' ? names.filter((name) => name.startsWith('deadly')) : failed);
      expect(failed.every((name) => name.startsWith('deadly'))).toBe(true);
    },
  );

  it('stops at once when it is cancelled, and says nothing more', async () => {
    const machine = new FakeMachine(2);
    const stop = new AbortController();
    let nAnswers = 0;
    const onAnswer = (): void => {
      nAnswers++;
      if (nAnswers === 50) stop.abort();
    };
    const run = machine.pool().run(tasksOf(numbered(500)), { onAnswer }, stop.signal);
    await expect(machine.runs(run)).rejects.toMatchObject({ name: 'AbortError' });
    const answered = nAnswers;
    await machine.runs(machine.sleep(10_000));
    expect(nAnswers).toBe(answered);
    expect(machine.workers.slice(1).every((worker) => worker.isDisposed)).toBe(true);
  });

  it('passes on why its caller stopped before it began', async () => {
    const machine = new FakeMachine(2);
    const run = machine.pool().run(tasksOf(['a']), { onAnswer: () => undefined }, AbortSignal.abort());
    await expect(machine.runs(run)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the number of workers', () => {
  it('grows while each makes the batch faster, and never beyond the cores', async () => {
    const machine = new FakeMachine(4);
    await answersOf(machine, numbered(3000));
    expect(machine.workers).toHaveLength(4);
    expect(machine.workers.every((worker) => worker.groups.length > 10)).toBe(true);
    expect(machine.workers.map((worker) => worker.isDisposed)).toEqual([false, true, true, true]);
  });

  it('stays at one where there is one core or little to do', async () => {
    const single = new FakeMachine(1);
    await answersOf(single, numbered(200));
    expect(single.workers).toHaveLength(1);
    const short = new FakeMachine(8);
    await answersOf(short, numbered(4));
    expect(short.workers).toHaveLength(1);
  });

  it('goes back by one that brought nothing, and tells how many there are', async () => {
    // Two real cores behind four that the browser speaks of.
    const machine = new FakeMachine(2);
    Object.defineProperty(machine, 'cores', { value: 2 });
    const first = machine.spawn();
    first.model = { manifest: MANIFEST, modelJson: {}, weights: new ArrayBuffer(0) };
    first.report = { name: 'wasm', trials: [] };
    const pool = new InferencePool(first, {
      spawn: () => machine.spawn(),
      now: () => machine.now,
      timestamp: () => '',
      cores: 4,
    });
    const told: number[] = [];
    const listener = { onAnswer: () => undefined, onWorkers: (count: number) => void told.push(count) };
    await machine.runs(pool.run(tasksOf(numbered(3000)), listener, new AbortController().signal));
    expect(machine.workers).toHaveLength(3);
    expect(told).toEqual([2, 3, 2]);
    const [, second, third] = machine.workers.map((worker) => worker.groups.length);
    expect(third).toBeLessThan((second ?? 0) / 4);
  });

  it('on a GPU leaves the network to the first worker and the rest to the others', async () => {
    const machine = new FakeMachine(4, 'webgpu');
    await answersOf(machine, numbered(3000));
    const [network, ...others] = machine.workers;
    expect(others.length).toBeGreaterThan(0);
    expect(others.every((worker) => worker.judged.length === 0 && worker.groups.length > 10)).toBe(true);
    expect(network?.judged.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(2500);
  });

  it('keeps its parts when the GPU is lost half way and the first worker goes on without it', async () => {
    const machine = new FakeMachine(4, 'webgpu');
    const pool = machine.pool();
    const codes: (string | undefined)[] = [];
    const onAnswer = (_: number, { error }: RecordingResult): void => {
      codes.push(error?.code);
      const [first] = machine.workers;
      if (codes.length === 1500 && first) first.report = { name: 'wasm', trials: [] };
    };
    await machine.runs(pool.run(tasksOf(numbered(3000)), { onAnswer }, new AbortController().signal));
    expect(codes).toEqual(Array(3000).fill(undefined));
  });
});
