// Calibration, threshold and band against simulated truth; nothing of a fold decides how the fold is judged.

import { describe, expect, it } from 'vitest';
import { sigmoid } from '../model/aggregate.ts';
import { Random } from '../random.ts';
import { chooseBand, chooseThreshold, fitPlatt, fitTemperature } from './calibrate.ts';
import { judgeAll, judgeHeldOut, judgeUnseen, type HeldOutPrediction } from './held-out.ts';
import type { LabelledRecording } from './labels.ts';

function simulate(n: number, seed: number, probability: (logit: number) => number) {
  const random = new Random(seed);
  const logits = Array.from({ length: n }, () => 2 * random.normal());
  return { logits, positives: logits.map((x) => random.uniform() < probability(x)) };
}

function meanAccuracy(probabilities: number[], positives: boolean[], threshold: number): number {
  const rate = (wanted: boolean) => {
    const own = probabilities.filter((_, i) => positives[i] === wanted);
    return own.filter((p) => p >= threshold === wanted).length / own.length;
  };
  return (rate(true) + rate(false)) / 2;
}

/** Where a function with one minimum between the ends has it. */
function goldenSection(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  for (let i = 0; i < 100; i++) {
    const [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (f(left) < f(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

describe('Platt scaling', () => {
  it('finds the slope and intercept that made the labels', () => {
    const { logits, positives } = simulate(50_000, 1, (x) => sigmoid(0.7 * x - 1.2));
    const { slope, intercept } = fitPlatt(logits, positives);
    // Three standard errors of the intercept, four of the slope.
    expect(Math.abs(slope - 0.7)).toBeLessThan(0.03);
    expect(Math.abs(intercept + 1.2)).toBeLessThan(0.03);
  });

  it('is where plain gradient descent on the softened targets ends', () => {
    const logits = [-3.1, -2.2, -1.7, -0.9, -0.4, 0.1, 0.3, 0.8, 1.5, 2.6];
    const positives = [false, false, false, true, false, false, true, false, true, true];
    // Four positives, six negatives.
    const targets = positives.map((positive) => (positive ? 5 / 6 : 1 / 8));
    let [slope, intercept] = [0, 0];
    for (let step = 0; step < 20_000; step++) {
      const errors = logits.map((x, i) => 1 / (1 + Math.exp(-(slope * x + intercept))) - (targets[i] ?? NaN));
      slope -= 0.05 * errors.reduce((sum, error, i) => sum + error * (logits[i] ?? NaN), 0);
      intercept -= 0.05 * errors.reduce((sum, error) => sum + error, 0);
    }
    const fitted = fitPlatt(logits, positives);
    expect(Math.abs(fitted.slope - slope)).toBeLessThan(1e-6);
    expect(Math.abs(fitted.intercept - intercept)).toBeLessThan(1e-6);
  });

  it('stays finite when the scores separate the classes', () => {
    const { slope, intercept } = fitPlatt([-3, -2, 2, 3], [false, false, true, true]);
    expect(Number.isFinite(slope) && Number.isFinite(intercept)).toBe(true);
    // Platt's target for two positives is 3/4: the fit approaches it, not 1.
    expect(sigmoid(slope * 2.5 + intercept)).toBeCloseTo(0.75, 1);
  });

  it('never turns the ranking round, and still meets the share of positives', () => {
    const { logits, positives } = simulate(20_000, 5, (x) => sigmoid(-0.8 * x - 1));
    const { slope, intercept } = fitPlatt(logits, positives);
    expect(slope).toBeGreaterThan(0);
    const mean = logits.reduce((sum, x) => sum + sigmoid(slope * x + intercept), 0) / logits.length;
    expect(mean).toBeCloseTo(positives.filter(Boolean).length / positives.length, 3);
  });

  it('needs both classes', () => {
    expect(() => fitPlatt([1, 2], [true, true])).toThrow(
      expect.objectContaining({ code: 'not-enough-examples' }),
    );
  });
});

describe('temperature', () => {
  it('finds the temperature that made the labels of three classes', () => {
    const random = new Random(2);
    const logits = Array.from({ length: 20_000 }, () => [
      random.normal() * 4,
      random.normal() * 4,
      random.normal() * 4,
    ]);
    const labels = logits.map((row) => {
      const powers = row.map((x) => Math.exp(x / 2.5));
      let left = random.uniform() * powers.reduce((a, b) => a + b, 0);
      return powers.findIndex((power) => (left -= power) < 0);
    });
    expect(Math.abs(fitTemperature(logits, labels).temperature - 2.5)).toBeLessThan(0.1);
  });

  it('is where a golden-section search on the log loss ends', () => {
    const logits = [
      [2, 0.5, -1],
      [0.3, 1.8, 0.1],
      [-0.7, 0.4, 2.2],
      [1.5, 1.1, -0.6],
      [0.2, -0.9, 0.8],
      [-1.2, 2.4, 0.9],
    ];
    const labels = [0, 1, 2, 1, 0, 1];
    const loss = (temperature: number) =>
      logits.reduce((sum, row, i) => {
        const powers = row.map((x) => Math.exp(x / temperature));
        const share = (powers[labels[i] ?? 0] ?? NaN) / powers.reduce((a, b) => a + b, 0);
        return sum - Math.log(share);
      }, 0);
    expect(Math.abs(fitTemperature(logits, labels).temperature - goldenSection(loss, 0.1, 20))).toBeLessThan(
      1e-6,
    );
  });
});

describe('threshold', () => {
  it('reaches the best MAcc of all cuts to within its tolerance', () => {
    const { logits, positives } = simulate(2000, 3, (x) => sigmoid(x - 1));
    const probabilities = logits.map(sigmoid);
    const best = Math.max(...probabilities.map((cut) => meanAccuracy(probabilities, positives, cut)));
    const chosen = chooseThreshold(probabilities, positives);
    expect(meanAccuracy(probabilities, positives, chosen)).toBeGreaterThanOrEqual(best - 0.01 - 1e-12);
  });

  it('lies midway in the gap when the classes are apart', () => {
    expect(chooseThreshold([0.1, 0.2, 0.6, 0.9], [false, false, true, true])).toBeCloseTo(0.4, 12);
  });

  it('takes the middle one of the cuts that are as good as the best', () => {
    // Any cut between .3 and .6 is right but for the order of three hundred in between, which changes little.
    const between = Array.from({ length: 300 }, (_, i) => 0.3 + i / 1000);
    const low = Array.from({ length: 20_000 }, (_, i) => 0.1 + i / 1e6);
    const high = low.map((p) => p + 0.7);
    const positives = [
      ...low.map(() => false),
      ...between.map((_, i) => i % 2 === 0),
      ...high.map(() => true),
    ];
    expect(chooseThreshold([...low, ...between, ...high], positives)).toBeCloseTo(0.45, 1);
  });
});

describe('inconclusive band', () => {
  it('holds the stated fraction, around the threshold, and most of the errors', () => {
    const { logits, positives } = simulate(5000, 4, (x) => sigmoid(2 * x));
    const probabilities = logits.map((x) => sigmoid(2 * x));
    const threshold = chooseThreshold(probabilities, positives);
    const band = chooseBand(probabilities, threshold, 0.1);
    if (band === null) throw new Error('no band');
    expect(band.low).toBeLessThan(threshold);
    expect(band.high).toBeGreaterThan(threshold);
    const inside = probabilities.map((p) => p > band.low && p < band.high);
    expect(inside.filter(Boolean).length / inside.length).toBeCloseTo(0.1, 2);
    const risk = (wanted: boolean) => {
      const chosen = probabilities.flatMap((p, i) =>
        inside[i] === wanted ? [p >= threshold !== positives[i]] : [],
      );
      return chosen.filter(Boolean).length / chosen.length;
    };
    expect(risk(true)).toBeGreaterThan(3 * risk(false));
    expect(chooseBand(probabilities, threshold, 0)).toBeNull();
  });
});

describe('judging held-out predictions', () => {
  const random = new Random(6);
  const recordings: LabelledRecording[] = Array.from({ length: 300 }, (_, i) => ({
    id: `r${i}`,
    label: random.uniform() < 0.3 ? 'abnormal' : 'normal',
    group: `g${i}`,
    source: 'a',
    quality: null,
  }));
  const predictions = recordings.map((recording, i): HeldOutPrediction => ({
    id: recording.id,
    fold: `fold-${(i % 5) + 1}`,
    logits: [(recording.label === 'abnormal' ? 1 : -1) + 1.5 * random.normal()],
  }));
  const labels = ['normal', 'abnormal'];

  it('never looks at the labels or logits of the fold it judges', () => {
    const before = judgeHeldOut(predictions, recordings, labels, 0.1);
    const flipped = recordings.map((recording, i) =>
      i % 5 === 0 ? { ...recording, label: recording.label === 'normal' ? 'abnormal' : 'normal' } : recording,
    );
    const moved = predictions.map((prediction) =>
      prediction.fold === 'fold-1'
        ? { ...prediction, logits: prediction.logits.map((x) => 10 - x) }
        : prediction,
    );
    const after = judgeHeldOut(moved, flipped, labels, 0.1);
    expect(after.judgements['fold-1']).toEqual(before.judgements['fold-1']);
    expect(after.judgements['fold-2']).not.toEqual(before.judgements['fold-2']);
  });

  it('applies to each recording what its fold was given', () => {
    const { items, folds, judgements } = judgeHeldOut(predictions, recordings, labels, 0.1);
    items.forEach((item, i) => {
      const judgement = judgements[folds[i] ?? ''];
      const calibration = judgement?.calibration;
      if (calibration?.kind !== 'platt') throw new Error('not calibrated');
      const logit = predictions[i]?.logits[0] ?? 0;
      expect(item.probabilities[1]).toBeCloseTo(
        sigmoid(calibration.slope * logit + calibration.intercept),
        12,
      );
      expect(item.threshold).toBe(judgement?.threshold);
    });
    expect(items.filter((item) => item.inconclusive).length / items.length).toBeCloseTo(0.1, 1);
  });

  it('leaves logits as they are when there is nothing to learn from', () => {
    const one = judgeAll(predictions.slice(0, 1), recordings, labels, 0.1);
    expect(one).toEqual({ calibration: { kind: 'none' }, threshold: 0.5, inconclusiveBand: null });
  });
});

describe('judging a source that was never heard', () => {
  const recordings: LabelledRecording[] = Array.from({ length: 80 }, (_, i) => ({
    id: `r${i}`,
    label: i % 2 === 0 ? 'normal' : 'abnormal',
    group: `g${i}`,
    source: i < 40 ? 'a' : 'b',
    quality: null,
  }));
  const random = new Random(8);
  const predict = (fold: (i: number) => string) =>
    recordings.map(({ id, label }, i): HeldOutPrediction => {
      const logit = (label === 'abnormal' ? 1 : -1) + random.normal();
      return { id, fold: fold(i), logits: [logit] };
    });
  const crossValidated = predict((i) => `fold-${i % 5}`);
  const unseen = predict((i) => (i < 40 ? 'unseen-a' : 'unseen-b'));
  const labels = ['normal', 'abnormal'];

  it('takes calibration and threshold from the cross-validated answers about the other sources alone', () => {
    const { judgements } = judgeUnseen(unseen, crossValidated, recordings, labels, 0.1);
    const others = crossValidated.filter((_, i) => i >= 40);
    expect(judgements['unseen-a']).toEqual(judgeAll(others, recordings, labels, 0.1));
    expect(judgements['unseen-b']).not.toEqual(judgements['unseen-a']);
  });
});
