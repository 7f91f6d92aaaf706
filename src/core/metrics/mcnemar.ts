// Whether one of two methods is right more often than the other on the same examples: McNemar's exact test.
// May import: nothing.

/**
 * Exact two-sided p: if neither were better, each example that only one has right would fall to either like a coin.
 * Source: McNemar, Psychometrika 12 (1947) 153–157; exact form: Fagerland, Lydersen & Laake, BMC Med Res Methodol 13 (2013) 91.
 * @param onlyA examples that only the first has right; `onlyB` likewise
 * @returns min(1, 2 · P(X ≤ the smaller)) for X ~ Binomial(onlyA + onlyB, ½); 1 where the two never differ
 */
export function mcnemarExact(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  // In logarithms: 2⁻ⁿ itself underflows from about a thousand on.
  let logTerm = -n * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(onlyA, onlyB); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
