// What an evaluation shows: a curve thinned without being bent, and rows that leave nothing out or make it up.

import { describe, expect, it } from 'vitest';
import { rocCurve } from '../../core/metrics/roc.ts';
import { Random } from '../../core/random.ts';
import type { EvaluationItem } from '../../core/training/answers.ts';
import { evaluate } from '../../core/training/evaluate.ts';
import { batchRows, figureRows } from './figure-rows.ts';
import { formatFigure, formatInterval } from './figure-format.ts';
import { drawnPoints, rocRows } from './roc-points.ts';
import { asEvaluation } from './stored-evaluation.ts';

const random = new Random(4);
const N = 5000;
const scores = Array.from({ length: N }, () => random.normal());
const positives = scores.map((score) => score + random.normal() > 0.5);
const curve = rocCurve(scores, positives)!;

describe('a drawn ROC curve', () => {
  it('has some hundred points and lies where the whole one lies', () => {
    const points = drawnPoints(curve);
    expect(points.length).toBeLessThan(2000);
    expect(points[0]).toEqual({ x: 0, y: 0 });
    expect(points.at(-1)).toEqual({ x: 1, y: 1 });
    const heightAt = (x: number): number => {
      const after = Math.max(
        1,
        points.findIndex((point) => point.x >= x),
      );
      const [a, b] = [points[after - 1]!, points[after]!];
      return b.x === a.x ? b.y : a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x);
    };
    // Upright parts have many heights at one place: compared between the points of the whole curve.
    for (let i = 1; i < N; i++) {
      const [x0, x1] = [curve.falsePositiveRate[i - 1]!, curve.falsePositiveRate[i]!];
      if (x1 > x0) expect(Math.abs(heightAt((x0 + x1) / 2) - curve.sensitivity[i]!)).toBeLessThan(1 / 200);
    }
  });

  it('keeps every point of a small one', () => {
    const small = rocCurve([0.9, 0.8, 0.4, 0.1], [true, false, true, false])!;
    expect(drawnPoints(small)).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 0.5 },
      { x: 0.5, y: 0.5 },
      { x: 0.5, y: 1 },
      { x: 1, y: 1 },
    ]);
  });

  it('as a table says what each threshold would give, counted by hand', () => {
    const thresholds = [-10, -0.7, 0, scores[17]!, 0.5, 10];
    for (const row of rocRows(curve, thresholds)) {
      const called = (positive: boolean) =>
        scores.filter((score, i) => positives[i] === positive && score >= row.threshold).length;
      const nPositive = positives.filter(Boolean).length;
      expect(row.sensitivity).toBeCloseTo(called(true) / nPositive, 12);
      expect(row.specificity).toBeCloseTo(1 - called(false) / (N - nPositive), 12);
    }
  });
});

const labels = ['absent', 'present'];
const items = scores.slice(0, 100).map((score, i): EvaluationItem => {
  const p = 1 / (1 + Math.exp(-score));
  return {
    id: `r${i}`,
    label: labels[Number(positives[i])]!,
    group: `g${i}`,
    source: i % 2 === 0 ? 'x' : 'y',
    quality: null,
    probabilities: [1 - p, p],
    threshold: 0.5,
    inconclusive: false,
  };
});

describe('rows of figures', () => {
  const report = evaluate(items, { labels, resamples: 20 });

  it('of a batch: AUROC, MAcc, sensitivity, specificity, with accuracy only beside them', () => {
    const rows = batchRows(report);
    expect(rows.map((row) => row.estimate)).toEqual([
      report.pooled.auroc,
      report.meanSourceAuroc,
      report.pooled.meanAccuracy,
      report.pooled.sensitivity,
      report.pooled.specificity,
      report.pooled.accuracy,
    ]);
    expect(rows.filter((row) => row.isQuiet).map((row) => row.estimate)).toEqual([report.pooled.accuracy]);
    expect(rows[0]?.baseline).toBe(report.baselines?.source.auroc);
    expect(rows.map((row) => row.meaning).join(' ')).toContain('labelled present');
  });

  it('say that a figure is not defined instead of leaving it out', () => {
    const one = evaluate(
      items.filter((item) => item.label === 'present').map((item) => ({ ...item, source: 'x' })),
      { labels, resamples: 20 },
    );
    const rows = batchRows(one);
    expect(rows).toHaveLength(5);
    expect(formatFigure(rows[0]?.estimate.value)).toBe('—');
    expect(formatInterval(rows[0]!.estimate)).toBe('—');
  });

  it('of a stored evaluation leave out what it lacks', () => {
    expect(asEvaluation({ schema: 'another/1' })).toBeNull();
    expect(asEvaluation(null)).toBeNull();
    const stored = asEvaluation(JSON.parse(JSON.stringify(report)));
    expect(figureRows(stored!)).toHaveLength(5);
  });

  it('of a stored evaluation rely on nothing that somebody else wrote', () => {
    const told = JSON.parse(JSON.stringify(report)) as Record<string, unknown>;
    const change = (fields: Record<string, unknown>) => asEvaluation({ ...told, ...fields });
    expect(asEvaluation(told)).toEqual(told);
    expect(change({ labels: 'normal' })).toBeNull();
    expect(change({ pooled: { auroc: '<img src=x>' } })).toBeNull();
    expect(change({ n: null })).toBeNull();
    const odd = change({
      perSource: { a: told['pooled'], b: 7, c: null },
      leaveOneSourceOut: { perSource: 'none' },
      baselines: { source: { auroc: 'high' } },
      calibration: { bins: [{ n: 'many' }], expectedCalibrationError: 0 },
      coverage: [],
      meanSourceAuroc: 'good',
    });
    expect(Object.keys(odd!.perSource)).toEqual(['a']);
    expect(odd).toMatchObject({
      leaveOneSourceOut: null,
      baselines: null,
      calibration: null,
      coverage: null,
    });
    expect(figureRows(odd!).every(({ estimate }) => typeof estimate.value === 'number')).toBe(true);
  });

  it('of three classes speak of classes', () => {
    const three = evaluate(
      items.map((item, i) => ({
        ...item,
        label: ['a', 'b', 'c'][i % 3]!,
        probabilities: [0.2 + (i % 5) / 10, 0.1, 0.2],
      })),
      { labels: ['a', 'b', 'c'], resamples: 20 },
    );
    expect(batchRows(three).map((row) => row.word)).toContain('Mean recall');
    expect(batchRows(three).map((row) => row.word)).not.toContain('Sensitivity');
  });
});
