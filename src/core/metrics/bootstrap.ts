// Intervals of figures that are not rates (AUROC, MAcc): the bootstrap over groups.
// Recordings of one patient are not independent, so whole groups are drawn; a resample is a vector of weights
// over the recordings, which every statistic reads in one pass over an ordering that was made once.
// May import: ../random.ts.

import type { Random } from '../random.ts';
import type { Estimate } from './intervals.ts';

/** Enough for two decimals of a 95 % percentile interval. Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993. */
export const RESAMPLES = 2000;
const TAIL = 0.025;
/** A figure that fewer than half of the resamples define (a class is gone) has no interval worth showing. */
const MIN_DEFINED_FRACTION = 0.5;
/** A stratum of fewer groups hardly varies when it is drawn from itself: such strata are drawn as one. */
const MIN_STRATUM_GROUPS = 5;

export interface BootstrapDesign {
  /** Group of each recording: drawn as a whole. */
  groups: readonly string[];
  /**
   * Stratum of each recording: groups are drawn inside their (first) stratum, so that each keeps its size. Strata of
   * fewer than five groups are drawn as one.
   */
  strata: readonly string[];
  resamples: number;
  random: Random;
}

/**
 * Percentile intervals of several statistics over the same resamples.
 * @param statistics read weights (one per recording: how often it was drawn) and return one number each, null where undefined
 * @param values the statistics on the data themselves
 * @returns one Estimate per statistic, n = number of recordings; interval null where it cannot be told
 */
export function bootstrapByGroup(
  design: BootstrapDesign,
  values: readonly (number | null)[],
  statistics: (weights: Float64Array) => readonly (number | null)[],
): Estimate[] {
  const n = design.groups.length;
  const strata = groupsByStratum(design);
  const weights = new Float64Array(n);
  const samples = values.map(() => new Float64Array(design.resamples));
  const defined = values.map(() => 0);
  for (let resample = 0; resample < design.resamples; resample++) {
    weights.fill(0);
    // By index: this is what most of an evaluation's time goes into.
    for (const groups of strata)
      for (let draw = 0; draw < groups.length; draw++) {
        const group = groups[design.random.integer(groups.length)] as Int32Array;
        for (let k = 0; k < group.length; k++) (weights[group[k] as number] as number)++;
      }
    statistics(weights).forEach((value, k) => {
      if (value === null) return;
      (samples[k] as Float64Array)[defined[k] as number] = value;
      defined[k] = (defined[k] as number) + 1;
    });
  }
  return values.map((value, k) => {
    const count = defined[k] as number;
    if (value === null || count < design.resamples * MIN_DEFINED_FRACTION || count === 0)
      return { value, low: null, high: null, n };
    const sorted = (samples[k] as Float64Array).subarray(0, count).sort();
    return { value, low: quantile(sorted, TAIL), high: quantile(sorted, 1 - TAIL), n };
  });
}

/** Indices of the recordings of each group, group by group, stratum by stratum; in order of first appearance. */
function groupsByStratum(design: BootstrapDesign): Int32Array[][] {
  const members = new Map<string, { stratum: string; indices: number[] }>();
  design.groups.forEach((group, i) => {
    const known = members.get(group);
    if (known === undefined) members.set(group, { stratum: design.strata[i] as string, indices: [i] });
    else known.indices.push(i);
  });
  const strata = new Map<string, Int32Array[]>();
  for (const { stratum, indices } of members.values()) {
    const list = strata.get(stratum);
    if (list === undefined) strata.set(stratum, [Int32Array.from(indices)]);
    else list.push(Int32Array.from(indices));
  }
  const isSmall = (groups: readonly unknown[]): boolean => groups.length < MIN_STRATUM_GROUPS;
  const small = [...strata.values()].filter(isSmall).flat();
  const large = [...strata.values()].filter((groups) => !isSmall(groups));
  return small.length > 0 ? [...large, small] : large;
}

/** Linear interpolation between order statistics (type 7 of Hyndman & Fan 1996). @param sorted ascending, not empty */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  const position = fraction * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  // Equal ends are returned as they are: infinite scores would give ∞ − ∞.
  return low === high ? low : low + (position - below) * (high - low);
}
