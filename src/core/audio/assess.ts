// What the signal path knows of a recording before a network hears it: its sound, how fit it is, how fast the heart
// beats. The same for a prediction and for a recording that is kept to train on.

import type { MonoAudio, PcmAudio, Quality } from '../types.ts';
import { decodeBytes } from './decode.ts';
import { estimateHeartRate } from './heart-rate.ts';
import { mixdown } from './mixdown.ts';
import { assessQuality, withFlaws } from './quality.ts';
import { resample } from './resample.ts';

export interface ReadSound {
  sound: MonoAudio;
  /** What can be said against it without listening. */
  flaws: ('damaged' | 'incomplete' | 'band-limited')[];
}

/**
 * Decoded and mixed down, at its own rate.
 * @throws AppError as `decodeBytes` does
 */
export async function readSound(
  source: { kind: 'bytes'; bytes: ArrayBuffer } | { kind: 'pcm'; pcm: PcmAudio },
): Promise<ReadSound> {
  const pcm = source.kind === 'pcm' ? source.pcm : await decodeBytes(source.bytes);
  return { sound: mixdown(pcm), flaws: [...(pcm.flaws ?? [])] };
}

export interface Assessment {
  quality: Quality;
  /** Null where the rhythm is not clear, or the recording too poor to trust it. */
  heartRateBpm: number | null;
  /** At the rate that was asked for. */
  resampled: MonoAudio;
}

export function assessSound({ sound, flaws }: ReadSound, rateHz: number): Assessment {
  const resampled = resample(sound, rateHz);
  const { bpm, periodicity } = estimateHeartRate(resampled);
  const quality = withFlaws(assessQuality(sound, periodicity), flaws);
  return { quality, heartRateBpm: quality.verdict === 'poor' ? null : bpm, resampled };
}
