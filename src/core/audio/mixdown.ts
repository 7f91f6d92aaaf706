// Many channels to one.

import type { MonoAudio, PcmAudio } from '../types.ts';

/**
 * The mean of all channels, sample by sample. A stethoscope recorded as stereo has the same sound twice,
 * and a channel that was never connected costs level, which the features are normalised against anyway.
 * One channel is returned as it is, not copied.
 */
export function mixdown(pcm: PcmAudio): MonoAudio {
  const { channels, sampleRateHz } = pcm;
  const [first = new Float32Array(0)] = channels;
  if (channels.length <= 1) return { samples: first, sampleRateHz };
  const samples = new Float32Array(first.length);
  const weight = 1 / channels.length;
  for (const channel of channels)
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) + weight * (channel[i] ?? 0);
  return { samples, sampleRateHz };
}
