// Heart rate from the rhythm of a recording's loudness: band-wise envelopes, their autocorrelation, and the
// lag at which the beats repeat. Gives no rate where the rhythm is not clear enough to be trusted.
// Measured on 195 recordings of CirCor (every third) against their annotated S1: 73 % are answered, of those 92 %
// within 5 beats per minute (median error 1.1), none at half or twice the true rate.

import { neighbourEnergies, type NeighbourBands } from '../dsp/biquad.ts';
import { createFft, splitPowers } from '../dsp/fft.ts';
import type { MonoAudio } from '../types.ts';

/** Rates that are looked for; a child's heart may reach 200 per minute. */
const MIN_BPM = 30;
const MAX_BPM = 220;
const SECONDS_PER_MINUTE = 60;

/** Envelope points per second. */
const ENVELOPE_HZ = 100;

/** Bands of the envelope: S1 and S2 differ in pitch, so their alternation shows where one band would not. */
const BANDS_HZ: readonly NeighbourBands[] = [
  [50, 80, 120],
  [120, 180, 270],
];

/** Points on either side over which the power is averaged before it is compressed. */
const SMOOTHING_POINTS = 2;

/** Autocorrelation is averaged over stretches of so many seconds, half overlapping: the rate breathes. */
const STRETCH_SEC = 6;
const STRETCH_POINTS = STRETCH_SEC * ENVELOPE_HZ;

/** Lags are looked at up to two of the longest beats and the point beyond. */
const MAX_LAGS = (2 * ENVELOPE_HZ * SECONDS_PER_MINUTE) / MIN_BPM + 2;

/** Power of two that holds a stretch and its lags, so that nothing wraps around. */
const CORRELATION_POINTS = 2 ** Math.ceil(Math.log2(STRETCH_POINTS + MAX_LAGS));

/** Factor of the inverse transform. */
const INVERSE_SCALE = 1 / CORRELATION_POINTS;

/** Lags beyond this part of a stretch rest on too few points. */
const MAX_LAG_FRACTION = 0.75;

/** Slower changes than this are removed from the envelope: handling, breathing. */
const TREND_SEC = 0.7;

/** A shorter lag wins over its multiple when its score is at least this fraction: the beat, not two beats. */
const SHORTER_LAG_FRACTION = 0.95;

/** How far the longer lag may be from a whole multiple of the shorter, relative. */
const MULTIPLE_TOLERANCE = 0.08;

/** Below this height of the autocorrelation's peak no rate is given. */
const MIN_TRUSTED_PERIODICITY = 0.3;

export interface HeartRate {
  /** Beats per minute, null when the rhythm is not clear. */
  bpm: number | null;
  /** Height of the heartbeat's peak in the envelope's autocorrelation, 0..1. */
  periodicity: number;
}

/** @param audio at any rate from 500 Hz; 2 s at least are needed for an answer */
export function estimateHeartRate(audio: MonoAudio): HeartRate {
  const envelopes = bandEnvelopes(audio);
  const correlation = averageAutocorrelation(envelopes);
  const beat = findBeat(correlation);
  if (!beat) return { bpm: null, periodicity: 0 };
  const bpm = (SECONDS_PER_MINUTE * ENVELOPE_HZ) / beat.lag;
  const periodicity = Math.max(0, Math.min(1, beat.height));
  return { bpm: periodicity >= MIN_TRUSTED_PERIODICITY ? bpm : null, periodicity };
}

/** One compressed, smoothed and detrended envelope per band, `ENVELOPE_HZ` points per second. */
function bandEnvelopes({ samples, sampleRateHz }: MonoAudio): Float64Array[] {
  const ends = new Int32Array(Math.floor((samples.length * ENVELOPE_HZ) / sampleRateHz));
  for (let point = 0; point < ends.length; point++)
    ends[point] = Math.round(((point + 1) * sampleRateHz) / ENVELOPE_HZ);
  return BANDS_HZ.flatMap((bands) => {
    const { lower, upper } = neighbourEnergies(samples, bands, sampleRateHz, ends);
    return [toEnvelope(lower, ends), toEnvelope(upper, ends)];
  });
}

/** @param energies per point, `ends` where each point ends, in samples */
function toEnvelope(energies: Float64Array, ends: Int32Array): Float64Array {
  for (let point = 0, from = 0; point < energies.length; point++) {
    const to = ends[point] as number;
    energies[point] = (energies[point] as number) / (to - from);
    from = to;
  }
  const envelope = movingAverage(energies, SMOOTHING_POINTS);
  // The square root of the amplitude: loud beats and rubs count for less.
  for (let i = 0; i < envelope.length; i++) envelope[i] = Math.sqrt(Math.sqrt(envelope[i] as number));
  const trend = movingAverage(envelope, Math.round((TREND_SEC * ENVELOPE_HZ) / 2));
  for (let i = 0; i < envelope.length; i++) envelope[i] = (envelope[i] as number) - (trend[i] as number);
  return envelope;
}

/** Mean over `2 * radius + 1` points, fewer at the ends. */
function movingAverage(values: Float64Array, radius: number): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = (sums[i] as number) + (values[i] as number);
  const means = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const from = Math.max(0, i - radius);
    const to = Math.min(values.length, i + radius + 1);
    means[i] = ((sums[to] as number) - (sums[from] as number)) / (to - from);
  }
  return means;
}

/** Correlation of the envelopes with themselves at each lag up to two longest beats, mean of bands and stretches. */
function averageAutocorrelation(envelopes: Float64Array[]): Float64Array {
  const nPoints = envelopes[0]?.length ?? 0;
  const length = Math.min(nPoints, STRETCH_POINTS);
  const sums = new Float64Array(Math.min(MAX_LAGS, Math.floor(length * MAX_LAG_FRACTION)));
  let nCurves = 0;
  for (let start = 0; length > 0 && start + length <= nPoints; start += Math.ceil(length / 2)) {
    const stretches = envelopes.map((envelope) => envelope.subarray(start, start + length));
    for (let band = 0; band < stretches.length; band += 2) {
      const [first, second] = stretches.slice(band, band + 2) as [Float64Array, Float64Array];
      const products = autocorrelatePair(first, second);
      nCurves += addNormalized(sums, first, products, 0) + addNormalized(sums, second, products, 1);
    }
  }
  return nCurves === 0 ? sums : sums.map((sum) => sum / nCurves);
}

// Room to work in, made once: recordings come one after the other.
const fft = createFft(CORRELATION_POINTS);
const packed = new Float64Array(2 * CORRELATION_POINTS);
const spectrum = new Float64Array(2 * CORRELATION_POINTS);
const firstPower = new Float64Array(CORRELATION_POINTS / 2 + 1);
const secondPower = new Float64Array(CORRELATION_POINTS / 2 + 1);
/** Energy of the points before each one; the first has none. */
const energyUpTo = new Float64Array(STRETCH_POINTS + 1);

/**
 * Autocorrelation of two stretches at a time by two FFTs: the inverse transform of their power spectra, which
 * are even, one as the real and one as the imaginary part.
 * @returns products per lag, first and second stretch in turn, valid until the next call
 */
function autocorrelatePair(first: Float64Array, second: Float64Array): Float64Array {
  packed.fill(0, 2 * first.length);
  for (let i = 0; i < first.length; i++) {
    packed[2 * i] = first[i] as number;
    packed[2 * i + 1] = second[i] as number;
  }
  fft.transform(spectrum, packed);
  splitPowers(spectrum, firstPower, secondPower);
  for (let bin = 0; bin < firstPower.length; bin++) {
    const mirror = bin === 0 ? 0 : CORRELATION_POINTS - bin;
    packed[2 * bin] = packed[2 * mirror] = (firstPower[bin] as number) * INVERSE_SCALE;
    packed[2 * bin + 1] = packed[2 * mirror + 1] = (secondPower[bin] as number) * INVERSE_SCALE;
  }
  fft.transform(spectrum, packed);
  return spectrum;
}

/**
 * Adds the correlation at each lag, normalised by the energy of the two overlapping parts so that long lags are
 * not penalised. Returns how many curves were added: 0 for silence.
 * @param products of `values` with themselves, at `2 * lag + part`
 */
function addNormalized(sums: Float64Array, values: Float64Array, products: Float64Array, part: 0 | 1): 0 | 1 {
  for (let i = 0; i < values.length; i++)
    energyUpTo[i + 1] = (energyUpTo[i] as number) + (values[i] as number) * (values[i] as number);
  const total = energyUpTo[values.length] as number;
  if (total === 0) return 0;
  for (let lag = 0; lag < sums.length; lag++) {
    const energy = (energyUpTo[values.length - lag] as number) * (total - (energyUpTo[lag] as number));
    if (energy > 0)
      sums[lag] = (sums[lag] as number) + (products[2 * lag + part] as number) / Math.sqrt(energy);
  }
  return 1;
}

interface Beat {
  /** Envelope points from beat to beat, interpolated. */
  lag: number;
  height: number;
  score: number;
}

/**
 * Every peak of the autocorrelation is scored together with the peak at twice its lag: the interval from S1 to
 * S2 fails there, the beat does not. Of lags that are multiples of one another the shortest good one is the beat.
 */
function findBeat(correlation: Float64Array): Beat | null {
  const shortest = Math.ceil((ENVELOPE_HZ * SECONDS_PER_MINUTE) / MAX_BPM);
  const longest = Math.floor((ENVELOPE_HZ * SECONDS_PER_MINUTE) / MIN_BPM);
  const beats: Beat[] = [];
  for (let lag = shortest; lag <= longest && lag + 1 < correlation.length; lag++) {
    const before = correlation[lag - 1] as number;
    const height = correlation[lag] as number;
    const after = correlation[lag + 1] as number;
    if (!(height > before && height >= after && height > 0)) continue;
    const exact = lag + (before - after) / (2 * (before - 2 * height + after));
    const echo = highestNear(correlation, 2 * exact);
    beats.push({ lag: exact, height, score: echo === null ? height : (height + echo) / 2 });
  }
  let best = beats.reduce<Beat | null>((top, beat) => (top && top.score >= beat.score ? top : beat), null);
  for (const beat of beats) {
    if (!best || beat.lag >= best.lag) break;
    const multiple = best.lag / beat.lag;
    const isMultiple = Math.abs(multiple - Math.round(multiple)) < MULTIPLE_TOLERANCE * multiple;
    if (isMultiple && beat.score >= SHORTER_LAG_FRACTION * best.score) best = beat;
  }
  return best;
}

/** Highest value within one point of a lag; null beyond the end. */
function highestNear(values: Float64Array, lag: number): number | null {
  const centre = Math.round(lag);
  if (centre + 1 >= values.length) return null;
  return Math.max(...values.subarray(centre - 1, centre + 2));
}
