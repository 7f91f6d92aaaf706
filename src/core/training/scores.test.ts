// Loss, accuracy and AUROC against their definitions.

import { describe, expect, it } from 'vitest';
import { scoresOf } from './scores.ts';

describe('scoresOf', () => {
  it('is the cross-entropy, accuracy and AUROC of the definition', () => {
    const scores = scoresOf([[2], [-1], [0.5], [3]], [1, 0, 0, 1]);
    const loss = [Math.exp(-2), Math.exp(-1), Math.exp(0.5), Math.exp(-3)].map(Math.log1p);
    expect(scores.loss).toBeCloseTo(loss.reduce((a, b) => a + b, 0) / 4, 12);
    expect(scores.accuracy).toBe(0.75);
    expect(scores.auroc).toBe(1);
  });

  it('takes several labels', () => {
    const scores = scoresOf(
      [
        [1, 0, 0],
        [0, 0, 2],
      ],
      [0, 1],
    );
    expect(scores.accuracy).toBe(0.5);
    // Against the rest: 1 for label 0, 0 for label 1 (what it got went to label 2); label 2 never occurs.
    expect(scores.auroc).toBe(0.5);
    const first = Math.log(1 + 2 * Math.exp(-1));
    expect(scores.loss).toBeCloseTo((first + Math.log(2 + Math.exp(2))) / 2, 12);
  });
});
