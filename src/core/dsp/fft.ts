// The discrete Fourier transform at any size: passes of radix 8 for powers of two, Bluestein's algorithm on top
// of them for the rest (a manifest may ask for nFft 400). Complex numbers are interleaved: re, im, re, im.

import { firstPass2, firstPass4, firstPass8OfHalf, pass8, twiddles8 } from './fft-passes.ts';

export interface Fft {
  /** Forward transform of `size` complex numbers; `out` and `data` are different arrays of `2 * size`. */
  transform(out: Float64Array, data: Float64Array): void;
}

/**
 * @param size complex points, any integer above 0
 * @param filled the points of `data` from this one on are zero: with half of them or fewer there is less to do
 */
export function createFft(size: number, filled = size): Fft {
  if (size === 1) return { transform: (out, data) => out.set(data) };
  return (size & (size - 1)) === 0 ? createPowerOfTwo(size, filled) : createBluestein(size);
}

type Pass = (from: Float64Array, to: Float64Array) => void;

/** One pass brings what radix 8 leaves over, one for each factor of eight follows. */
function createPowerOfTwo(size: number, filled: number): Fft {
  const passes: Pass[] = [];
  // A shift, not a power: the engine then keeps the indices of the passes as integers.
  let length = 1 << (Math.log2(size) % 3);
  if (length === 2) passes.push(firstPass2);
  if (length === 4) passes.push(firstPass4);
  if (length === 1 && 2 * filled <= size) {
    passes.push(firstPass8OfHalf);
    length = 8;
  }
  for (; length < size; length *= 8) {
    const [factors, points] = [twiddles8(length), length];
    passes.push((from, to) => pass8(from, to, factors, points));
  }
  const scratch = new Float64Array(2 * size);
  return {
    transform(out, data) {
      let from = data;
      for (let i = 0; i < passes.length; i++) {
        // The last pass writes to `out`, those before it in turn.
        const to = (passes.length - i) % 2 === 1 ? out : scratch;
        (passes[i] as Pass)(from, to);
        from = to;
      }
    },
  };
}

/**
 * Power spectra of two real signals that went through one complex transform, as its real and imaginary parts.
 * @param spectrum of all N points, interleaved
 * @param first |A|² of bins 0 up to the array's length, at most N / 2 + 1; `second`: |B|² likewise
 */
export function splitPowers(spectrum: Float64Array, first: Float64Array, second: Float64Array): void {
  for (let bin = 0; bin < first.length; bin++) {
    const at = 2 * bin;
    const mirror = at === 0 ? 0 : spectrum.length - at;
    const re = spectrum[at] as number;
    const im = spectrum[at + 1] as number;
    const mirrorRe = spectrum[mirror] as number;
    const mirrorIm = spectrum[mirror + 1] as number;
    // With z = a + ib: A = (Z[k] + conj Z[-k]) / 2 and B = (Z[k] - conj Z[-k]) / 2i.
    const aRe = re + mirrorRe;
    const aIm = im - mirrorIm;
    const bRe = im + mirrorIm;
    const bIm = mirrorRe - re;
    first[bin] = 0.25 * (aRe * aRe + aIm * aIm);
    second[bin] = 0.25 * (bRe * bRe + bIm * bIm);
  }
}

/**
 * Bluestein's algorithm: with nk = (n² + k² - (k - n)²) / 2 a DFT of any size is a convolution with a chirp,
 * which two FFTs of a power of two do. Source: Bluestein 1970, IEEE Trans. Audio Electroacoust. 18(4).
 */
function createBluestein(size: number): Fft {
  let padded = 2;
  while (padded < 2 * size - 1) padded *= 2;
  const inner = createPowerOfTwo(padded, padded);
  const chirp = new Float64Array(2 * size);
  for (let n = 0; n < size; n++) {
    // n² modulo 2 size keeps the angle small and exact.
    const angle = (Math.PI * ((n * n) % (2 * size))) / size;
    chirp[2 * n] = Math.cos(angle);
    chirp[2 * n + 1] = Math.sin(angle);
  }
  const kernel = new Float64Array(2 * padded);
  for (let n = 0; n < size; n++)
    for (const at of n === 0 ? [0] : [n, padded - n]) {
      kernel[2 * at] = chirp[2 * n] as number;
      kernel[2 * at + 1] = chirp[2 * n + 1] as number;
    }
  const kernelSpectrum = new Float64Array(2 * padded);
  inner.transform(kernelSpectrum, kernel);
  const buffer = new Float64Array(2 * padded);
  const spectrum = new Float64Array(2 * padded);

  return {
    transform(out, data) {
      buffer.fill(0);
      multiply(buffer, data, chirp, size, -1, 1);
      inner.transform(spectrum, buffer);
      multiply(spectrum, spectrum, kernelSpectrum, padded, 1, 1);
      // The inverse transform is the forward one of the conjugate, conjugated.
      for (let i = 1; i < spectrum.length; i += 2) spectrum[i] = -(spectrum[i] as number);
      inner.transform(buffer, spectrum);
      for (let i = 1; i < buffer.length; i += 2) buffer[i] = -(buffer[i] as number);
      multiply(out, buffer, chirp, size, -1, 1 / padded);
    },
  };
}

/** out = scale · a · b, with b conjugated when `sign` is -1; element by element, complex. */
function multiply(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  count: number,
  sign: 1 | -1,
  scale: number,
): void {
  for (let i = 0; i < 2 * count; i += 2) {
    const [ar, ai] = [a[i] as number, a[i + 1] as number];
    const [br, bi] = [b[i] as number, sign * (b[i + 1] as number)];
    out[i] = (ar * br - ai * bi) * scale;
    out[i + 1] = (ar * bi + ai * br) * scale;
  }
}
