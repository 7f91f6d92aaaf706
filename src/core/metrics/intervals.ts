// What an uncertain number looks like, and the interval of a rate.
// Every figure of an evaluation is one of these two, so that none is ever shown without its n and interval.
// May import: nothing.

/** A number with its interval. All three are null where the number is not defined (one class missing, no examples). */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
  /** Recordings it was computed from. */
  n: number;
}

/** A proportion `count / n` with its interval. */
export interface Rate extends Estimate {
  count: number;
}

/** Two-sided 95 % quantile of the standard normal distribution. */
const Z_95 = 1.959963984540054;

/**
 * 95 % score interval of a proportion: unlike the textbook's ± 1.96 SE it stays inside 0..1 and holds for small n.
 * Source: Wilson, J Am Stat Assoc 22 (1927) 209–212.
 * @param count successes, 0..n
 */
export function wilsonRate(count: number, n: number): Rate {
  if (n === 0) return { value: null, low: null, high: null, count, n };
  const p = count / n;
  const z2 = Z_95 * Z_95;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z_95 / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  // At 0 and n of n the bound is exactly 0 or 1; rounding must not leave it a hair beside.
  return {
    value: p,
    low: count === 0 ? 0 : centre - half,
    high: count === n ? 1 : centre + half,
    count,
    n,
  };
}
