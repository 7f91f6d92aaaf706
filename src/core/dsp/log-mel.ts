// The log-mel spectrogram that the network sees: STFT power, mel filterbank, logarithm, as the manifest says.
// Normalisation and windows are the business of core/model/model-input.ts.

import type { FeatureSpec } from '../model/manifest.ts';
import type { LogMel } from '../types.ts';
import { createMelFilterbank, type MelFilterbank } from './mel.ts';
import { createPowerStft, stftFrames } from './stft.ts';

/** Decibels per factor of ten in power. */
const DB_PER_DECADE = 10;

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

/** Window, FFT tables and filterbank for one manifest and rate; make it once and use it for every recording. */
export function createLogMel(features: FeatureSpec, sampleRateHz: number): LogMelTransform {
  const bank = createMelFilterbank(features, sampleRateHz);
  const stft = createPowerStft(features);
  const first = new Float64Array(bank.binCount);
  const second = new Float64Array(bank.binCount);

  const compute = (samples: Float32Array): LogMel => {
    const nMels = features.nMels;
    const nFrames = stftFrames(samples.length, features);
    const values = new Float32Array(nFrames * nMels);
    for (let frame = 0; frame < nFrames; frame += 2) {
      stft.powerPair(samples, frame, first, second);
      applyFilterbank(bank, first, values, frame * nMels);
      if (frame + 1 < nFrames) applyFilterbank(bank, second, values, (frame + 1) * nMels);
    }
    takeLogarithm(values, features.log);
    return { values, nFrames, nMels };
  };
  return { compute, melCentresHz: bank.centresHz };
}

/** Mel power of one frame, written to `out` from `start` on. */
function applyFilterbank(bank: MelFilterbank, power: Float64Array, out: Float32Array, start: number): void {
  const { firstBin, weightStart, nBins, weights } = bank;
  for (let mel = 0; mel < nBins.length; mel++) {
    const bin = firstBin[mel] as number;
    const weight = weightStart[mel] as number;
    const count = nBins[mel] as number;
    let sum = 0;
    for (let k = 0; k < count; k++) sum += (weights[weight + k] as number) * (power[bin + k] as number);
    out[start + mel] = sum;
  }
}

/** In place: power to log10(power + offset), or to librosa's `power_to_db` with `ref = max`. */
function takeLogarithm(values: Float32Array, log: FeatureSpec['log']): void {
  if (log.kind === 'log10') {
    for (let i = 0; i < values.length; i++) values[i] = Math.log10((values[i] as number) + log.offset);
    return;
  }
  let peak = log.amin;
  for (const value of values) if (value > peak) peak = value;
  const reference = DB_PER_DECADE * Math.log10(peak);
  for (let i = 0; i < values.length; i++) {
    const db = DB_PER_DECADE * Math.log10(Math.max(log.amin, values[i] as number)) - reference;
    values[i] = Math.max(db, -log.topDb);
  }
}
