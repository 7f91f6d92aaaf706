// How fit a recording is to be judged. `poor` makes an answer inconclusive, so it is said sparingly: only
// where there is nothing to hear, too little of it, or noise instead of a heart.

import { neighbourEnergies } from '../dsp/biquad.ts';
import type { MonoAudio, Quality, QualityReason } from '../types.ts';

/** Root mean square below which a recording is silence: half a step of 16 bits. */
const SILENT_RMS = 1.5e-5;

/** Seconds: below the second there are not the two or three beats that a judgement needs. */
const SHORT_SEC = 3;
const TOO_SHORT_SEC = 2;

/** A sample is at the rails within this fraction of the recording's own peak. */
const RAIL_TOLERANCE = 0.001;

/** Clipped fraction that is worth a word, and the one that spoils the recording. */
const CLIPPED_FRACTION = 0.005;
const BADLY_CLIPPED_FRACTION = 0.1;

/** Heart sounds, and what lies above them up to the same edge at every rate: hiss, voices, rubbing. */
const HEART_AND_HISS_HZ = [25, 400, 1000] as const;

/**
 * Decibels of heart band over hiss band. The stethoscope decides most of it (median 30 in PhysioNet 2016, 21 in
 * PASCAL, 7 in CirCor, which can be judged all the same), so noise alone spoils a recording only below the last.
 */
const NOISY_DB = 6;
const DROWNED_DB = -6;

/** Height of the heartbeat's autocorrelation peak: below the first it is unclear, below the second not there. */
const UNCLEAR_PERIODICITY = 0.2;
const NO_PERIODICITY = 0.08;

// What these rules call poor, measured: of PhysioNet 2016 about 1 % of 375 recordings marked clean (every sixth) and
// 12 % of the 222 marked noisy; of PASCAL 17 % of 103 clean ones (every third), all for lasting under 2 s; of CirCor,
// which has no such mark, 8 % of 98 (every sixth).

/**
 * @param audio at its own rate, at least 1 kHz
 * @param periodicity of `estimateHeartRate`, 0..1
 */
export function assessQuality(audio: MonoAudio, periodicity: number): Quality {
  const { samples, sampleRateHz } = audio;
  const level = measureLevel(samples);
  const { rms } = level;
  const clippedFraction = fractionAtRails(samples, level);
  const signalToNoiseDb = heartBandRatioDb(audio);
  const reasons: QualityReason[] = [];
  let verdict: Quality['verdict'] = 'good';
  const say = (reason: QualityReason, worst: Quality['verdict']): void => {
    reasons.push(reason);
    if (verdict !== 'poor') verdict = worst;
  };

  const durationSec = samples.length / sampleRateHz;
  if (durationSec < SHORT_SEC) say('too-short', durationSec < TOO_SHORT_SEC ? 'poor' : 'fair');
  if (rms < SILENT_RMS) say('silent', 'poor');
  else {
    const clipped = clippedFraction > CLIPPED_FRACTION;
    if (clipped) say('clipped', clippedFraction > BADLY_CLIPPED_FRACTION ? 'poor' : 'fair');
    const unclear = periodicity < UNCLEAR_PERIODICITY;
    const drowned = signalToNoiseDb < DROWNED_DB || (signalToNoiseDb < NOISY_DB && unclear);
    if (signalToNoiseDb < NOISY_DB) say('too-noisy', drowned ? 'poor' : 'fair');
    if (unclear) say('no-periodicity', periodicity < NO_PERIODICITY ? 'poor' : 'fair');
  }
  return { verdict, reasons, rms, clippedFraction, periodicity, signalToNoiseDb };
}

/** What a reader or the model's needs say against a recording, and how much it weighs. */
const FLAW_VERDICTS = { damaged: 'fair', incomplete: 'fair', 'band-limited': 'poor' } as const;

/** The assessment with flaws added that cannot be heard in the samples; the verdict only gets worse. */
export function withFlaws(quality: Quality, flaws: readonly (keyof typeof FLAW_VERDICTS)[]): Quality {
  const order = ['good', 'fair', 'poor'] as const;
  const worst = Math.max(
    order.indexOf(quality.verdict),
    ...flaws.map((flaw) => order.indexOf(FLAW_VERDICTS[flaw])),
  );
  return { ...quality, verdict: order[worst] ?? 'poor', reasons: [...quality.reasons, ...flaws] };
}

interface Level {
  /** After the mean is removed. */
  rms: number;
  lowest: number;
  highest: number;
}

/** Lowest and highest count from zero on, so that silence has no rails. */
function measureLevel(samples: Float32Array): Level {
  let sum = 0;
  let squares = 0;
  let lowest = 0;
  let highest = 0;
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i] as number;
    sum += value;
    squares += value * value;
    if (value > highest) highest = value;
    if (value < lowest) lowest = value;
  }
  const n = Math.max(1, samples.length);
  return { rms: Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2)), lowest, highest };
}

/** Samples that stay at the highest or lowest value for two samples or more: one peak is no clipping. */
function fractionAtRails(samples: Float32Array, { lowest, highest }: Level): number {
  const upperRail = highest - RAIL_TOLERANCE * (highest - lowest);
  const lowerRail = lowest + RAIL_TOLERANCE * (highest - lowest);
  let clipped = 0;
  let before = 0;
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i] as number;
    if (!(value >= upperRail || value <= lowerRail)) {
      before = 0;
      continue;
    }
    const rail = value >= upperRail ? 1 : -1;
    if (rail === before) clipped++;
    before = rail;
  }
  return highest - lowest > 0 ? clipped / samples.length : 0;
}

function heartBandRatioDb({ samples, sampleRateHz }: MonoAudio): number {
  const whole = Int32Array.of(samples.length);
  const { lower, upper } = neighbourEnergies(samples, HEART_AND_HISS_HZ, sampleRateHz, whole);
  const FLOOR = 1e-12;
  return 10 * Math.log10(((lower[0] as number) + FLOOR) / ((upper[0] as number) + FLOOR));
}
