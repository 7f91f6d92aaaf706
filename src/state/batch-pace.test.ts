// The time left is a number of seconds or nothing, whatever the clock does.
import { expect, test } from 'vitest';
import { BatchPace } from './batch-pace.ts';

test('the rate and the time left are those of the last seconds', () => {
  const pace = new BatchPace(0, 0, 0);
  const { recordingsPerSec, soundPerSec, leftSec } = pace.mark({ atMs: 2000, nDone: 10, soundSec: 100 }, 40);
  expect([recordingsPerSec, soundPerSec, leftSec]).toEqual([5, 50, 6]);
});

test.each([
  ['stands still', 1000],
  ['goes backwards', -3_600_000],
])('a clock that %s gives no time left, and none that is no number', (_, atMs) => {
  const pace = new BatchPace(1000, 0, 0);
  for (const nDone of [8, 16]) {
    const progress = pace.mark({ atMs, nDone, soundSec: 10 * nDone }, 16);
    expect(progress.leftSec).toBeNull();
    expect([progress.recordingsPerSec, progress.soundPerSec]).toEqual([0, 0]);
  }
});
