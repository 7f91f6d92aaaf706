// Second-order Butterworth sections: noise shaping, and the energy of bands. Not for the network's input.

/** Quality factor of a maximally flat second-order section. */
const BUTTERWORTH_Q = Math.SQRT1_2;

/**
 * Filters in place with one second-order section; call it twice for 24 dB per octave.
 * @param cornerHz the -3 dB frequency, below half the sample rate
 */
export function butterworth(
  samples: Float64Array | Float32Array,
  kind: 'low-pass' | 'high-pass',
  cornerHz: number,
  sampleRateHz: number,
): void {
  const { b0, b1, a1, a2 } = designSection(kind, cornerHz, sampleRateHz);
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i] as number;
    const y = b0 * (x + x2) + b1 * x1 - a1 * y1 - a2 * y2;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    samples[i] = y;
  }
}

/** Coefficients of one section, with a0 = 1 and b2 = b0. */
interface Section {
  b0: number;
  b1: number;
  a1: number;
  a2: number;
}

/** Source: R. Bristow-Johnson, Audio EQ Cookbook. */
function designSection(kind: 'low-pass' | 'high-pass', cornerHz: number, sampleRateHz: number): Section {
  const angle = (2 * Math.PI * cornerHz) / sampleRateHz;
  const cosine = Math.cos(angle);
  const alpha = Math.sin(angle) / (2 * BUTTERWORTH_Q);
  const sign = kind === 'low-pass' ? 1 : -1;
  const scale = 1 / (1 + alpha);
  const b0 = ((1 - sign * cosine) / 2) * scale;
  return { b0, b1: sign * 2 * b0, a1: -2 * cosine * scale, a2: (1 - alpha) * scale };
}

/** Three corners, hertz, ascending: two bands that share the middle one. */
export type NeighbourBands = readonly [lowHz: number, middleHz: number, highHz: number];

/** Sums of squares of the filtered samples, one for each stretch. */
export interface NeighbourEnergies {
  lower: Float64Array;
  upper: Float64Array;
}

/**
 * Energy of a signal in two neighbouring bands of 24 dB per octave on either side, stretch after stretch.
 * @param bands the upper one is open where its end is at or beyond half the sample rate
 * @param ends where each stretch ends and the next begins, in samples, ascending; the first begins at 0
 */
export function neighbourEnergies(
  samples: Float32Array,
  bands: NeighbourBands,
  sampleRateHz: number,
  ends: Int32Array,
): NeighbourEnergies {
  const [lowHz, middleHz, highHz] = bands;
  if (highHz < sampleRateHz / 2) return filterBands(samples, bands, sampleRateHz, ends);
  const { lower } = filterBands(samples, [lowHz, middleHz, middleHz], sampleRateHz, ends);
  return { lower, upper: energiesAbove(samples, middleHz, sampleRateHz, ends) };
}

/**
 * The high-pass and the low-pass of one corner have the same poles, and their zeros, (1 - 1/z)² and (1 + 1/z)²,
 * make up (1 - 1/z²)² together. So a band is sections (1 - 1/z²) / (1 + a1/z + a2/z²), two for each corner, and
 * those of the middle corner run once for both bands. All run in one loop, transposed direct form II, so that the
 * processor works on several samples at a time; their gain comes at the end.
 */
function filterBands(
  samples: Float32Array,
  [lowHz, middleHz, highHz]: NeighbourBands,
  sampleRateHz: number,
  ends: Int32Array,
): NeighbourEnergies {
  const lower = new Float64Array(ends.length);
  const upper = new Float64Array(ends.length);
  const { a1: m1, a2: m2 } = designSection('low-pass', middleHz, sampleRateHz);
  const { a1: l1, a2: l2 } = designSection('low-pass', lowHz, sampleRateHz);
  const { a1: h1, a2: h2 } = designSection('low-pass', highHz, sampleRateHz);
  const lowerGain = bandGain(lowHz, middleHz, sampleRateHz);
  const upperGain = bandGain(middleHz, highHz, sampleRateHz);
  // Two memories for each of the six sections, their sign turned.
  let s0 = 0;
  let t0 = 0;
  let s1 = 0;
  let t1 = 0;
  let s2 = 0;
  let t2 = 0;
  let s3 = 0;
  let t3 = 0;
  let s4 = 0;
  let t4 = 0;
  let s5 = 0;
  let t5 = 0;
  for (let stretch = 0, i = 0; stretch < ends.length; stretch++) {
    let lowerSum = 0;
    let upperSum = 0;
    for (const end = ends[stretch] as number; i < end; i++) {
      const x = samples[i] as number;
      const once = x - s0;
      s0 = t0 + m1 * once;
      t0 = x + m2 * once;
      const middle = once - s1;
      s1 = t1 + m1 * middle;
      t1 = once + m2 * middle;
      const falling = middle - s2;
      s2 = t2 + l1 * falling;
      t2 = middle + l2 * falling;
      const low = falling - s3;
      s3 = t3 + l1 * low;
      t3 = falling + l2 * low;
      const rising = middle - s4;
      s4 = t4 + h1 * rising;
      t4 = middle + h2 * rising;
      const high = rising - s5;
      s5 = t5 + h1 * high;
      t5 = rising + h2 * high;
      lowerSum += low * low;
      upperSum += high * high;
    }
    lower[stretch] = lowerSum * lowerGain;
    upper[stretch] = upperSum * upperGain;
  }
  return { lower, upper };
}

/** What the numerators of two high-pass and two low-pass sections add to the energy. */
function bandGain(lowHz: number, highHz: number, sampleRateHz: number): number {
  const high = designSection('high-pass', lowHz, sampleRateHz).b0;
  const low = designSection('low-pass', highHz, sampleRateHz).b0;
  return (high * low) ** 4;
}

/** Energy above a corner, at 24 dB per octave: sections (1 - 1/z)² / (1 + a1/z + a2/z²), gain at the end. */
function energiesAbove(
  samples: Float32Array,
  cornerHz: number,
  sampleRateHz: number,
  ends: Int32Array,
): Float64Array {
  const energies = new Float64Array(ends.length);
  const { b0, a1, a2 } = designSection('high-pass', cornerHz, sampleRateHz);
  let s0 = 0;
  let t0 = 0;
  let s1 = 0;
  let t1 = 0;
  for (let stretch = 0, i = 0; stretch < ends.length; stretch++) {
    let sum = 0;
    for (const end = ends[stretch] as number; i < end; i++) {
      const x = samples[i] as number;
      const once = x - s0;
      s0 = t0 + 2 * x + a1 * once;
      t0 = a2 * once - x;
      const above = once - s1;
      s1 = t1 + 2 * once + a1 * above;
      t1 = a2 * above - once;
      sum += above * above;
    }
    energies[stretch] = sum * b0 ** 4;
  }
  return energies;
}
