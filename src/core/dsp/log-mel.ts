// The log-mel spectrogram that the network sees: STFT power, mel filterbank, logarithm, as the manifest says.
// Normalisation and windows are the business of core/model/model-input.ts.

import type { FeatureSpec } from '../model/manifest.ts';
import type { LogMel } from '../types.ts';
import { createMelFilterbank, type MelFilterbank } from './mel.ts';
import { createPowerStft, stftFrames } from './stft.ts';

/** Decibels per factor of e in power; `Math.log` is twice as fast as `Math.log10`. */
const DB_PER_NEPER = 10 * Math.LOG10E;

export interface LogMelTransform {
  /**
   * Frames are centred on multiples of hopLength, with silence beyond both ends:
   * `nFrames = 1 + floor(length / hopLength)` for even nFft.
   * @param samples at the rate the transform was made for
   * @returns log10 power, or decibels below the matrix's own maximum, before any normalisation
   */
  compute(samples: Float32Array): LogMel;
  /** Centre frequency of each band, hertz, `[nMels]`. */
  melCentresHz: Float32Array;
}

/** The transforms of the last few specifications: their tables take as long to make as a second of sound takes. */
const made = new Map<string, LogMelTransform>();
const MAX_MADE = 4;

/**
 * Window, FFT tables and filterbank for one manifest and rate. They are kept, so that asking for the same again,
 * recording by recording, costs nothing.
 */
export function createLogMel(features: FeatureSpec, sampleRateHz: number): LogMelTransform {
  const key = JSON.stringify([features, sampleRateHz]);
  const transform = made.get(key) ?? buildLogMel(features, sampleRateHz);
  if (made.size >= MAX_MADE && !made.has(key)) made.clear();
  made.set(key, transform);
  // A copy, since results may be handed over to another thread with their buffers.
  return { ...transform, melCentresHz: transform.melCentresHz.slice() };
}

function buildLogMel(features: FeatureSpec, sampleRateHz: number): LogMelTransform {
  const bank = createMelFilterbank(features, sampleRateHz);
  const stft = createPowerStft(features);
  const first = new Float64Array(bank.binCount);
  const second = new Float64Array(bank.binCount);

  const compute = (samples: Float32Array): LogMel => {
    const nMels = features.nMels;
    const nFrames = stftFrames(samples.length, features);
    // Room for a whole number of pairs: the frame beyond the end is silence.
    const pairs = new Float32Array(2 * Math.ceil(nFrames / 2) * nMels);
    for (let frame = 0; frame < nFrames; frame += 2) {
      stft.powerPair(samples, frame, first, second);
      applyFilterbank(bank, first, second, pairs, frame * nMels);
    }
    const values = nFrames % 2 === 0 ? pairs : pairs.slice(0, nFrames * nMels);
    takeLogarithm(values, features.log);
    return { values, nFrames, nMels };
  };
  return { compute, melCentresHz: bank.centresHz };
}

/** Mel power of two frames, written to `out` one after the other from `start` on; together they take one loop. */
function applyFilterbank(
  bank: MelFilterbank,
  first: Float64Array,
  second: Float64Array,
  out: Float32Array,
  start: number,
): void {
  const { firstBin, weightStart, nBins, weights } = bank;
  const nMels = nBins.length;
  for (let mel = 0; mel < nMels; mel++) {
    const end = (firstBin[mel] as number) + (nBins[mel] as number);
    let sumOfFirst = 0;
    let sumOfSecond = 0;
    for (let bin = firstBin[mel] as number, k = weightStart[mel] as number; bin < end; bin++, k++) {
      const weight = weights[k] as number;
      sumOfFirst += weight * (first[bin] as number);
      sumOfSecond += weight * (second[bin] as number);
    }
    out[start + mel] = sumOfFirst;
    out[start + nMels + mel] = sumOfSecond;
  }
}

/** In place: power to log10(power + offset), or to librosa's `power_to_db` with `ref = max`. */
function takeLogarithm(values: Float32Array, log: FeatureSpec['log']): void {
  if (log.kind === 'log10') {
    const { offset } = log;
    for (let i = 0; i < values.length; i++)
      values[i] = Math.log((values[i] as number) + offset) * Math.LOG10E;
    return;
  }
  const { amin, topDb } = log;
  let peak = amin;
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, values[i] as number);
  const reference = DB_PER_NEPER * Math.log(peak);
  for (let i = 0; i < values.length; i++) {
    const db = DB_PER_NEPER * Math.log(Math.max(amin, values[i] as number)) - reference;
    values[i] = Math.max(db, -topDb);
  }
}
