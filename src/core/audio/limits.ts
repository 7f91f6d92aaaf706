// How long a recording may be, how fast it may be sampled and how much memory it may take.
// Every decoder asks here before it allocates; imports errors only.

import { AppError } from '../errors.ts';

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
    throw new AppError(
      'decode-failed',
      `The file's header claims ${nChannels} channels of sound, so it is damaged; export the recording again.`,
    );
  if (!(sampleRateHz >= MIN_SAMPLE_RATE_HZ && sampleRateHz <= MAX_SAMPLE_RATE_HZ))
    throw new AppError(
      'decode-failed',
      `The file's header claims a sample rate of ${sampleRateHz} Hz; rates from ${MIN_SAMPLE_RATE_HZ} to ${MAX_SAMPLE_RATE_HZ} Hz can be read.`,
    );
  assertDuration(nFrames / sampleRateHz);
  if (nFrames * nChannels > MAX_SAMPLE_VALUES)
    throw new AppError(
      'too-long',
      `The recording has ${nChannels} channels of ${formatSeconds(nFrames / sampleRateHz)}, more than fits in memory; export it as mono or cut it.`,
    );
}

/**
 * @param durationSec length of a recording
 * @throws AppError `too-short` or `too-long`
 */
export function assertDuration(durationSec: number): void {
  if (!(durationSec >= MIN_DURATION_SEC))
    throw new AppError(
      'too-short',
      `The recording lasts ${formatSeconds(durationSec)}; at least ${MIN_DURATION_SEC} s is needed, and 10 s or more is better.`,
    );
  if (durationSec > MAX_DURATION_SEC)
    throw new AppError(
      'too-long',
      `The recording lasts ${formatSeconds(durationSec)}; at most ${formatSeconds(MAX_DURATION_SEC)} can be read, so cut out the part you want judged.`,
    );
}

function formatSeconds(seconds: number): string {
  const MINUTE = 60;
  if (seconds < MINUTE) return `${Number(seconds.toFixed(2))} s`;
  return `${Math.round(seconds / MINUTE)} minutes`;
}
