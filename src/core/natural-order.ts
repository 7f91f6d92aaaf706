// The order in which people expect names: `a2` before `a10`, whatever the case. By keys that compare as plain
// text, so that thousands of names cost no collator. Pure; a pause between slices comes in as an argument.

/** Names or moves between two pauses: some milliseconds. */
const SLICE = 2048;
/** Sorted at once by the platform, then merged. */
const RUN = 1024;

/**
 * A text that compares by code unit as the name does in natural order. Each run of digits is led by a zero, which
 * keeps its place among other characters, and by its length, so that the longer number is the larger one.
 */
export function naturalKey(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replace(/\d+/g, (digits) => {
      const whole = digits.replace(/^0+(?=\d)/, '');
      return `0${String.fromCharCode(whole.length)}${whole}`;
    });
}

/**
 * The place of each name in natural order, from 0; names with equal keys by code unit. Equal names share a place.
 * @param pause awaited between slices of work, each short enough for a page's thread
 */
export async function naturalRanks(
  names: readonly string[],
  pause: () => Promise<void>,
): Promise<Int32Array<ArrayBuffer>> {
  const ranks = new Int32Array(names.length);
  let rank = -1;
  const order = await naturalOrder(names, pause);
  order.forEach((index, at) => {
    if (at === 0 || names[index] !== names[order[at - 1] ?? index]) rank = at;
    ranks[index] = rank;
  });
  return ranks;
}

/** The indices of the names in natural order, equal names as they stand. `pause` as for the ranks. */
export async function naturalOrder(
  names: readonly string[],
  pause: () => Promise<void>,
): Promise<Int32Array<ArrayBuffer>> {
  const keys: string[] = [];
  for (let from = 0; from < names.length; from += SLICE) {
    for (const name of names.slice(from, from + SLICE)) keys.push(naturalKey(name));
    await pause();
  }
  return mergeSort(names.length, pause, (a, b) => {
    const [keyA = '', keyB = ''] = [keys[a], keys[b]];
    if (keyA !== keyB) return keyA < keyB ? -1 : 1;
    const [nameA = '', nameB = ''] = [names[a], names[b]];
    return nameA < nameB ? -1 : nameA > nameB ? 1 : a - b;
  });
}

/** 0 to n - 1 in order, bottom-up, with pauses. */
async function mergeSort(
  n: number,
  pause: () => Promise<void>,
  compare: (a: number, b: number) => number,
): Promise<Int32Array<ArrayBuffer>> {
  let from = Int32Array.from({ length: n }, (_, i) => i);
  for (let at = 0; at < n; at += RUN) {
    from.subarray(at, at + RUN).sort(compare);
    await pause();
  }
  let to = new Int32Array(n);
  for (let width = RUN; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      const slices = merge(from, to, start, width, compare);
      while (!slices.next().done) await pause();
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Merges two neighbouring runs; yields after each slice. */
function* merge(
  from: Int32Array,
  to: Int32Array,
  start: number,
  width: number,
  compare: (a: number, b: number) => number,
): Generator<void> {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(middle + width, from.length);
  let [left, right] = [start, middle];
  for (let at = start; at < end; at++) {
    const [a = 0, b = 0] = [from[left], from[right]];
    const takesLeft = left < middle && (right >= end || compare(a, b) <= 0);
    to[at] = takesLeft ? a : b;
    if (takesLeft) left++;
    else right++;
    if ((at + 1) % SLICE === 0) yield;
  }
}
