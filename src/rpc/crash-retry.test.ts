// A worker that dies with several recordings: only the one at fault fails.

import { describe, expect, it } from 'vitest';
import { AppError } from '../core/errors.ts';
import { CrashRetry } from './crash-retry.ts';

/** A worker that dies of `bad` and takes along all that are with it. */
function fragileWorker() {
  const pending = new Set<(error: AppError) => void>();
  const seen: { name: string; beside: number }[] = [];
  const answer = (name: string): Promise<string> =>
    new Promise((resolve, reject) => {
      seen.push({ name, beside: pending.size });
      pending.add(reject);
      setTimeout(() => {
        // Its worker is gone, and with it this answer.
        if (!pending.has(reject)) return;
        if (name.startsWith('bad')) {
          for (const end of pending) end(new AppError('worker-crashed', 'It died.'));
          pending.clear();
        }
        pending.delete(reject);
        if (name === 'odd') reject(new AppError('decode-failed', 'Not a sound.'));
        resolve(name);
      }, 5);
    });
  return { answer, seen };
}

describe('work that lost its worker', () => {
  it('is done once more, alone, so that only what kills the worker fails', async () => {
    const { answer, seen } = fragileWorker();
    const retry = new CrashRetry();
    const names = ['a', 'bad 1', 'b', 'bad 2', 'c'];
    const early = names.map((name) => retry.run(() => answer(name)));
    // Comes while the others are done again: it waits.
    const late = new Promise((resolve) => setTimeout(resolve, 8)).then(() => retry.run(() => answer('late')));
    const settled = await Promise.allSettled([...early, late]);
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : 'failed'))).toEqual([
      'a',
      'failed',
      'b',
      'failed',
      'c',
      'late',
    ]);
    const again = seen.slice(names.length);
    expect(again.every(({ beside }) => beside === 0)).toBe(true);
    expect(seen.filter(({ name }) => name === 'bad 1').length).toBe(2);
  });

  it('leaves other errors as they are', async () => {
    const { answer, seen } = fragileWorker();
    await expect(new CrashRetry().run(() => answer('odd'))).rejects.toThrow('Not a sound.');
    expect(seen.length).toBe(1);
  });
});
