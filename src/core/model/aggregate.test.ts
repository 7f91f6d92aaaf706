// One answer per recording: arithmetic checked by hand-worked numbers.

import { describe, expect, it } from 'vitest';
import type { Quality } from '../types.ts';
import {
  aggregateLogits,
  calibratedProbabilities,
  decide,
  logit,
  shiftedBand,
  sigmoid,
  toLogits,
} from './aggregate.ts';

const BINARY = { labels: ['normal', 'abnormal'], threshold: 0.4, inconclusiveBand: { low: 0.3, high: 0.5 } };
const POOR: Quality = {
  verdict: 'poor',
  reasons: ['too-noisy'],
  rms: 0.1,
  clippedFraction: 0,
  periodicity: 0,
  signalToNoiseDb: -3,
};

describe('window outputs become one set of logits', () => {
  it('by the mean of logits', () => {
    expect(aggregateLogits([[1], [2], [6]], { output: 'sigmoid-logit', aggregation: 'mean-logit' })).toEqual([
      3,
    ]);
  });

  it('by the mean of probabilities', () => {
    // 0.9 and 0.5 have the mean 0.7, whose logit is ln(7/3).
    const [value] = aggregateLogits([[logit(0.9)], [0]], {
      output: 'sigmoid-logit',
      aggregation: 'mean-probability',
    });
    expect(value).toBeCloseTo(Math.log(7 / 3), 6);
  });

  it('by the mean of softmax probabilities for several labels', () => {
    const rows = [
      [Math.log(0.6), Math.log(0.3), Math.log(0.1)],
      [Math.log(0.2), Math.log(0.7), Math.log(0.1)],
    ];
    const mean = aggregateLogits(rows, { output: 'softmax-logit', aggregation: 'mean-probability' });
    expect(mean.map(Math.exp)).toEqual([0.4, 0.5, 0.1].map((p) => expect.closeTo(p, 6) as number));
  });

  it('whatever the last layer gives, without infinities', () => {
    expect(toLogits([0.5, 1, 0], 'sigmoid-probability').every(Number.isFinite)).toBe(true);
    expect(toLogits([0.5], 'sigmoid-probability')).toEqual([0]);
  });
});

describe('calibration', () => {
  it('applies slope and intercept to the logit of the second label', () => {
    const p = calibratedProbabilities([2], {
      labels: BINARY.labels,
      calibration: { kind: 'platt', slope: 0.5, intercept: -1 },
    });
    expect(p).toEqual({ normal: 0.5, abnormal: 0.5 });
  });

  it('takes two softmax outputs as their difference', () => {
    const p = calibratedProbabilities([1, 3], { labels: BINARY.labels, calibration: { kind: 'none' } });
    expect(p['abnormal']).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
  });

  it('divides by the temperature and sums to one for several labels', () => {
    const p = calibratedProbabilities([0, 2, 4], {
      labels: ['a', 'b', 'c'],
      calibration: { kind: 'temperature', temperature: 2 },
    });
    expect(Object.values(p).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect((p['c'] ?? 0) / (p['a'] ?? 1)).toBeCloseTo(Math.exp(2), 9);
  });
});

describe('the decision', () => {
  it('is the side of the threshold, with confidence 0.5 on it and 1 at certainty', () => {
    expect(decide({ normal: 0, abnormal: 1 }, 0.4, null, BINARY)).toMatchObject({
      status: 'ok',
      predictedClass: 'abnormal',
      confidence: 1,
    });
    expect(decide({ normal: 1, abnormal: 0 }, 0.4, null, BINARY)).toMatchObject({
      status: 'ok',
      predictedClass: 'normal',
      confidence: 1,
    });
    expect(
      decide({ normal: 0.6, abnormal: 0.4 }, 0.4, null, { ...BINARY, inconclusiveBand: null }).confidence,
    ).toBe(0.5);
    expect(decide({ normal: 0.8, abnormal: 0.2 }, 0.4, null, BINARY).confidence).toBeCloseTo(0.75, 12);
  });

  it('is inconclusive inside the band, and says why', () => {
    expect(decide({ normal: 0.55, abnormal: 0.45 }, 0.4, null, BINARY)).toMatchObject({
      status: 'inconclusive',
      inconclusiveReasons: ['near-threshold'],
      predictedClass: 'abnormal',
    });
  });

  it('is inconclusive for a recording of poor quality, however sure the network', () => {
    expect(decide({ normal: 0.01, abnormal: 0.99 }, 0.4, POOR, BINARY)).toMatchObject({
      status: 'inconclusive',
      inconclusiveReasons: ['poor-quality'],
    });
  });

  it('is the likeliest of several labels', () => {
    const decision = decide({ a: 0.2, b: 0.5, c: 0.3 }, 0.5, null, {
      labels: ['a', 'b', 'c'],
      threshold: 0.5,
      inconclusiveBand: null,
    });
    expect(decision).toMatchObject({ predictedClass: 'b', confidence: 0.5, status: 'ok' });
  });

  it('moves the band along with a threshold that a person chose', () => {
    const band = shiftedBand(BINARY, 0.6);
    const shift = logit(0.6) - logit(0.4);
    expect(band?.low).toBeCloseTo(sigmoid(logit(0.3) + shift), 12);
    expect(band?.high).toBeCloseTo(sigmoid(logit(0.5) + shift), 12);
    expect(shiftedBand(BINARY, 0.4)).toEqual(BINARY.inconclusiveBand);
  });
});
