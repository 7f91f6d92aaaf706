// Long work on the page's thread, done in slices with a breath between them, so that no slice is felt.

import { breathe } from '../../input/breathe.ts';

/** Milliseconds of work between two breaths: a fifth of what a person or a test would notice (50 ms). */
const SLICE_MS = 8;

/** How many steps are done between two looks at the clock. */
const STEPS_PER_LOOK = 16;

/**
 * Calls `step` for 0 … n−1.
 * @param step a small piece of work, well below a millisecond
 * @returns false when the signal ended it early
 */
export async function inSlices(
  n: number,
  step: (index: number) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  let sliceStart = performance.now();
  for (let i = 0; i < n; i++) {
    step(i);
    if (i % STEPS_PER_LOOK === 0 && performance.now() - sliceStart > SLICE_MS) {
      await breathe();
      if (signal?.aborted) return false;
      sliceStart = performance.now();
    }
  }
  return true;
}
