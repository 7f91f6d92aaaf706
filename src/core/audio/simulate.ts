// Temporary: AUDIO replaces this file.
import { Random } from '../random.ts';
import type { MonoAudio } from '../types.ts';
export function simulateHeartSound(kind: 'normal' | 'murmur' | 'noisy' | 'short', seed: number): MonoAudio {
  const random = new Random(seed);
  return {
    samples: Float32Array.from({ length: kind === 'short' ? 6000 : 48000 }, () => 0.1 * random.normal()),
    sampleRateHz: 4000,
  };
}
