// The oracle compares piece by piece with whole numbers, where the keys compare plain text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naturalKey, naturalOrder, naturalRanks } from './natural-order.ts';

/** Digits against digits by value, all else by code unit; digits stand where the character 0 does. */
function compareNaturally(a: string, b: string): number {
  const pieces = (name: string): string[] => name.toLowerCase().match(/\d+|\D/g) ?? [];
  const [left, right] = [pieces(a), pieces(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = '', y = ''] = [left[i], right[i]];
    const areNumbers = /^\d/.test(x) && /^\d/.test(y);
    if (areNumbers && BigInt(x) !== BigInt(y)) return BigInt(x) < BigInt(y) ? -1 : 1;
    if (areNumbers || x === y) continue;
    const [p, q] = [x.replace(/^\d.*/, '0'), y.replace(/^\d.*/, '0')];
    return p < q ? -1 : 1;
  }
  return left.length - right.length;
}

const noPause = (): Promise<void> => Promise.resolve();
const nameOf = fc
  .array(fc.constantFrom('a', 'B', 'b', '/', '.', '-', '0', '1', '2', '9', '心', '  '), { maxLength: 8 })
  .map((parts) => parts.join(''));

describe('natural order', () => {
  it('puts a2 before a10 and looks past the case', () => {
    const names = ['a10.wav', 'A2.wav', 'a1/b.wav', 'a02.wav'];
    const sorted = names.toSorted((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1));
    expect(sorted.map((name) => name.toLowerCase())).toEqual(['a1/b.wav', 'a2.wav', 'a02.wav', 'a10.wav']);
  });

  it('compares as numbers and characters do', () => {
    fc.assert(
      fc.property(nameOf, nameOf, (a, b) => {
        const [x, y] = [naturalKey(a), naturalKey(b)];
        expect(Math.sign(compareNaturally(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
  });

  it('ranks any list as sorting it whole does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(nameOf, { maxLength: 60 }), async (names) => {
        const sorted = names.toSorted((a, b) => compareNaturally(a, b) || (a < b ? -1 : a > b ? 1 : 0));
        const ranks = await naturalRanks(names, noPause);
        expect(Array.from(ranks)).toEqual(names.map((name) => sorted.indexOf(name)));
        const order = await naturalOrder(names, noPause);
        expect(Array.from(order, (index) => names[index])).toEqual(sorted);
      }),
    );
  });

  it('ranks more names than one run holds, with pauses', async () => {
    const n = 5000;
    // 7 and 5000 share no factor: every number once, far from order.
    const names = Array.from({ length: n }, (_, i) => `ward/r${String((i * 7) % n)}.wav`);
    let pauses = 0;
    const ranks = await naturalRanks(names, () => {
      pauses++;
      return Promise.resolve();
    });
    expect(Array.from(ranks)).toEqual(Array.from({ length: n }, (_, i) => (i * 7) % n));
    expect(pauses).toBeGreaterThan(5);
  });
});
