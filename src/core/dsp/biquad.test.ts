import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { butterworth, neighbourEnergies } from './biquad.ts';

/** Two high-pass and two low-pass sections one after the other, each over the whole signal; then squares. */
function energiesOfBand(
  samples: Float32Array,
  [lowHz, highHz]: readonly [number, number],
  sampleRateHz: number,
  ends: Int32Array,
): number[] {
  const filtered = Float64Array.from(samples);
  for (let section = 0; section < 2; section++) {
    butterworth(filtered, 'high-pass', lowHz, sampleRateHz);
    if (highHz < sampleRateHz / 2) butterworth(filtered, 'low-pass', highHz, sampleRateHz);
  }
  return Array.from(ends, (end, i) =>
    filtered.subarray(ends[i - 1] ?? 0, end).reduce((sum, value) => sum + value * value, 0),
  );
}

describe('neighbourEnergies', () => {
  // 2001 Hz: a corner just below half the rate; 500 and 2000 Hz: one beyond it, so that the upper band is open.
  it.each([
    [500, [120, 180, 270]],
    [1000, [25, 400, 1000]],
    [2000, [50, 80, 120]],
    [2000, [25, 400, 1000]],
    [2001, [25, 400, 1000]],
    [4000, [25, 400, 1000]],
    [48_000, [25, 400, 1000]],
    [384_000, [25, 400, 1000]],
  ] as const)('equals the sections run one by one at %d Hz, corners %j Hz', (sampleRateHz, bands) => {
    const random = new Random(sampleRateHz);
    // An offset too: it must not be heard.
    const samples = Float32Array.from({ length: sampleRateHz }, () => 0.3 + 0.1 * random.normal());
    const ends = Int32Array.of(0.4 * sampleRateHz, 0.41 * sampleRateHz, sampleRateHz);
    const { lower, upper } = neighbourEnergies(samples, bands, sampleRateHz, ends);
    const oracle = [
      ...energiesOfBand(samples, [bands[0], bands[1]], sampleRateHz, ends),
      ...energiesOfBand(samples, [bands[1], bands[2]], sampleRateHz, ends),
    ];
    [...lower, ...upper].forEach((energy, i) =>
      expect(Math.abs(energy / (oracle[i] ?? NaN) - 1)).toBeLessThan(1e-9),
    );
  });
});
