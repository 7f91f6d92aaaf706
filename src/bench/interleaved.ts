// Times several ways of doing a thing against each other: in turns, so that whatever else the machine does meets all of
// them alike, and by the median, which a single interruption does not move. Pure: the clock comes in.

export interface Timing {
  /** Median over the rounds, milliseconds. */
  ms: number;
  rounds: number;
}

/**
 * Runs every contestant once in each round. One round more, at first, is not counted: code is compiled in it.
 * @param contestants what to do, by name
 * @param now milliseconds, monotonic
 */
export async function timeInterleaved<Name extends string>(
  contestants: Readonly<Record<Name, () => unknown>>,
  rounds: number,
  now: () => number,
): Promise<Record<Name, Timing>> {
  const names = Object.keys(contestants) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++)
    for (const name of names) {
      const from = now();
      await contestants[name]();
      if (round > 0) times.get(name)?.push(now() - from);
    }
  const timings = names.map((name) => [name, { ms: median(times.get(name) ?? []), rounds }]);
  return Object.fromEntries(timings) as Record<Name, Timing>;
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = NaN, high = NaN] = [(sorted.length - 1) >> 1, sorted.length >> 1].map((i) => sorted[i]);
  return (low + high) / 2;
}

/** The value that the fraction `p` of all do not exceed (nearest rank); NaN of nothing. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? NaN;
}
