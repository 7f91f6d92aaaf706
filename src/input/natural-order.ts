// Puts paths in the order a person expects: `a2` before `a10`, capitals beside small letters. In slices, because
// sorting 20,000 at once would hold up the page. May use the page's clock through breathe.

import { createPace } from './breathe.ts';

/** Digits a number is filled up to with zeros: longer ones are no numbers that people count by. */
const NUMBER_DIGITS = 16;

/** Paths sorted in one go, a few milliseconds, before the sorted runs are merged. */
const RUN_LENGTH = 1024;

interface Keyed<T> {
  key: string;
  item: T;
}

/** A new array; what has equal paths stays in its order. */
export async function sortNaturally<T extends { path: string }>(items: readonly T[]): Promise<T[]> {
  const pace = createPace();
  let runs: Keyed<T>[][] = [];
  for (let from = 0; from < items.length; from += RUN_LENGTH) {
    const run = items.slice(from, from + RUN_LENGTH).map((item) => ({ key: naturalKey(item.path), item }));
    runs.push(run.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)));
    await pace();
  }
  while (runs.length > 1) {
    const merged: Keyed<T>[][] = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? [], pace));
    runs = merged;
  }
  return (runs[0] ?? []).map(({ item }) => item);
}

/** Compared by code unit: far faster than a collator, and the same on every machine. */
function naturalKey(path: string): string {
  const plain = path.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(NUMBER_DIGITS, '0'));
  // What differs in capitals or leading zeros only has an order of its own.
  return `${plain}\0${path}`;
}

async function merge<T>(
  left: readonly Keyed<T>[],
  right: readonly Keyed<T>[],
  pace: () => Promise<void> | undefined,
): Promise<Keyed<T>[]> {
  const merged: Keyed<T>[] = [];
  let l = 0;
  let r = 0;
  for (;;) {
    const a = left[l];
    const b = right[r];
    if (a !== undefined && (b === undefined || a.key <= b.key)) {
      merged.push(a);
      l++;
    } else if (b !== undefined) {
      merged.push(b);
      r++;
    } else return merged;
    if (merged.length % RUN_LENGTH === 0) await pace();
  }
}
