import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mixdown } from './mixdown.ts';
import { resample } from './resample.ts';

const fixture = JSON.parse(readFileSync(new URL('fixtures/resample-poly.json', import.meta.url), 'utf8')) as {
  cases: { fromHz: number; toHz: number; samples: string; expected: string }[];
};

/** Fixtures are stored as float32, whose step below 1 is 6e-8. */
const TOLERANCE = 1e-7;

function floats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}

function tone(frequencyHz: number, sampleRateHz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: sampleRateHz * seconds }, (_, i) =>
    Math.sin((2 * Math.PI * frequencyHz * i) / sampleRateHz),
  );
}

function peak(samples: Float32Array): number {
  return samples.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
}

describe('resample', () => {
  it.each(fixture.cases)(
    'equals SciPy resample_poly from $fromHz to $toHz Hz',
    ({ fromHz, toHz, samples, expected }) => {
      const actual = resample({ samples: floats(samples), sampleRateHz: fromHz }, toHz);
      const oracle = floats(expected);
      expect(actual.sampleRateHz).toBe(toHz);
      expect(actual.samples.length).toBe(oracle.length);
      const worst = oracle.reduce(
        (top, value, i) => Math.max(top, Math.abs(value - (actual.samples[i] ?? NaN))),
        0,
      );
      expect(worst).toBeLessThanOrEqual(TOLERANCE);
    },
  );

  it('lets nothing above the new Nyquist frequency fold back', () => {
    const { samples } = resample({ samples: tone(2100, 44_100, 1), sampleRateHz: 44_100 }, 2000);
    expect(20 * Math.log10(peak(samples.subarray(200, -200)))).toBeLessThan(-70);
  });

  it.each([44_101, 191_999, 383_999])(
    'keeps a tone in tune from %d Hz, a rate that shares no factor',
    (fromHz) => {
      const heard = resample({ samples: tone(100, fromHz, 2), sampleRateHz: fromHz }, 2000);
      const expected = tone(100, 2000, 2);
      const worst = heard.samples
        .slice(50, -50)
        .reduce((top, value, i) => Math.max(top, Math.abs(value - (expected[i + 50] ?? NaN))), 0);
      // The filter's own ripple is 1.4e-3; a rate wrong by 16e-6 moves the end of 2 s of 100 Hz by 0.02 rad.
      expect(worst).toBeLessThan(0.022);
    },
  );

  it('returns audio of the wanted rate as it is', () => {
    const audio = { samples: new Float32Array(10), sampleRateHz: 2000 };
    expect(resample(audio, 2000)).toBe(audio);
  });
});

describe('mixdown', () => {
  it('is the mean of all channels', () => {
    const channels = [Float32Array.of(1, 0, -1), Float32Array.of(0, 0.5, -1)];
    expect([...mixdown({ channels, sampleRateHz: 2000 }).samples]).toEqual([0.5, 0.25, -1]);
  });
});
