// Whether a day of use left everything where it was: exact where something is counted, by slope and by end against
// beginning where something is measured. Pure.

import { median } from '../bench/interleaved.ts';

/** What a series is held to. */
export type Limit =
  /** Every value is the first one. */
  | { kind: 'same' }
  /** In a whole day it grows by no more than this, in its own unit. */
  | { kind: 'growth'; most: number };

/** A slope and the interval that holds it with 95 % confidence, in units a day. */
export interface Slope {
  perDay: number;
  low: number;
  high: number;
}

export interface Verdict {
  /** What is wrong, in a few words; null: nothing. */
  fault: string | null;
  /** Null where something is counted. */
  slope: Slope | null;
  /** Median of the first rounds and of the last ones; null where something is counted. */
  ends: { start: number; end: number } | null;
}

const HOURS_A_DAY = 24;
/** Two-sided 95 % of the normal distribution. */
const Z_95 = 1.959_964;
/** Rounds at either end whose median stands for it. */
const END_ROUNDS = 3;

/**
 * @param hours of the simulated day at which each value was read, ascending
 * @param values as many
 */
export function judge(hours: readonly number[], values: readonly (number | string)[], limit: Limit): Verdict {
  if (limit.kind === 'same') return { fault: difference(values), slope: null, ends: null };
  const numbers = values.map(Number);
  const slope = theilSen(hours, numbers);
  const ends = { start: median(numbers.slice(0, END_ROUNDS)), end: median(numbers.slice(-END_ROUNDS)) };
  const grown = ends.end - ends.start;
  const isClimbing = slope.low > 0 && slope.perDay > limit.most;
  const fault = !Number.isFinite(grown)
    ? 'could not be read'
    : grown > limit.most
      ? 'has grown'
      : isClimbing
        ? 'is growing'
        : null;
  return { fault, slope, ends };
}

function difference(values: readonly (number | string)[]): string | null {
  const [first] = values;
  const other = values.find((value) => value !== first);
  return other === undefined ? null : `is not the same: “${String(first)}” and “${String(other)}”`;
}

/**
 * The median of the slopes between all pairs, which a few odd rounds do not move (Theil 1950), with the interval of Sen
 * (1968), from the distribution of Kendall's statistic; ranks are rounded as SciPy does. Ties make the interval wider
 * than it need be.
 * @param hours ascending
 * @returns infinite bounds where there are too few values for an interval
 */
export function theilSen(hours: readonly number[], values: readonly number[]): Slope {
  const slopes: number[] = [];
  for (let j = 1; j < values.length; j++)
    for (let i = 0; i < j; i++) {
      const span = (hours[j] ?? NaN) - (hours[i] ?? NaN);
      slopes.push((((values[j] ?? NaN) - (values[i] ?? NaN)) / span) * HOURS_A_DAY);
    }
  slopes.sort((a, b) => a - b);
  const n = values.length;
  const spread = Z_95 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const lowest = Math.round((slopes.length - spread) / 2) - 1;
  const highest = Math.round((slopes.length + spread) / 2);
  return {
    perDay: median(slopes),
    low: slopes[lowest] ?? -Infinity,
    high: slopes[highest] ?? Infinity,
  };
}
