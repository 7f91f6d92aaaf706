// What there is to know of a recording when it is added to the collection: the signal path up to the network, and
// by what it is found again in other files. Runs in the inference worker. May import: core/audio, core types.

import { assessSound, readSound } from '../audio/assess.ts';
import { assertDuration } from '../audio/limits.ts';
import type { CancelSignal, Platform, RecordingSource } from '../pipeline.ts';
import type { MonoAudio } from '../types.ts';
import { FINGERPRINT_RATE_HZ, fingerprintOf } from './fingerprint.ts';
import type { SoundSurvey } from './types.ts';

type SurveyPlatform = Pick<Platform, 'sha256' | 'yieldControl'>;

/** @throws AppError for a recording that cannot be read, as a prediction would say it; an AbortError when cancelled */
export async function surveyRecording(
  source: RecordingSource,
  platform: SurveyPlatform,
  signal?: CancelSignal,
): Promise<SoundSurvey> {
  const breathe = async (): Promise<void> => {
    if (signal) await platform.yieldControl?.();
    signal?.throwIfAborted();
  };
  await breathe();
  const sha256 = source.kind === 'pcm' ? source.sha256 : await platform.sha256(source.bytes);
  const read = await readSound(source);
  const { samples, sampleRateHz } = read.sound;
  const durationSec = samples.length / sampleRateHz;
  assertDuration(durationSec);
  await breathe();
  // At the rate of the fingerprint, which is that of the bundled models.
  const { quality, heartRateBpm, resampled } = assessSound(read, FINGERPRINT_RATE_HZ);
  await breathe();
  return {
    sha256,
    soundSha256: await platform.sha256(quantised(read.sound)),
    fingerprint: fingerprintOf(resampled),
    durationSec,
    sampleRateHz,
    quality,
    heartRateBpm,
  };
}

const FULL_SCALE = 2 ** 15;

/** Rate and samples in 16 bits, little-endian: what a lossless file of the same sound decodes to, whatever it is. */
function quantised({ samples, sampleRateHz }: MonoAudio): ArrayBuffer {
  const RATE_VALUES = 2;
  const values = new Int16Array(RATE_VALUES + samples.length);
  values[0] = sampleRateHz & 0xffff;
  values[1] = sampleRateHz >>> 16;
  for (let i = 0; i < samples.length; i++) {
    const value = Math.round((samples[i] as number) * FULL_SCALE);
    values[RATE_VALUES + i] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, value));
  }
  return values.buffer;
}
