// Who is drawn how often.

import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { drawPass, samplingProbabilities, type SampledRecording, type SamplingOptions } from './sampler.ts';

const defaults: SamplingOptions = {
  balance: 'source-and-class',
  sourceExponent: 0.5,
  classBalance: 1,
  noisyWeight: 1,
};

function recordings(source: string, label: number, count: number): SampledRecording[] {
  return Array.from({ length: count }, () => ({ source, label, quality: null }));
}

describe('samplingProbabilities', () => {
  const all = [
    ...recordings('big', 0, 90),
    ...recordings('big', 1, 10),
    ...recordings('small', 0, 5),
    ...recordings('small', 1, 20),
  ];
  const share = (p: Float64Array, source: string, label: number): number =>
    all.reduce((sum, r, i) => sum + (r.source === source && r.label === label ? (p[i] ?? 0) : 0), 0);

  it('balances the classes inside each source and weighs a source by the root of its size', () => {
    const p = samplingProbabilities(all, { ...defaults, classBalance: 1 });
    expect(share(p, 'big', 0)).toBeCloseTo(share(p, 'big', 1), 12);
    expect(share(p, 'small', 0)).toBeCloseTo(share(p, 'small', 1), 12);
    expect(share(p, 'big', 0) / share(p, 'small', 0)).toBeCloseTo(Math.sqrt(100 / 25), 12);
    expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  it('balances the classes by half on request: odds inside a source become their root', () => {
    const p = samplingProbabilities(all, { ...defaults, classBalance: 0.5 });
    expect(share(p, 'big', 0) / share(p, 'big', 1)).toBeCloseTo(Math.sqrt(90 / 10), 12);
  });

  it('balances the classes alone, or nothing, when asked', () => {
    const byClass = samplingProbabilities(all, { ...defaults, balance: 'class' });
    expect(share(byClass, 'big', 0) + share(byClass, 'small', 0)).toBeCloseTo(0.5, 12);
    const none = samplingProbabilities(all, { ...defaults, balance: 'none' });
    expect(new Set(none).size).toBe(1);
  });

  it('lets noisy recordings weigh less when asked', () => {
    const two: SampledRecording[] = [
      { source: 'a', label: 0, quality: 1 },
      { source: 'a', label: 0, quality: 0 },
    ];
    const p = samplingProbabilities(two, { ...defaults, noisyWeight: 0.5 });
    expect((p[1] ?? 0) / (p[0] ?? 0)).toBeCloseTo(0.5, 12);
  });
});

describe('drawPass', () => {
  it('draws each recording as often as its probability says, to within one', () => {
    const p = Float64Array.from([0.5, 0.3, 0.15, 0.05]);
    const counts = [0, 0, 0, 0];
    for (const index of drawPass(p, 1000, new Random(1))) counts[index] = (counts[index] ?? 0) + 1;
    counts.forEach((count, i) => expect(Math.abs(count - 1000 * (p[i] ?? 0))).toBeLessThanOrEqual(1));
  });

  it('comes in random order that the seed decides', () => {
    const p = new Float64Array(100).fill(0.01);
    const drawn = drawPass(p, 100, new Random(2));
    expect(drawn).toEqual(drawPass(p, 100, new Random(2)));
    expect(drawn).not.toEqual([...drawn].sort((a, b) => a - b));
  });
});
