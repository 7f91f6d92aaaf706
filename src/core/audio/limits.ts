// How long a recording may be, how fast it may be sampled and how much memory it may take.
// Every decoder asks here before it allocates; imports errors and texts only.

import { AppError } from '../errors.ts';
import { audioText } from './audio-text.ts';

/** Seconds; a shorter file holds no complete heartbeat at a resting rate. */
export const MIN_DURATION_SEC = 1;

/** Seconds; a longer file is a monitoring session, not a recording of one auscultation site. */
export const MAX_DURATION_SEC = 3600;

/** Hertz; below it less than half of the heart-sound band (up to about 800 Hz) is left. */
export const MIN_SAMPLE_RATE_HZ = 1000;

/** Hertz, the highest rate that sound cards offer; headers that claim more are damaged. */
export const MAX_SAMPLE_RATE_HZ = 384_000;

/** Channels of one file; headers that claim more are damaged. */
export const MAX_CHANNELS = 64;

/** Samples over all channels: 2 GiB as float32. An hour of stereo at 48 kHz is 346 million. */
export const MAX_SAMPLE_VALUES = 2 ** 29;

/**
 * Refuses sound whose header makes no sense or that would not fit, before memory is taken for it.
 * @param nFrames samples per channel
 * @throws AppError `decode-failed` for an impossible rate or channel count, `too-short`, `too-long`
 */
export function assertLimits(nFrames: number, nChannels: number, sampleRateHz: number): void {
  if (!Number.isInteger(nChannels) || nChannels < 1 || nChannels > MAX_CHANNELS)
    throw new AppError('decode-failed', audioText.limits.channels(nChannels));
  if (!(sampleRateHz >= MIN_SAMPLE_RATE_HZ && sampleRateHz <= MAX_SAMPLE_RATE_HZ))
    throw new AppError(
      'decode-failed',
      audioText.limits.sampleRate(sampleRateHz, MIN_SAMPLE_RATE_HZ, MAX_SAMPLE_RATE_HZ),
    );
  assertDuration(nFrames / sampleRateHz);
  if (nFrames * nChannels > MAX_SAMPLE_VALUES)
    throw new AppError('too-long', audioText.limits.noMemory(nChannels, nFrames / sampleRateHz));
}

/**
 * @param durationSec length of a recording
 * @throws AppError `too-short` or `too-long`
 */
export function assertDuration(durationSec: number): void {
  if (!(durationSec >= MIN_DURATION_SEC))
    throw new AppError('too-short', audioText.limits.tooShort(durationSec, MIN_DURATION_SEC));
  if (durationSec > MAX_DURATION_SEC)
    throw new AppError('too-long', audioText.limits.tooLong(durationSec, MAX_DURATION_SEC));
}

/**
 * One Float32Array per channel.
 * @throws AppError `out-of-memory`
 */
export function allocateChannels(nChannels: number, nFrames: number): Float32Array[] {
  try {
    return Array.from({ length: nChannels }, () => new Float32Array(nFrames));
  } catch (cause) {
    throw new AppError('out-of-memory', audioText.limits.full, { cause });
  }
}
