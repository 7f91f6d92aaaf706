// Second-order Butterworth sections, for envelopes and noise shaping. Not for the network's input.

/** Quality factor of a maximally flat second-order section. */
const BUTTERWORTH_Q = Math.SQRT1_2;

/**
 * Filters in place with one second-order section; call it twice for 24 dB per octave.
 * Source: R. Bristow-Johnson, Audio EQ Cookbook.
 * @param cornerHz the -3 dB frequency, below half the sample rate
 */
export function butterworth(
  samples: Float64Array | Float32Array,
  kind: 'low-pass' | 'high-pass',
  cornerHz: number,
  sampleRateHz: number,
): void {
  const angle = (2 * Math.PI * cornerHz) / sampleRateHz;
  const cosine = Math.cos(angle);
  const alpha = Math.sin(angle) / (2 * BUTTERWORTH_Q);
  const sign = kind === 'low-pass' ? 1 : -1;
  const scale = 1 / (1 + alpha);
  const b0 = ((1 - sign * cosine) / 2) * scale;
  const b1 = sign * 2 * b0;
  const a1 = -2 * cosine * scale;
  const a2 = (1 - alpha) * scale;
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

/** A band-passed copy: 24 dB per octave on either side; an edge at or beyond the Nyquist frequency is left open. */
export function bandPass(
  samples: Float32Array,
  lowHz: number,
  highHz: number,
  sampleRateHz: number,
): Float64Array {
  const filtered = Float64Array.from(samples);
  for (let section = 0; section < 2; section++) {
    butterworth(filtered, 'high-pass', lowHz, sampleRateHz);
    if (highHz < sampleRateHz / 2) butterworth(filtered, 'low-pass', highHz, sampleRateHz);
  }
  return filtered;
}
