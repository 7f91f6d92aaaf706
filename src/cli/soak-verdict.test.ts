import { describe, expect, it } from 'vitest';
import { Random } from '../core/random.ts';
import { judge, theilSen } from './soak-verdict.ts';

const N = 30;
const HOURS = Array.from({ length: N }, (_, i) => (24 * (i + 1)) / N);
const random = new Random(7);
/** Even in −1..1. */
const NOISE = HOURS.map(() => 2 * random.uniform() - 1);

describe('the slope', () => {
  it('is that of SciPy, with its interval', () => {
    // scipy.stats.theilslopes([1, 3, 2, 5, 4, 6, 9, 7, 8, 10], range(10), 0.95)
    const { perDay, low, high } = theilSen(
      Array.from({ length: 10 }, (_, i) => 24 * i),
      [1, 3, 2, 5, 4, 6, 9, 7, 8, 10],
    );
    expect(perDay).toBeCloseTo(1, 12);
    expect(low).toBeCloseTo(2 / 3, 12);
    expect(high).toBeCloseTo(4 / 3, 12);
  });

  it('is not moved by an odd round, and has no interval where there is too little', () => {
    const line = HOURS.map((hour) => 2 * hour);
    line[12] = 1e9;
    expect(theilSen(HOURS, line).perDay).toBeCloseTo(48, 9);
    expect(theilSen([1, 2], [1, 1])).toEqual({ perDay: 0, low: -Infinity, high: Infinity });
  });
});

describe('what is measured', () => {
  const limit = { kind: 'growth', most: 10 } as const;

  it('may be noisy, fall, and grow by less than the limit', () => {
    for (const perHour of [0, -5, 0.2])
      expect(
        judge(
          HOURS,
          HOURS.map((hour, i) => 100 + perHour * hour + (NOISE[i] ?? 0)),
          limit,
        ).fault,
      ).toBeNull();
  });

  it('is a fault when it climbs through its noise, also when it falls at last', () => {
    const climbing = HOURS.map((hour, i) => 100 + hour + 3 * (NOISE[i] ?? 0));
    expect(judge(HOURS, climbing, limit).fault).toBe('has grown');
    climbing.fill(100, -3);
    expect(judge(HOURS, climbing, limit).fault).toBe('is growing');
  });

  it('is a fault when it cannot be read', () => {
    expect(
      judge(
        HOURS,
        HOURS.map(() => NaN),
        limit,
      ).fault,
    ).toBe('could not be read');
    expect(judge([], [], limit).fault).toBe('could not be read');
  });
});

describe('what is counted', () => {
  it('is the same in every round, or a fault that shows both', () => {
    expect(
      judge(
        HOURS,
        HOURS.map(() => 'inference'),
        { kind: 'same' },
      ).fault,
    ).toBeNull();
    expect(judge([1, 2, 3], [1, 1, 2], { kind: 'same' }).fault).toBe('is not the same: “1” and “2”');
  });
});
