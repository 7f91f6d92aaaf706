// The worker boundary, over a real MessageChannel: what crosses it, and each way a worker can die.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { proxy } from 'comlink';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../core/errors.ts';
import { thenRelease } from './comlink-handlers.ts';
import { FakeWorker } from './fakes.ts';
import { TrainingClient } from './training-client.ts';
import { WorkerHost, type WorkerLike } from './worker-host.ts';

interface Api {
  double(value: number): number;
  refuse(): void;
  cancelled(): void;
  never(): Promise<void>;
  untilAborted(signal: AbortSignal): Promise<string>;
}

const api: Api = {
  double: (value) => value * 2,
  refuse: () => {
    throw new AppError('too-short', 'Too short to judge.');
  },
  cancelled: () => {
    throw new DOMException('gone', 'AbortError');
  },
  never: () => new Promise(() => undefined),
  untilAborted: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('seen'))),
};

function host(): { host: WorkerHost<Api>; workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  const spawn = (): WorkerLike => {
    const worker = new FakeWorker(api);
    workers.push(worker);
    return worker;
  };
  return { host: new WorkerHost<Api>(spawn), workers };
}

describe('a call to a worker', () => {
  it('returns what the worker returns', async () => {
    const { host: h } = host();
    expect(await h.call((remote) => remote.double(21))).toBe(42);
    h.terminate();
  });

  it('carries the code and the sentence of an error across', async () => {
    const { host: h } = host();
    const error: unknown = await h.call((remote) => remote.refuse()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'too-short', message: 'Too short to judge.' });
    h.terminate();
  });

  it('keeps an abort an abort', async () => {
    const { host: h } = host();
    await expect(h.call((remote) => remote.cancelled())).rejects.toMatchObject({ name: 'AbortError' });
    h.terminate();
  });

  it('hands an AbortSignal through to the other side', async () => {
    const { host: h } = host();
    const controller = new AbortController();
    const answer = h.call((remote) => remote.untilAborted(controller.signal));
    setTimeout(() => controller.abort(), 10);
    expect(await answer).toBe('seen');
    h.terminate();
  });

  it('may lend a callback, which is let go when the call ends', async () => {
    const said: string[] = [];
    let lent: unknown;
    const worker = {
      talk: (say: (word: string) => void): Promise<number> => {
        lent = say;
        say('working');
        return thenRelease(Promise.resolve(7), say);
      },
    };
    const h = new WorkerHost<typeof worker>(() => new FakeWorker(worker));
    expect(await h.call((remote) => remote.talk(proxy((word: string) => void said.push(word))))).toBe(7);
    await vi.waitFor(() => expect(said).toEqual(['working']));
    expect(() => (lent as (word: string) => void)('late')).toThrow(/released/);
    h.terminate();
  });
});

describe('a call that waits is rejected', () => {
  it('when the caller cancels', async () => {
    const { host: h, workers } = host();
    const controller = new AbortController();
    const call = h.call((remote) => remote.never(), { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(workers[0]?.terminated).toBe(false);
    h.terminate();
  });

  it('when the worker crashes, and the next call gets a fresh worker', async () => {
    const { host: h, workers } = host();
    const calls = [h.call((remote) => remote.never()), h.call((remote) => remote.never())];
    workers[0]?.crash();
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'worker-crashed' });
    expect(workers[0]?.terminated).toBe(true);
    expect(h.alive).toBe(false);
    expect(await h.call((remote) => remote.double(2))).toBe(4);
    expect(workers).toHaveLength(2);
    h.terminate();
  });

  it('when its script cannot be loaded, which is no crash', async () => {
    const { host: h, workers } = host();
    const call = h.call((remote) => remote.never());
    workers[0]?.events.dispatchEvent(new Event('error', { cancelable: true }));
    await expect(call).rejects.toMatchObject({ code: 'program-missing' });
    expect(await h.call((remote) => remote.double(2))).toBe(4);
    h.terminate();
  });

  it('when a message cannot be read', async () => {
    const { host: h, workers } = host();
    const call = h.call((remote) => remote.never());
    workers[0]?.events.dispatchEvent(new Event('messageerror'));
    await expect(call).rejects.toMatchObject({ code: 'worker-crashed' });
  });

  it('when the worker is silent for too long, but not while it gives signs of life', async () => {
    vi.useFakeTimers();
    try {
      const { host: h } = host();
      let signOfLife = (): void => undefined;
      const call = h.call(
        (remote, alive) => {
          signOfLife = alive;
          return remote.never();
        },
        { stallMs: 1000 },
      );
      const outcome = call.catch((reason: unknown) => reason);
      vi.advanceTimersByTime(900);
      signOfLife();
      vi.advanceTimersByTime(900);
      expect(h.alive).toBe(true);
      vi.advanceTimersByTime(200);
      expect(await outcome).toMatchObject({ code: 'worker-stalled' });
      expect(h.alive).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it('not for time in which the page was frozen or the device slept, and the worker with it', async () => {
    vi.useFakeTimers();
    try {
      const { host: h } = host();
      const call = h.call((remote) => remote.never(), { stallMs: 1000 });
      const outcome = call.catch((reason: unknown) => reason);
      await vi.advanceTimersByTimeAsync(500);
      // A timer that is late fires once, however late it is.
      vi.setSystemTime(Date.now() + 3_600_000);
      vi.advanceTimersToNextTimer();
      expect(h.alive).toBe(true);
      await vi.advanceTimersByTimeAsync(500);
      expect(await outcome).toMatchObject({ code: 'worker-stalled' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('not for the time that it stood behind other calls which were answered', async () => {
    vi.useFakeTimers();
    try {
      const { host: h } = host();
      const call = (ms: number): Promise<string> =>
        h.call(() => new Promise((resolve) => setTimeout(() => resolve('answered'), ms)), { stallMs: 1000 });
      const both = Promise.all([call(800), call(1600)]);
      await vi.advanceTimersByTimeAsync(1600);
      expect(await both).toEqual(['answered', 'answered']);
      h.terminate();
    } finally {
      vi.useRealTimers();
    }
  });

  it('for good, with the crash, when it belongs to a training run: a fresh worker would know nothing', async () => {
    const workers: FakeWorker[] = [];
    const client = new TrainingClient(() => {
      const worker = new FakeWorker({ ...api, memory: () => api.never() });
      workers.push(worker);
      return worker;
    });
    const first = client.memory();
    workers[0]?.crash();
    await expect(first).rejects.toMatchObject({ code: 'worker-crashed' });
    await expect(client.memory()).rejects.toMatchObject({ code: 'worker-crashed' });
    expect(workers).toHaveLength(1);
  });

  it('when the worker is ended on purpose, as an abort', async () => {
    const { host: h } = host();
    const call = h.call((remote) => remote.never());
    h.terminate();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });
});

/** Node collects garbage on demand only when it is told that it may. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
  }
}

describe('a worker that has ended', () => {
  it('holds nothing of a call that it never answered', async () => {
    const { host: h } = host();
    const asker = await (async () => {
      const page = { drawn: new Array<number>(1000).fill(1) };
      const call = h.call(async (remote) => {
        await remote.never();
        return page.drawn.length;
      });
      h.terminate();
      await call.catch(() => undefined);
      return new WeakRef(page);
    })();
    await collectGarbage();
    expect(asker.deref()).toBeUndefined();
  });
});
