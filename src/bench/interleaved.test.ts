// Timing in turns: each contestant gets its own times whatever the other does, the first round does not count, and a
// single interruption does not move the answer.

import { describe, expect, it } from 'vitest';
import { median, quantile, timeInterleaved } from './interleaved.ts';

/** A clock that stands still but for what the work takes. */
function played(): { now: () => number; takes: (ms: number) => void } {
  let time = 0;
  return { now: () => time, takes: (ms) => (time += ms) };
}

describe('timing in turns', () => {
  it('gives each its median, without the first round and without an interruption', async () => {
    const clock = played();
    const turns: string[] = [];
    const fast = (): void => {
      turns.push('fast');
      clock.takes(turns.length === 1 ? 500 : turns.length === 5 ? 90 : 2);
    };
    const slow = async (): Promise<void> => {
      turns.push('slow');
      await Promise.resolve();
      clock.takes(7);
    };
    const timings = await timeInterleaved({ fast, slow }, 3, clock.now);
    expect(timings).toEqual({ fast: { ms: 2, rounds: 3 }, slow: { ms: 7, rounds: 3 } });
    expect(turns).toEqual(['fast', 'slow', 'fast', 'slow', 'fast', 'slow', 'fast', 'slow']);
  });

  it('hands on what a contestant throws', async () => {
    const fails = (): never => {
      throw new Error('no');
    };
    await expect(timeInterleaved({ fails }, 3, played().now)).rejects.toThrow('no');
  });
});

describe('order statistics', () => {
  it('the median is the middle one, or between the middle two', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
    expect(median([])).toBeNaN();
  });

  it('a quantile is a value that was there, not exceeded by so many', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(quantile(hundred, 0.95)).toBe(95);
    expect(quantile([4], 0.95)).toBe(4);
    expect(quantile([3, 1, 2], 0)).toBe(1);
  });
});
