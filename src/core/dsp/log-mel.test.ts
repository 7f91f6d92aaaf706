import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FeatureSpec } from '../model/manifest.ts';
import { Random } from '../random.ts';
import { createFft } from './fft.ts';
import { createLogMel } from './log-mel.ts';
import { createMelFilterbank, hzToMel, melToHz } from './mel.ts';

type Bands = Pick<FeatureSpec, 'nFft' | 'nMels' | 'fMinHz' | 'fMaxHz'> & {
  name: string;
  sampleRateHz: number;
};
type Frames = Pick<FeatureSpec, 'winLength' | 'hopLength'>;

function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}

const filterbanks = readFixture<(Bands & { filterbank: string })[]>('mel-filterbanks');
const spectrograms =
  readFixture<(Bands & Frames & { shape: number[]; samples: string; powerToDbRefMax: string })[]>(
    'mel-spectrograms',
  );

const LIBROSA = {
  melScale: 'slaney',
  melNorm: 'slaney',
  log: { kind: 'db', amin: 1e-10, topDb: 80 },
  normalization: 'none',
  scope: 'recording',
  signalNormalization: 'none',
} as const;

function floats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}

/** Sum over n of x[n] exp(-2 pi i k n / N), as it is written. */
function naiveDft(data: ArrayLike<number>, size: number): number[] {
  return Array.from({ length: 2 * size }, (_, at) => {
    const k = Math.floor(at / 2);
    let sum = 0;
    for (let n = 0; n < size; n++) {
      const angle = (-2 * Math.PI * ((k * n) % size)) / size;
      const [re, im] = [data[2 * n] ?? 0, data[2 * n + 1] ?? 0];
      sum +=
        at % 2 === 0
          ? re * Math.cos(angle) - im * Math.sin(angle)
          : re * Math.sin(angle) + im * Math.cos(angle);
    }
    return sum;
  });
}

describe('createFft', () => {
  it.each([1, 2, 7, 12, 64, 100, 251, 400, 512])('equals the DFT as it is written, size %d', (size) => {
    const random = new Random(size);
    const data = Float64Array.from({ length: 2 * size }, () => random.normal());
    const actual = new Float64Array(2 * size);
    createFft(size).transform(actual, data);
    naiveDft(data, size).forEach((value, i) =>
      expect(Math.abs(value - (actual[i] ?? NaN))).toBeLessThan(1e-10),
    );
  });

  it.each([
    [64, 20],
    [64, 32],
    [64, 33],
    [512, 200],
    [400, 100],
  ])('size %d of which %d points are filled: equals the DFT as well', (size, filled) => {
    const random = new Random(size + filled);
    const data = Float64Array.from({ length: 2 * size }, (_, i) => (i < 2 * filled ? random.normal() : 0));
    const actual = new Float64Array(2 * size);
    createFft(size, filled).transform(actual, data);
    naiveDft(data, size).forEach((value, i) =>
      expect(Math.abs(value - (actual[i] ?? NaN))).toBeLessThan(1e-10),
    );
  });
});

describe('createLogMel', () => {
  it.each(spectrograms)('equals librosa melspectrogram and power_to_db: $name', (fixture) => {
    const { values, nFrames, nMels } = createLogMel({ ...fixture, ...LIBROSA }, fixture.sampleRateHz).compute(
      floats(fixture.samples),
    );
    expect([nMels, nFrames]).toEqual(fixture.shape);
    const expected = floats(fixture.powerToDbRefMax);
    let worst = 0;
    for (let frame = 0; frame < nFrames; frame++)
      for (let mel = 0; mel < nMels; mel++)
        worst = Math.max(
          worst,
          Math.abs((values[frame * nMels + mel] ?? NaN) - (expected[mel * nFrames + frame] ?? NaN)),
        );
    expect(worst).toBeLessThan(1e-4);
  });

  it('equals a spectrogram computed by definition: HTK, unit sum, log10', () => {
    const features: FeatureSpec = {
      ...LIBROSA,
      nFft: 64,
      winLength: 50,
      hopLength: 20,
      nMels: 6,
      melScale: 'htk',
      melNorm: 'unit-sum',
      fMinHz: 20,
      fMaxHz: 800,
      log: { kind: 'log10', offset: 1e-8 },
    };
    const random = new Random(3);
    const samples = Float32Array.from({ length: 333 }, () => random.normal());
    const { values, nFrames } = createLogMel(features, 2000).compute(samples);
    expect(nFrames).toBe(1 + Math.floor(333 / 20));
    const edges = Array.from({ length: 8 }, (_, i) => {
      const mel = (hz: number): number => 2595 * Math.log10(1 + hz / 700);
      return 700 * (10 ** ((mel(20) + ((mel(800) - mel(20)) * i) / 7) / 2595) - 1);
    });
    for (let frame = 0; frame < nFrames; frame++) {
      const data = new Float64Array(128);
      for (let i = 0; i < 50; i++)
        data[2 * (i + 7)] =
          (samples[frame * 20 - 32 + 7 + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 50));
      const dft = naiveDft(data, 64);
      for (let mel = 0; mel < 6; mel++) {
        const [left = 0, centre = 0, right = 0] = edges.slice(mel, mel + 3);
        let [power, total] = [0, 0];
        for (let bin = 0; bin <= 32; bin++) {
          const hz = (bin * 2000) / 64;
          const weight = Math.max(
            0,
            Math.min((hz - left) / (centre - left), (right - hz) / (right - centre)),
          );
          power += weight * ((dft[2 * bin] ?? 0) ** 2 + (dft[2 * bin + 1] ?? 0) ** 2);
          total += weight;
        }
        const expected = Math.log10((total > 0 ? power / total : 0) + 1e-8);
        expect(Math.abs(expected - (values[frame * 6 + mel] ?? NaN))).toBeLessThan(1e-5);
      }
    }
  });

  it('gives silence a finite floor', () => {
    const [fixture] = spectrograms;
    if (!fixture) throw new Error('no fixture');
    const { values } = createLogMel({ ...fixture, ...LIBROSA }, fixture.sampleRateHz).compute(
      new Float32Array(4000),
    );
    expect(values.every((value) => value === 0)).toBe(true);
  });
});

describe('createMelFilterbank', () => {
  it.each(filterbanks)('equals librosa filters.mel: $name', (fixture) => {
    const bank = createMelFilterbank(
      { ...fixture, melScale: 'slaney', melNorm: 'slaney' },
      fixture.sampleRateHz,
    );
    const nBins = fixture.nFft / 2 + 1;
    const dense = new Float64Array(fixture.nMels * nBins);
    for (let mel = 0; mel < fixture.nMels; mel++)
      for (let k = 0; k < (bank.nBins[mel] ?? 0); k++)
        dense[mel * nBins + (bank.firstBin[mel] ?? 0) + k] =
          bank.weights[(bank.weightStart[mel] ?? 0) + k] ?? NaN;
    floats(fixture.filterbank).forEach((weight, i) =>
      expect(Math.abs(weight - (dense[i] ?? NaN))).toBeLessThan(1e-7),
    );
  });

  it.each(['slaney', 'htk'] as const)('%s scale goes there and back', (scale) => {
    for (const hz of [0, 20, 440, 999, 1000, 1001, 8000])
      expect(melToHz(hzToMel(hz, scale), scale)).toBeCloseTo(hz, 8);
  });

  it('counts no bin twice and none outside the spectrum', () => {
    const bank = createMelFilterbank(
      { nFft: 32, nMels: 40, melScale: 'htk', melNorm: 'unit-sum', fMinHz: 0, fMaxHz: 1000 },
      2000,
    );
    expect(bank.binCount).toBeLessThanOrEqual(17);
    expect(bank.weights.every(Number.isFinite)).toBe(true);
  });
});
