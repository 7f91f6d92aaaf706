// How fit a recording is to be judged. `poor` makes an answer inconclusive, so it is said sparingly: only
// where there is nothing to hear, too little of it, or noise instead of a heart.

import { bandPass } from '../dsp/biquad.ts';
import type { MonoAudio, Quality, QualityReason } from '../types.ts';

/** Root mean square below which a recording is silence: half a step of 16 bits. */
const SILENT_RMS = 1.5e-5;

/** Seconds below which a recording does not hold the three or four beats that a judgement needs. */
const TOO_SHORT_SEC = 3;

/** A sample is at the rails within this fraction of the recording's own peak. */
const RAIL_TOLERANCE = 0.001;

/** Clipped fraction that is worth a word, and the one that spoils the recording. */
const CLIPPED_FRACTION = 0.005;
const BADLY_CLIPPED_FRACTION = 0.1;

/** Heart sounds, and what lies above them: hiss, voices, rubbing. */
const HEART_BAND_HZ = [25, 400] as const;

/** Decibels of heart band above the rest; below the second the recording is noise. */
const NOISY_DB = 6;
const TOO_NOISY_DB = -3;

/** Height of the heartbeat's autocorrelation peak below which no rhythm is heard. */
const NO_PERIODICITY = 0.1;

/**
 * @param audio at its own rate, at least 1 kHz
 * @param periodicity of `estimateHeartRate`, 0..1
 */
export function assessQuality(audio: MonoAudio, periodicity: number): Quality {
  const { samples, sampleRateHz } = audio;
  const rms = rootMeanSquare(samples);
  const clippedFraction = fractionAtRails(samples);
  const signalToNoiseDb = heartBandRatioDb(audio);
  const reasons: QualityReason[] = [];
  let verdict: Quality['verdict'] = 'good';
  const say = (reason: QualityReason, worst: Quality['verdict']): void => {
    reasons.push(reason);
    if (verdict !== 'poor') verdict = worst;
  };

  if (rms < SILENT_RMS) say('silent', 'poor');
  if (samples.length / sampleRateHz < TOO_SHORT_SEC) say('too-short', 'poor');
  if (clippedFraction > CLIPPED_FRACTION)
    say('clipped', clippedFraction > BADLY_CLIPPED_FRACTION ? 'poor' : 'fair');
  if (rms >= SILENT_RMS) {
    if (signalToNoiseDb < NOISY_DB) say('too-noisy', signalToNoiseDb < TOO_NOISY_DB ? 'poor' : 'fair');
    if (periodicity < NO_PERIODICITY) say('no-periodicity', 'fair');
  }
  return { verdict, reasons, rms, clippedFraction, periodicity, signalToNoiseDb };
}

function rootMeanSquare(samples: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of samples) {
    sum += value;
    squares += value * value;
  }
  const n = Math.max(1, samples.length);
  return Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
}

/** Samples that stay at the highest or lowest value for two samples or more: one peak is no clipping. */
function fractionAtRails(samples: Float32Array): number {
  let [low, high] = [0, 0];
  for (const value of samples) {
    if (value > high) high = value;
    if (value < low) low = value;
  }
  const tolerance = RAIL_TOLERANCE * (high - low);
  let clipped = 0;
  for (let i = 1; i < samples.length; i++) {
    const [before, now] = [samples[i - 1] as number, samples[i] as number];
    if (
      (before >= high - tolerance && now >= high - tolerance) ||
      (before <= low + tolerance && now <= low + tolerance)
    )
      clipped++;
  }
  return high - low > 0 ? clipped / samples.length : 0;
}

function heartBandRatioDb({ samples, sampleRateHz }: MonoAudio): number {
  const energy = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);
  const heart = energy(bandPass(samples, ...HEART_BAND_HZ, sampleRateHz));
  const above = energy(bandPass(samples, HEART_BAND_HZ[1], sampleRateHz / 2, sampleRateHz));
  const FLOOR = 1e-12;
  return 10 * Math.log10((heart + FLOOR) / (above + FLOOR));
}
