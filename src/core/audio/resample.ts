// Changes the sample rate of a signal with a polyphase FIR filter: SciPy's `resample_poly` with its default
// window. Browsers' own resampling lets tones above the new Nyquist frequency fold back at up to 0 dB, which
// would put sounds into the features that are not in the heart.

import type { MonoAudio } from '../types.ts';

/** Shape of the Kaiser window: SciPy's default for `resample_poly`, side lobes below -50 dB at the band edge. */
const KAISER_BETA = 5;

/** Half-length of the filter in periods of the slower rate (SciPy). */
const HALF_LENGTH_PERIODS = 10;

/**
 * Largest `up` or `down`. The usual rates are far below; for odd ones (191,999 Hz to 2 kHz) the ratio is
 * approximated within 16 parts in a million, less than the clocks of sound cards differ, and the filter stays
 * below 11 MB.
 */
const MAX_RATIO_TERM = 65_536;

/** Filters kept for the next recording: batches usually have one or two rates. */
const MAX_CACHED_FILTERS = 4;

/** Rates need not be whole numbers; a remainder below this fraction is rounding. */
const RATIO_PRECISION = 1e-12;

interface PolyphaseFilter {
  up: number;
  down: number;
  /** Index of the centre tap. */
  half: number;
  /** `taps[phase * tapsPerPhase + k]` belongs to the k-th oldest input sample of the phase's span. */
  taps: Float64Array;
  tapsPerPhase: number;
}

const filters = new Map<string, PolyphaseFilter>();

/**
 * The whole signal at another rate; length is `ceil(length * toHz / fromHz)`, delay is zero, beyond both ends
 * is silence. Equal rates return the audio as it is, not copied.
 * @param toHz above 0; any ratio, also of odd rates
 */
export function resample(audio: MonoAudio, toHz: number): MonoAudio {
  const { samples, sampleRateHz } = audio;
  if (sampleRateHz === toHz) return audio;
  const [up, down] = ratio(toHz, sampleRateHz);
  return { samples: applyFilter(samples, polyphaseFilter(up, down)), sampleRateHz: toHz };
}

/**
 * `to / from` in lowest terms. Where those exceed `MAX_RATIO_TERM`, the last convergent of the continued fraction
 * within it, which is wrong by less than 1 / MAX_RATIO_TERM.
 */
function ratio(toHz: number, fromHz: number): [up: number, down: number] {
  let [up, down, previousUp, previousDown] = [1, 0, 0, 1];
  let [numerator, denominator] = [toHz, fromHz];
  while (denominator > fromHz * RATIO_PRECISION) {
    const quotient = Math.floor(numerator / denominator);
    const [nextUp, nextDown] = [quotient * up + previousUp, quotient * down + previousDown];
    if (Math.max(nextUp, nextDown) > MAX_RATIO_TERM) break;
    [up, down, previousUp, previousDown] = [nextUp, nextDown, up, down];
    [numerator, denominator] = [denominator, numerator % denominator];
  }
  return [up, down];
}

function polyphaseFilter(up: number, down: number): PolyphaseFilter {
  const key = `${up}/${down}`;
  const cached = filters.get(key);
  if (cached) return cached;
  const filter = designFilter(up, down);
  const [oldest] = filters.keys();
  if (filters.size >= MAX_CACHED_FILTERS && oldest !== undefined) filters.delete(oldest);
  filters.set(key, filter);
  return filter;
}

/** `firwin(2 * half + 1, 1 / max(up, down), window=('kaiser', 5.0)) * up`, sorted by phase. */
function designFilter(up: number, down: number): PolyphaseFilter {
  const slower = Math.max(up, down);
  const half = HALF_LENGTH_PERIODS * slower;
  const length = 2 * half + 1;
  const prototype = new Float64Array(length);
  const windowScale = 1 / besselI0(KAISER_BETA);
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const t = (i - half) / slower;
    const position = (i - half) / half;
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    const value = sinc * besselI0(KAISER_BETA * Math.sqrt(1 - position * position)) * windowScale;
    prototype[i] = value;
    sum += value;
  }
  const gain = up / sum;
  const tapsPerPhase = Math.ceil(length / up);
  const taps = new Float64Array(tapsPerPhase * up);
  for (let i = 0; i < length; i++) {
    const newest = Math.floor(i / up);
    taps[(i % up) * tapsPerPhase + tapsPerPhase - 1 - newest] = (prototype[i] as number) * gain;
  }
  return { up, down, half, taps, tapsPerPhase };
}

/** y[m] = sum over j of x[j] h[half + m down - j up]. */
function applyFilter(input: Float32Array, filter: PolyphaseFilter): Float32Array<ArrayBuffer> {
  const { up, down, half, taps, tapsPerPhase } = filter;
  const output = new Float32Array(Math.ceil((input.length * up) / down));
  for (let m = 0; m < output.length; m++) {
    const position = half + m * down;
    const newest = Math.floor(position / up);
    const phase = position - newest * up;
    const oldest = newest - tapsPerPhase + 1;
    const from = Math.max(oldest, 0);
    const to = Math.min(newest, input.length - 1);
    output[m] = dot(input, from, taps, phase * tapsPerPhase + from - oldest, to - from + 1);
  }
  return output;
}

/**
 * Four sums side by side, so that one addition need not wait for the other; declared one by one, because
 * destructured from a list they would not stay in registers.
 */
function dot(a: Float32Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += (a[aStart + k] as number) * (b[bStart + k] as number);
    s1 += (a[aStart + k + 1] as number) * (b[bStart + k + 1] as number);
    s2 += (a[aStart + k + 2] as number) * (b[bStart + k + 2] as number);
    s3 += (a[aStart + k + 3] as number) * (b[bStart + k + 3] as number);
  }
  for (; k < length; k++) s0 += (a[aStart + k] as number) * (b[bStart + k] as number);
  return s0 + s1 + (s2 + s3);
}

/** Modified Bessel function of the first kind, order 0, by its power series (Abramowitz and Stegun 9.6.12). */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * Number.EPSILON; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
