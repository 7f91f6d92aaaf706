// The vector loop behind the long-term statistics of bands: one pass over a window takes every sum that a
// statistic asks for. Imports the assembler only.

import {
  advance,
  atLeast,
  atMost,
  get,
  inOrder,
  load,
  magnitude,
  minus,
  nearest,
  over,
  plus,
  powerOfTwo,
  repeat,
  set,
  splat,
  store,
  times,
  type Code,
  type FunctionSource,
  type Local,
} from './wasm-assembler.ts';
import type { MultiplyAdd } from './simd-loops.ts';

/** Sharpness of the soft extremes, and where centred values are clipped so that exp stays small. */
export const SOFTNESS = 3;
export const CLIP = 5;

/** Terms of the series of 2^f with |f| ≤ 1/2: what is left out is below float32's rounding. */
const SERIES_TERMS = 7;

/** What is summed up, in the order in which a call writes it: one vector each. */
export const BAND_SUMS = ['squares', 'cubes', 'differences', 'highs', 'lows'] as const;

const VECTOR = 16;

/** A number that stays in a variable. */
interface Constant {
  code: Code;
  prepare: Code;
}

/** What it computes is said in simd-kernels.ts. */
export function bandSumsSource(multiplyAdd: MultiplyAdd): FunctionSource {
  return {
    name: 'bandSums',
    parameterCount: 5,
    body({ parameters, count, vector }) {
      const [x, meanAt, frames, step, out] = parameters as [Local, Local, Local, Local, Local];
      const frame = count();
      const sums = BAND_SUMS.map(vector);
      const [squares, cubes, differences, highs, lows] = sums as [Local, Local, Local, Local, Local];
      const [mean, before, centred, square] = [vector(), vector(), vector(), vector()];
      const [whole, fraction, power] = [vector(), vector(), vector()];
      const constant = (value: number): Constant => {
        const local = vector();
        return { code: get(local), prepare: set(local, splat(value)) };
      };
      const [low, high, toBinary] = [-CLIP, CLIP, SOFTNESS / Math.LN2].map(constant) as [
        Constant,
        Constant,
        Constant,
      ];
      const series = Array.from({ length: SERIES_TERMS }, (_, k) => constant(coefficient(k)));
      const polynomial = series
        .map(({ code }) => code)
        .reduceRight((sum, term) => multiplyAdd(sum, get(fraction), term));
      const exponential = inOrder(
        set(fraction, times(atMost(atLeast(get(centred), low.code), high.code), toBinary.code)),
        set(whole, nearest(get(fraction))),
        set(fraction, minus(get(fraction), get(whole))),
        set(power, times(polynomial, powerOfTwo(get(whole)))),
      );
      const sum = (into: Local, value: Code): Code => set(into, plus(get(into), value));
      const oneFrame = inOrder(
        set(centred, minus(load(get(x), 0), get(mean))),
        set(square, times(get(centred), get(centred))),
        sum(squares, get(square)),
        set(cubes, multiplyAdd(get(square), get(centred), get(cubes))),
        sum(differences, magnitude(minus(get(centred), get(before)))),
        set(before, get(centred)),
        exponential,
        sum(highs, get(power)),
        sum(lows, over(series[0]?.code ?? [], get(power))),
        advance(x, get(step)),
      );
      return inOrder(
        ...[low, high, toBinary, ...series].map(({ prepare }) => prepare),
        set(mean, load(get(meanAt), 0)),
        set(before, minus(load(get(x), 0), get(mean))),
        ...sums.map((local) => set(local, splat(0))),
        repeat(frame, get(frames), oneFrame),
        ...sums.map((local, i) => store(get(out), i * VECTOR, get(local))),
      );
    },
  };
}

/** Of f^k in the series of 2^f: ln(2)^k / k!; the first is 1. */
function coefficient(k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value *= Math.LN2 / i;
  return value;
}
