// Learning rates against their closed forms.

import { describe, expect, it } from 'vitest';
import { afterEpoch, oneCycleRate, startPlateau } from './schedule.ts';

describe('oneCycleRate', () => {
  it('starts at 4 %, peaks after a quarter, is half way down at five eighths, ends at a thousandth', () => {
    expect(oneCycleRate(2, 0)).toBeCloseTo(0.08, 12);
    expect(oneCycleRate(2, 0.125)).toBeCloseTo(2 * (0.04 + 0.96 / 2), 12);
    expect(oneCycleRate(2, 0.25)).toBeCloseTo(2, 12);
    expect(oneCycleRate(2, 0.625)).toBeCloseTo(2 * (0.001 + 0.999 / 2), 12);
    expect(oneCycleRate(2, 1)).toBeCloseTo(0.002, 12);
  });
});

describe('the plateau schedule', () => {
  it('halves the rate after so many epochs without a better loss, and again after as many more', () => {
    let state = startPlateau(1);
    const rates = [5, 4, 4, 4.1, 4, 4, 3].map((loss) => (state = afterEpoch(state, loss, 2)).rate);
    expect(rates).toEqual([1, 1, 1, 0.5, 0.5, 0.25, 0.25]);
  });
});
