// Half floats against known bit patterns (IEEE 754-2019) and the bound that rounding promises.

import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { decodeHalf, encodeHalf } from './half-float.ts';

function roundTrip(values: number[]): number[] {
  const decoded = new Float32Array(values.length);
  decodeHalf(encodeHalf(values), 0, values.length, decoded, 0);
  return [...decoded];
}

describe('half floats', () => {
  it('have the bits of the standard', () => {
    const values = [
      0,
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14,
      1 / 3,
      Infinity,
      1e6,
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
    ];
    const bits = [0, 0x3c00, 0xc000, 0x7bff, 1, 0x0400, 0x3555, 0x7c00, 0x7c00, 0x3c00, 0x3c02];
    expect([...encodeHalf(values)]).toEqual(bits);
  });

  it('keep 11 significant bits', () => {
    const random = new Random(1);
    const values = Array.from({ length: 10_000 }, () => random.normal() * 10 ** (4 * random.uniform() - 2));
    roundTrip(values).forEach((value, i) => {
      const exact = values[i] ?? NaN;
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.max(Math.abs(exact) * 2 ** -11, 2 ** -25));
    });
  });
});
