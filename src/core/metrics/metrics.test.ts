// Metrics against definitions worked out by other means: brute force over pairs, published values, hand-made tables.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { bootstrapByGroup, quantile } from './bootstrap.ts';
import { binaryCounts, binaryRates, confusionMatrix, multiClassRates } from './confusion.ts';
import { wilsonRate } from './intervals.ts';
import { coverageRisk, reliability } from './reliability.ts';
import { auroc, aurocOf, averagePrecision, orderByScore, precisionRecallCurve, rocCurve } from './roc.ts';

/** Mann–Whitney by its definition: every positive against every negative, ties half. */
function aurocByPairs(scores: number[], positives: boolean[]): number | null {
  let won = 0;
  let pairs = 0;
  scores.forEach((a, i) =>
    scores.forEach((b, j) => {
      if (!positives[i] || positives[j]) return;
      pairs++;
      won += a > b ? 1 : a === b ? 0.5 : 0;
    }),
  );
  return pairs === 0 ? null : won / pairs;
}

/** Few distinct scores, so that ties abound. */
const scoredExamples = fc.array(
  fc.record({ score: fc.integer({ min: -3, max: 3 }), positive: fc.boolean() }),
  {
    maxLength: 40,
  },
);

describe('confusion matrix', () => {
  // Ten positives of which 7 found, twenty negatives of which 2 called positive.
  const truth = [...Array<number>(10).fill(1), ...Array<number>(20).fill(0)];
  const predicted = [...Array<number>(7).fill(1), 0, 0, 0, 1, 1, ...Array<number>(18).fill(0)];

  it('counts truth in rows and answers in columns', () => {
    expect(confusionMatrix(truth, predicted, 2)).toEqual([
      [18, 2],
      [3, 7],
    ]);
  });

  it('gives the rates worked out by hand', () => {
    const rates = binaryRates(binaryCounts(confusionMatrix(truth, predicted, 2)));
    expect(rates.sensitivity).toBeCloseTo(0.7, 12);
    expect(rates.specificity).toBeCloseTo(0.9, 12);
    expect(rates.meanAccuracy).toBeCloseTo(0.8, 12);
    expect(rates.accuracy).toBeCloseTo(25 / 30, 12);
    expect(rates.precision).toBeCloseTo(7 / 9, 12);
    // Harmonic mean of 7/9 and 7/10.
    expect(rates.f1).toBeCloseTo(14 / 19, 12);
  });

  it('says null, not NaN or 0, where a class is missing', () => {
    const rates = binaryRates(binaryCounts(confusionMatrix([0, 0], [0, 0], 2)));
    expect(rates).toMatchObject({ sensitivity: null, specificity: 1, meanAccuracy: null, precision: null });
  });

  it('gives per-class and macro rates for three classes', () => {
    // Rows: a 4+1+0, b 1+2+1, c absent but called once.
    const { perClass, macro, accuracy } = multiClassRates([
      [4, 1, 0],
      [1, 2, 1],
      [0, 0, 0],
    ]);
    expect(perClass[0]).toMatchObject({ support: 5, precision: 0.8, recall: 0.8 });
    expect(perClass[1]?.precision).toBeCloseTo(2 / 3, 12);
    expect(perClass[2]).toMatchObject({ support: 0, recall: null, precision: 0 });
    expect(macro.recall).toBeCloseTo((0.8 + 0.5) / 2, 12);
    expect(accuracy).toBeCloseTo(6 / 9, 12);
  });
});

describe('Wilson interval', () => {
  it.each([
    // Newcombe, Stat Med 17 (1998) 857–872, table I, method 3.
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('agrees with Newcombe for %i of %i', (count, n, low, high) => {
    const rate = wilsonRate(count, n);
    expect(rate.low).toBeCloseTo(low, 4);
    expect(rate.high).toBeCloseTo(high, 4);
  });

  it('is undefined for nothing and mirrors at the other end', () => {
    expect(wilsonRate(0, 0)).toMatchObject({ value: null, low: null, high: null });
    const [few, many] = [wilsonRate(3, 20), wilsonRate(17, 20)];
    expect(1 - (many.high ?? 0)).toBeCloseTo(few.low ?? 1, 12);
  });
});

describe('AUROC', () => {
  it('equals the share of pairs won, ties half', () => {
    fc.assert(
      fc.property(scoredExamples, (examples) => {
        const scores = examples.map((e) => e.score);
        const positives = examples.map((e) => e.positive);
        const expected = aurocByPairs(scores, positives);
        const actual = auroc(scores, positives);
        if (expected === null) expect(actual).toBeNull();
        else expect(actual).toBeCloseTo(expected, 12);
      }),
    );
  });

  it('with weights equals the AUROC of examples repeated that often', () => {
    fc.assert(
      fc.property(scoredExamples, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), (examples, times) => {
        const weights = examples.map(() => times.next().value as number);
        const repeated = examples.flatMap((e, i) => Array<typeof e>(weights[i] ?? 0).fill(e));
        const order = orderByScore(
          examples.map((e) => e.score),
          examples.map((e) => e.positive),
        );
        const expected = aurocByPairs(
          repeated.map((e) => e.score),
          repeated.map((e) => e.positive),
        );
        const actual = aurocOf(order, weights);
        if (expected === null) expect(actual).toBeNull();
        else expect(actual).toBeCloseTo(expected, 12);
      }),
    );
  });

  it('takes infinite scores as equal and refuses NaN', () => {
    expect(auroc([Infinity, Infinity, 0], [true, false, false])).toBe(0.75);
    expect(() => auroc([NaN], [true])).toThrow(RangeError);
  });
});

describe('curves', () => {
  const scores = [0.9, 0.8, 0.8, 0.4, 0.1];
  const positives = [true, true, false, true, false];

  it('precision and recall at each distinct score', () => {
    expect(precisionRecallCurve(scores, positives)).toEqual([
      { threshold: 0.9, precision: 1, recall: 1 / 3 },
      { threshold: 0.8, precision: 2 / 3, recall: 2 / 3 },
      { threshold: 0.4, precision: 3 / 4, recall: 1 },
      { threshold: 0.1, precision: 3 / 5, recall: 1 },
    ]);
    expect(averagePrecision(scores, positives)).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 3, 12);
  });

  it('the ROC curve at each distinct score, and the area under its trapezoids is the AUROC', () => {
    expect(rocCurve(scores, positives)).toEqual({
      thresholds: Float64Array.of(0.9, 0.8, 0.4, 0.1),
      sensitivity: Float64Array.of(1 / 3, 2 / 3, 1, 1),
      falsePositiveRate: Float64Array.of(0, 1 / 2, 1 / 2, 1),
    });
    expect(rocCurve([0.1, 0.2], [true, true])).toBeNull();
    const random = new Random(11);
    const many = Array.from({ length: 300 }, () => Math.round(random.normal() * 10));
    const truth = many.map((score) => score + 8 * random.normal() > 0);
    const curve = rocCurve(many, truth)!;
    const at = (column: Float64Array, i: number) => (i < 0 ? 0 : column[i]!);
    let area = 0;
    for (let i = 0; i < curve.thresholds.length; i++)
      area +=
        ((at(curve.sensitivity, i) + at(curve.sensitivity, i - 1)) / 2) *
        (at(curve.falsePositiveRate, i) - at(curve.falsePositiveRate, i - 1));
    expect(area).toBeCloseTo(auroc(many, truth)!, 12);
  });
});

describe('bootstrap by group', () => {
  it('agrees with the standard error of a mean of independent groups', () => {
    const random = new Random(3);
    const n = 400;
    const values = Array.from({ length: n }, () => random.normal());
    const mean = values.reduce((a, b) => a + b, 0) / n;
    const sd = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n);
    const [estimate] = bootstrapByGroup(
      {
        groups: values.map((_, i) => String(i)),
        strata: values.map(() => ''),
        resamples: 2000,
        random: new Random(1),
      },
      [mean],
      (weights) => [values.reduce((sum, v, i) => sum + v * (weights[i] ?? 0), 0) / n],
    );
    const half = 1.96 * (sd / Math.sqrt(n));
    expect((estimate?.high ?? 0) - mean).toBeCloseTo(half, 1);
    expect(Math.abs((estimate?.high ?? 0) - (estimate?.low ?? 0) - 2 * half)).toBeLessThan(0.1 * half);
  });

  it('draws groups whole and keeps the size of each stratum', () => {
    // Two recordings a group, five groups a stratum.
    const groups = Array.from({ length: 20 }, (_, i) => `g${i >> 1}`);
    const strata = groups.map((_, i) => (i < 10 ? 'x' : 'y'));
    const sum = (weights: Float64Array) => weights.reduce((total, weight) => total + weight, 0);
    bootstrapByGroup({ groups, strata, resamples: 200, random: new Random(2) }, [0], (weights) => {
      for (let i = 0; i < 20; i += 2) expect(weights[i]).toBe(weights[i + 1]);
      expect([sum(weights.subarray(0, 10)), sum(weights.subarray(10))]).toEqual([10, 10]);
      return [0];
    });
  });

  it('varies what comes from strata of a group or two, which are drawn as one', () => {
    const groups = Array.from({ length: 12 }, (_, i) => `g${i}`);
    const drawn = new Set<number>();
    bootstrapByGroup({ groups, strata: groups, resamples: 200, random: new Random(2) }, [0], (weights) => {
      expect(weights.reduce((total, weight) => total + weight, 0)).toBe(12);
      drawn.add(weights[0] ?? 0);
      return [0];
    });
    expect(drawn.size).toBeGreaterThan(2);
  });

  it('is wider when recordings belong together than when they are taken as independent', () => {
    const random = new Random(8);
    const positives = Array.from({ length: 300 }, (_, i) => i % 2 === 0);
    // Thirty people, ten recordings each that score alike.
    const offsets = Array.from({ length: 30 }, () => random.normal() * 2);
    const person = positives.map((_, i) => Math.floor(i / 10));
    const scores = positives.map(
      (positive, i) => (positive ? 1 : 0) + (offsets[person[i] ?? 0] ?? 0) + random.normal(),
    );
    const order = orderByScore(scores, positives);
    const width = (groups: string[]) => {
      const [estimate] = bootstrapByGroup(
        { groups, strata: groups.map(() => ''), resamples: 500, random: new Random(1) },
        [aurocOf(order)],
        (weights) => [aurocOf(order, weights)],
      );
      return (estimate?.high ?? 0) - (estimate?.low ?? 0);
    };
    const scored = scores.map((_, i) => String(i));
    expect(width(person.map(String))).not.toBeCloseTo(width(scored), 3);
  });

  it('is reproducible, and has no interval where resamples mostly lose the figure', () => {
    const run = () =>
      bootstrapByGroup(
        { groups: ['a', 'b', 'c'], strata: ['', '', ''], resamples: 100, random: new Random(4) },
        [1, 1, null],
        (weights) => [weights[0] ?? 0, null, 1],
      );
    expect(run()).toEqual(run());
    expect(run()[1]).toEqual({ value: 1, low: null, high: null, n: 3 });
    expect(run()[2]).toEqual({ value: null, low: null, high: null, n: 3 });
  });

  it('serves 2,533 recordings and 2,000 resamples within seconds', () => {
    const random = new Random(5);
    const scores = Array.from({ length: 2533 }, () => random.normal());
    const order = orderByScore(
      scores,
      scores.map((s) => s + random.normal() > 1),
    );
    const groups = scores.map((_, i) => String(i % 700));
    const started = performance.now();
    bootstrapByGroup({ groups, strata: groups.map(() => ''), resamples: 2000, random }, [0], (w) => [
      aurocOf(order, w),
    ]);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('interpolates quantiles as NumPy does', () => {
    expect(quantile([1, 2, 3, 4], 0.4)).toBeCloseTo(2.2, 12);
    expect(quantile([1, Infinity, Infinity], 1)).toBe(Infinity);
  });
});

describe('reliability', () => {
  it('gives the figures worked out by hand', () => {
    const { expectedCalibrationError, brier, logLoss, bins } = reliability(
      [0.15, 0.15, 0.85, 1],
      [false, true, true, true],
    );
    // Bins 0.1–0.2 (mean .15, half positive), 0.8–0.9 (.85, all positive), 0.9–1 (1, all positive).
    expect(expectedCalibrationError).toBeCloseTo((2 * 0.35 + 0.15 + 0) / 4, 12);
    expect(brier).toBeCloseTo((0.15 ** 2 + 0.85 ** 2 + 0.15 ** 2) / 4, 12);
    expect(logLoss).toBeCloseTo(-(Math.log(0.85) + Math.log(0.15) + Math.log(0.85)) / 4, 12);
    expect(bins[1]).toEqual({ low: 0.1, high: 0.2, n: 2, meanProbability: 0.15, positiveFraction: 0.5 });
    expect(bins[9]?.n).toBe(1);
  });

  it('is near zero for probabilities that are true', () => {
    const random = new Random(9);
    const probabilities = Array.from({ length: 20_000 }, () => random.uniform());
    const positives = probabilities.map((p) => random.uniform() < p);
    expect(reliability(probabilities, positives).expectedCalibrationError).toBeLessThan(0.02);
  });
});

describe('coverage against risk', () => {
  it('counts errors among the surest, ties shared', () => {
    const curve = coverageRisk([3, 2, 2, 1], [false, true, false, true], [0.25, 0.5, 0.75, 1]);
    expect(curve.map((point) => point.risk)).toEqual([0, 0.25, 1 / 3, 0.5]);
    const swapped = coverageRisk([3, 2, 2, 1], [false, false, true, true], [0.25, 0.5, 0.75, 1]);
    expect(swapped).toEqual(curve);
  });
});
