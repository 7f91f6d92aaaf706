import { describe, expect, it } from 'vitest';
import { decodeBytes } from './decode.ts';
import { estimateHeartRate } from './heart-rate.ts';
import { assessQuality } from './quality.ts';
import { simulateHeartSound, type SimulatedKind } from './simulate.ts';
import { encodeWav } from './wav.ts';

function judge(kind: SimulatedKind, seed: number) {
  const audio = simulateHeartSound(kind, seed);
  const rate = estimateHeartRate(audio);
  return { audio, rate, quality: assessQuality(audio, rate.periodicity) };
}

const SEEDS = [1, 2, 3, 4, 5];

describe('simulated heart sounds', () => {
  it.each(['normal', 'murmur'] as const)('%s: good quality, and its own heart rate is heard', (kind) => {
    for (const seed of SEEDS) {
      const { rate, quality } = judge(kind, seed);
      expect(quality.verdict).toBe('good');
      expect(Math.abs((rate.bpm ?? 0) - 60 / 0.84)).toBeLessThan(2);
    }
  });

  it('noisy: too noisy to be judged', () => {
    for (const seed of SEEDS) {
      const { quality } = judge('noisy', seed);
      expect(quality.verdict).toBe('poor');
      expect(quality.reasons).toContain('too-noisy');
    }
  });

  it('short: can be decoded, too short to be judged', async () => {
    const { audio, quality } = judge('short', 1);
    await expect(decodeBytes(encodeWav(audio).buffer as ArrayBuffer)).resolves.toMatchObject({
      sampleRateHz: 4000,
    });
    expect(quality).toMatchObject({ verdict: 'poor', reasons: ['too-short'] });
  });

  it('is the same for the same seed and another for another', () => {
    expect(simulateHeartSound('murmur', 7)).toEqual(simulateHeartSound('murmur', 7));
    expect(simulateHeartSound('murmur', 7)).not.toEqual(simulateHeartSound('murmur', 8));
  });
});

describe('assessQuality', () => {
  const normal = simulateHeartSound('normal', 1);
  const changed = (change: (value: number) => number) => ({ ...normal, samples: normal.samples.map(change) });

  it('hears silence, also with an offset', () => {
    for (const level of [0, 0.3])
      expect(
        assessQuality(
          changed(() => level),
          0,
        ),
      ).toMatchObject({ verdict: 'poor', reasons: ['silent'] });
    expect(estimateHeartRate(changed(() => 0))).toEqual({ bpm: null, periodicity: 0 });
  });

  it('hears clipping by how much of it there is', () => {
    const clip = (limit: number) =>
      assessQuality(
        changed((x) => Math.max(-limit, Math.min(limit, x))),
        0.8,
      );
    expect(clip(0.2)).toMatchObject({ verdict: 'fair', reasons: ['clipped'] });
    expect(clip(0.01)).toMatchObject({ verdict: 'poor' });
    expect(clip(1).reasons).toEqual([]);
  });

  it('does not depend on how loud the recording is', () => {
    const quiet = assessQuality(
      changed((x) => x / 100),
      0.8,
    );
    expect(quiet.verdict).toBe('good');
    expect(quiet.signalToNoiseDb).toBeCloseTo(assessQuality(normal, 0.8).signalToNoiseDb, 1);
  });
});
