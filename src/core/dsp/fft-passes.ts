// The passes of a power-of-two FFT, each from transforms of L points to transforms of 2, 4 or 8 times L points.
// Stockham's order: a pass reads one array and writes another, so no bits are reversed. Imports nothing.
// In every array transform j of L points lies at L * j; the parts that make up one transform lie a 2nd, 4th or 8th
// of the array apart. Complex numbers are interleaved: re, im. The letters r and i end their parts' names.
// Source: C. Van Loan 1992, Computational Frameworks for the Fast Fourier Transform, 1.7.

/** cos(pi / 4), the one factor within an 8-point transform. */
const EIGHTH_TURN = Math.SQRT1_2;

/** Twiddle factors of a butterfly of eight: seven complex numbers. */
const TWIDDLES = 14;

/** From single points to transforms of two. */
export function firstPass2(x: Float64Array, y: Float64Array): void {
  const half = x.length / 2;
  for (let at = 0; at < half; at += 2) {
    const ar = x[at] as number;
    const ai = x[at + 1] as number;
    const br = x[at + half] as number;
    const bi = x[at + half + 1] as number;
    y[2 * at] = ar + br;
    y[2 * at + 1] = ai + bi;
    y[2 * at + 2] = ar - br;
    y[2 * at + 3] = ai - bi;
  }
}

/** From single points to transforms of four. */
// prettier-ignore
export function firstPass4(x: Float64Array, y: Float64Array): void {
  const hop = x.length / 4;
  for (let at = 0; at < hop; at += 2) {
    const ar = x[at] as number, ai = x[at + 1] as number;
    const br = x[at + hop] as number, bi = x[at + hop + 1] as number;
    const cr = x[at + 2 * hop] as number, ci = x[at + 2 * hop + 1] as number;
    const dr = x[at + 3 * hop] as number, di = x[at + 3 * hop + 1] as number;
    const er = ar + cr, ei = ai + ci, fr = ar - cr, fi = ai - ci;
    const gr = br + dr, gi = bi + di, hr = br - dr, hi = bi - di;
    const to = 4 * at;
    y[to] = er + gr;
    y[to + 1] = ei + gi;
    y[to + 2] = fr + hi;
    y[to + 3] = fi - hr;
    y[to + 4] = er - gr;
    y[to + 5] = ei - gi;
    y[to + 6] = fr - hi;
    y[to + 7] = fi + hr;
  }
}

/** From single points to transforms of eight, where the second half of `x` is zero and not looked at. */
// prettier-ignore
export function firstPass8OfHalf(x: Float64Array, y: Float64Array): void {
  const hop = x.length / 8;
  for (let at = 0; at < hop; at += 2) {
    const ar = x[at] as number, ai = x[at + 1] as number;
    const br = x[at + hop] as number, bi = x[at + hop + 1] as number;
    const cr = x[at + 2 * hop] as number, ci = x[at + 2 * hop + 1] as number;
    const dr = x[at + 3 * hop] as number, di = x[at + 3 * hop + 1] as number;
    const to = 8 * at;
    // The even points: a four-point transform of a, b, c, d.
    const er = ar + cr, ei = ai + ci, fr = ar - cr, fi = ai - ci;
    const gr = br + dr, gi = bi + di, hr = br - dr, hi = bi - di;
    y[to] = er + gr;
    y[to + 1] = ei + gi;
    y[to + 4] = fr + hi;
    y[to + 5] = fi - hr;
    y[to + 8] = er - gr;
    y[to + 9] = ei - gi;
    y[to + 12] = fr - hi;
    y[to + 13] = fi + hr;
    // The odd points: the same of a, b, c, d turned by 0, 1, 2 and 3 eighths.
    const mr = (br + bi) * EIGHTH_TURN, mi = (bi - br) * EIGHTH_TURN;
    const nr = (di - dr) * EIGHTH_TURN, ni = -(dr + di) * EIGHTH_TURN;
    const pr = ar + ci, pi = ai - cr, qr = ar - ci, qi = ai + cr;
    const rr = mr + nr, ri = mi + ni, sr = mr - nr, si = mi - ni;
    y[to + 2] = pr + rr;
    y[to + 3] = pi + ri;
    y[to + 6] = qr + si;
    y[to + 7] = qi - sr;
    y[to + 10] = pr - rr;
    y[to + 11] = pi - ri;
    y[to + 14] = qr - si;
    y[to + 15] = qi + sr;
  }
}

/** exp(-2 pi i k m / (8 length)) for k below `length` and m = 1..7, m fastest. */
export function twiddles8(length: number): Float64Array {
  const factors = new Float64Array(TWIDDLES * length);
  for (let k = 0; k < length; k++)
    for (let m = 1; m < 8; m++) {
      const angle = (-2 * Math.PI * k * m) / (8 * length);
      factors[TWIDDLES * k + 2 * m - 2] = Math.cos(angle);
      factors[TWIDDLES * k + 2 * m - 1] = Math.sin(angle);
    }
  return factors;
}

/**
 * From transforms of `length` points to transforms of eight times as many. One straight line of arithmetic: cut
 * into functions its numbers would go through memory.
 * @param w `twiddles8(length)`
 */
// prettier-ignore
export function pass8(x: Float64Array, y: Float64Array, w: Float64Array, length: number): void {
  const hop = x.length / 8;
  const step = 2 * length;
  for (let k = 0, t = 0; k < step; k += 2, t += TWIDDLES) {
    const w1r = w[t] as number, w1i = w[t + 1] as number;
    const w2r = w[t + 2] as number, w2i = w[t + 3] as number;
    const w3r = w[t + 4] as number, w3i = w[t + 5] as number;
    const w4r = w[t + 6] as number, w4i = w[t + 7] as number;
    const w5r = w[t + 8] as number, w5i = w[t + 9] as number;
    const w6r = w[t + 10] as number, w6i = w[t + 11] as number;
    const w7r = w[t + 12] as number, w7i = w[t + 13] as number;
    for (let at = k, to = k; at < hop; at += step, to += 8 * step) {
      const u0r = x[at] as number, u0i = x[at + 1] as number;
      const x1r = x[at + hop] as number, x1i = x[at + hop + 1] as number;
      const x2r = x[at + 2 * hop] as number, x2i = x[at + 2 * hop + 1] as number;
      const x3r = x[at + 3 * hop] as number, x3i = x[at + 3 * hop + 1] as number;
      const x4r = x[at + 4 * hop] as number, x4i = x[at + 4 * hop + 1] as number;
      const x5r = x[at + 5 * hop] as number, x5i = x[at + 5 * hop + 1] as number;
      const x6r = x[at + 6 * hop] as number, x6i = x[at + 6 * hop + 1] as number;
      const x7r = x[at + 7 * hop] as number, x7i = x[at + 7 * hop + 1] as number;
      const u1r = x1r * w1r - x1i * w1i, u1i = x1r * w1i + x1i * w1r;
      const u2r = x2r * w2r - x2i * w2i, u2i = x2r * w2i + x2i * w2r;
      const u3r = x3r * w3r - x3i * w3i, u3i = x3r * w3i + x3i * w3r;
      const u4r = x4r * w4r - x4i * w4i, u4i = x4r * w4i + x4i * w4r;
      const u5r = x5r * w5r - x5i * w5i, u5i = x5r * w5i + x5i * w5r;
      const u6r = x6r * w6r - x6i * w6i, u6i = x6r * w6i + x6i * w6r;
      const u7r = x7r * w7r - x7i * w7i, u7i = x7r * w7i + x7i * w7r;
      // The even points: a four-point transform of the sums.
      const ar = u0r + u4r, ai = u0i + u4i;
      const br = u1r + u5r, bi = u1i + u5i;
      const cr = u2r + u6r, ci = u2i + u6i;
      const dr = u3r + u7r, di = u3i + u7i;
      const er = ar + cr, ei = ai + ci, fr = ar - cr, fi = ai - ci;
      const gr = br + dr, gi = bi + di, hr = br - dr, hi = bi - di;
      y[to] = er + gr;
      y[to + 1] = ei + gi;
      y[to + 2 * step] = fr + hi;
      y[to + 2 * step + 1] = fi - hr;
      y[to + 4 * step] = er - gr;
      y[to + 4 * step + 1] = ei - gi;
      y[to + 6 * step] = fr - hi;
      y[to + 6 * step + 1] = fi + hr;
      // The odd points: the same of the differences, turned by 0, 1, 2 and 3 eighths.
      const jr = u0r - u4r, ji = u0i - u4i;
      const kr = u1r - u5r, ki = u1i - u5i;
      const lr = u2r - u6r, li = u2i - u6i;
      const mr = u3r - u7r, mi = u3i - u7i;
      const nr = (kr + ki) * EIGHTH_TURN, ni = (ki - kr) * EIGHTH_TURN;
      const or = (mi - mr) * EIGHTH_TURN, oi = -(mr + mi) * EIGHTH_TURN;
      const pr = jr + li, pi = ji - lr, qr = jr - li, qi = ji + lr;
      const rr = nr + or, ri = ni + oi, sr = nr - or, si = ni - oi;
      y[to + step] = pr + rr;
      y[to + step + 1] = pi + ri;
      y[to + 3 * step] = qr + si;
      y[to + 3 * step + 1] = qi - sr;
      y[to + 5 * step] = pr - rr;
      y[to + 5 * step + 1] = pi - ri;
      y[to + 7 * step] = qr - si;
      y[to + 7 * step + 1] = qi + sr;
    }
  }
}
