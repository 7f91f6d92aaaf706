// Second-order Butterworth sections, for envelopes and noise shaping. Not for the network's input.

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

/** Coefficients of one section, with a0 = 1. */
interface Section {
  b0: number;
  b1: number;
  b2: number;
  a1: number;
  a2: number;
}

const OPEN: Section = { b0: 1, b1: 0, b2: 0, a1: 0, a2: 0 };

/** Source: R. Bristow-Johnson, Audio EQ Cookbook. */
function designSection(kind: 'low-pass' | 'high-pass', cornerHz: number, sampleRateHz: number): Section {
  const angle = (2 * Math.PI * cornerHz) / sampleRateHz;
  const cosine = Math.cos(angle);
  const alpha = Math.sin(angle) / (2 * BUTTERWORTH_Q);
  const sign = kind === 'low-pass' ? 1 : -1;
  const scale = 1 / (1 + alpha);
  const b0 = ((1 - sign * cosine) / 2) * scale;
  return { b0, b1: sign * 2 * b0, b2: b0, a1: -2 * cosine * scale, a2: (1 - alpha) * scale };
}

/** Energy of a signal within a band of 24 dB per octave on either side, stretch after stretch, keeping no copy. */
export class BandEnergy {
  readonly #high: Section;
  readonly #low: Section;
  /** Two memories for each of the four sections, transposed direct form II. */
  readonly #state = new Float64Array(8);

  /** @param highHz left open at or beyond half the sample rate */
  constructor(lowHz: number, highHz: number, sampleRateHz: number) {
    this.#high = designSection('high-pass', lowHz, sampleRateHz);
    this.#low = highHz < sampleRateHz / 2 ? designSection('low-pass', highHz, sampleRateHz) : OPEN;
  }

  /**
   * Sum of squares of the filtered samples from `from` to before `to`; the next call goes on at `to`.
   * The four sections run in one loop, so that the processor works on several samples at a time: three times
   * as fast as one pass for each.
   */
  next(samples: Float32Array, from: number, to: number): number {
    const { b0: h0, b1: h1, b2: h2, a1: g1, a2: g2 } = this.#high;
    const { b0: l0, b1: l1, b2: l2, a1: k1, a2: k2 } = this.#low;
    const state = this.#state;
    let [s0, s1] = [state[0] as number, state[1] as number];
    let [s2, s3] = [state[2] as number, state[3] as number];
    let [s4, s5] = [state[4] as number, state[5] as number];
    let [s6, s7] = [state[6] as number, state[7] as number];
    let energy = 0;
    for (let i = from; i < to; i++) {
      const x = samples[i] as number;
      const y = h0 * x + s0;
      s0 = h1 * x - g1 * y + s1;
      s1 = h2 * x - g2 * y;
      const z = l0 * y + s2;
      s2 = l1 * y - k1 * z + s3;
      s3 = l2 * y - k2 * z;
      const u = h0 * z + s4;
      s4 = h1 * z - g1 * u + s5;
      s5 = h2 * z - g2 * u;
      const v = l0 * u + s6;
      s6 = l1 * u - k1 * v + s7;
      s7 = l2 * u - k2 * v;
      energy += v * v;
    }
    state[0] = s0;
    state[1] = s1;
    state[2] = s2;
    state[3] = s3;
    state[4] = s4;
    state[5] = s5;
    state[6] = s6;
    state[7] = s7;
    return energy;
  }
}
