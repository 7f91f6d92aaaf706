// The same sound is found after what encoders do to it (noise below it, another rate, another level, a delay), and
// other recordings are not. On real recordings, see `duplicates.ts` for the figures.
import { expect, test } from 'vitest';
import { simulateHeartSound } from '../audio/simulate.ts';
import { resample } from '../audio/resample.ts';
import { Random } from '../random.ts';
import { runAtOnce } from '../sliced.ts';
import type { MonoAudio } from '../types.ts';
import { findDuplicates } from './duplicates.ts';
import { errorRate, fingerprintOf } from './fingerprint.ts';

/** As a lossy encoder at a low rate leaves it: 48 kHz, quieter, later, with noise 30 dB below the sound. */
function reencoded(audio: MonoAudio, seed: number): MonoAudio {
  const { samples, sampleRateHz } = resample(audio, 48_000);
  const rms = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
  const random = new Random(seed);
  const delay = Math.round(0.051 * sampleRateHz);
  const noisy = new Float32Array(samples.length + delay);
  for (let i = 0; i < noisy.length; i++)
    noisy[i] = 0.4 * ((samples[i - delay] ?? 0) + 0.03 * rms * (2 * random.uniform() - 1) * Math.sqrt(3));
  return { samples: noisy, sampleRateHz };
}

const sound = (seed: number, kind: 'normal' | 'murmur' = 'normal'): MonoAudio =>
  simulateHeartSound(kind, seed);
const entry = (id: string, audio: MonoAudio) => ({
  id,
  soundSha256: id,
  fingerprint: fingerprintOf(audio),
});

test('a fingerprint has a number for each 64 ms, up to 20 s', () => {
  expect(fingerprintOf({ samples: new Float32Array(12_000), sampleRateHz: 4000 })).toHaveLength(46);
  expect(fingerprintOf({ samples: new Float32Array(100_000), sampleRateHz: 2000 })).toHaveLength(312);
  expect(fingerprintOf({ samples: new Float32Array(50), sampleRateHz: 2000 })).toHaveLength(0);
});

test('few bits change when a sound is encoded with loss, half of them between two sounds', () => {
  const original = fingerprintOf(sound(1));
  const delayFrames = 2;
  expect(errorRate(original, fingerprintOf(reencoded(sound(1), 5)), delayFrames)).toBeLessThan(0.16);
  expect(errorRate(original, fingerprintOf(sound(2)), 0)).toBeGreaterThan(0.35);
});

test('recordings that are the same sound are found among others, in the order given', () => {
  const others = Array.from({ length: 20 }, (_, i) => entry(`other ${i}`, sound(100 + i, 'murmur')));
  const found = findDuplicates([
    entry('a', sound(1)),
    ...others,
    entry('b again', reencoded(sound(2), 7)),
    entry('a again', reencoded(sound(1), 8)),
    entry('b', sound(2)),
    entry('a once more', reencoded(sound(1), 9)),
  ]);
  expect(runAtOnce(found)).toEqual([
    ['a', 'a again', 'a once more'],
    ['b again', 'b'],
  ]);
});

test('a part of a recording is found in it', () => {
  const whole = sound(3);
  const part = { ...whole, samples: whole.samples.slice(4 * whole.sampleRateHz) };
  expect(runAtOnce(findDuplicates([entry('whole', whole), entry('part', part)]))).toEqual([
    ['whole', 'part'],
  ]);
});

test('the same samples are the same sound, also where there is too little of it for a fingerprint', () => {
  const short = { ...entry('a', { samples: new Float32Array(2000), sampleRateHz: 2000 }), soundSha256: 'x' };
  expect(runAtOnce(findDuplicates([short, { ...short, id: 'b' }]))).toEqual([['a', 'b']]);
});

test('silence and hum of different recordings are not the same sound', () => {
  const hum = (noise: number, seed: number): MonoAudio => {
    const random = new Random(seed);
    const samples = Float32Array.from(
      { length: 20_000 },
      (_, i) => 0.3 * Math.sin((2 * Math.PI * 50 * i) / 2000) + noise * (random.uniform() - 0.5),
    );
    return { samples, sampleRateHz: 2000 };
  };
  const silent = { samples: new Float32Array(20_000), sampleRateHz: 2000 };
  const all = [entry('a', silent), entry('b', silent), entry('c', hum(0.01, 1)), entry('d', hum(0.01, 2))];
  expect(runAtOnce(findDuplicates(all))).toEqual([]);
});

test('3,000 recordings are compared in little more than ten times the time of 300', () => {
  const fingerprints = Array.from({ length: 3000 }, (_, i) => {
    const random = new Random(i);
    return {
      id: String(i),
      soundSha256: String(i),
      fingerprint: Uint32Array.from({ length: 312 }, () => Math.floor(random.uniform() * 2 ** 32)),
    };
  });
  // Steps between pauses stand for time: they are made for a fixed number of recordings each.
  const steps = (n: number): number => [...findDuplicates(fingerprints.slice(0, n))].length;
  expect(steps(3000)).toBeLessThanOrEqual(11 * steps(300));
});
