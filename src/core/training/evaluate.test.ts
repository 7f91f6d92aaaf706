// The report as a whole: its figures against ones computed apart, its honesty rules, its text.

import { describe, expect, it } from 'vitest';
import { auroc } from '../metrics/roc.ts';
import { Random } from '../random.ts';
import type { EvaluationItem } from './answers.ts';
import { baselines } from './baselines.ts';
import { evaluate } from './evaluate.ts';
import { formatReportMarkdown, formatReportText } from './report-tables.ts';

const labels = ['normal', 'abnormal'];

/** Source e gives itself away: few abnormal, all scored low; inside a and e the scores say less. */
function simulate(n: number, seed: number): EvaluationItem[] {
  const random = new Random(seed);
  return Array.from({ length: n }, (_, i) => {
    const source = i % 3 === 0 ? 'a' : 'e';
    const isAbnormal = random.uniform() < (source === 'a' ? 0.7 : 0.1);
    const score = (source === 'a' ? 1 : -2) + (isAbnormal ? 0.8 : 0) + random.normal();
    const p = 1 / (1 + Math.exp(-score));
    return {
      id: `r${i}`,
      label: isAbnormal ? 'abnormal' : 'normal',
      group: `g${Math.floor(i / 2)}`,
      source,
      quality: i % 5 === 0 ? 0 : 1,
      probabilities: [1 - p, p],
      threshold: 0.4,
      inconclusive: p > 0.3 && p < 0.5,
    };
  });
}

const items = simulate(600, 1);
const report = evaluate(items, { labels, resamples: 300 });
const of = (source: string) => items.filter((item) => item.source === source);
const scores = (chosen: EvaluationItem[]) => chosen.map((item) => item.probabilities[1] ?? 0);
const truths = (chosen: EvaluationItem[]) => chosen.map((item) => item.label === 'abnormal');

describe('evaluation report', () => {
  it('counts everyone, pooled and per source', () => {
    expect(report).toMatchObject({ schema: 'heartbeat-evaluation/1', n: 600, nGroups: 300, labels });
    expect(Object.values(report.perSource).reduce((sum, figures) => sum + figures.n, 0)).toBe(600);
    expect(report.pooled.nPerLabel.reduce((a, b) => a + b, 0)).toBe(600);
    expect(report.perQuality['clean']?.n).toBe(480);
  });

  it('agrees with sensitivity and specificity counted by hand', () => {
    const positives = items.filter((item) => item.label === 'abnormal');
    const negatives = items.filter((item) => item.label === 'normal');
    const found = positives.filter((item) => (item.probabilities[1] ?? 0) >= 0.4).length;
    const spared = negatives.filter((item) => (item.probabilities[1] ?? 0) < 0.4).length;
    expect(report.pooled.sensitivity).toMatchObject({ count: found, n: positives.length });
    expect(report.pooled.specificity).toMatchObject({ count: spared, n: negatives.length });
    expect(report.pooled.meanAccuracy.value).toBeCloseTo(
      (found / positives.length + spared / negatives.length) / 2,
      12,
    );
  });

  it('gives the unweighted mean of the per-source AUCs, below the pooled one where the source tells the class', () => {
    const expected = ['a', 'e'].map((source) => auroc(scores(of(source)), truths(of(source))) ?? 0);
    expect(report.meanSourceAuroc.value).toBeCloseTo(((expected[0] ?? 0) + (expected[1] ?? 0)) / 2, 12);
    expect(report.meanSourceAuroc.value ?? 1).toBeLessThan(report.pooled.auroc.value ?? 0);
  });

  it('puts every figure inside its interval', () => {
    for (const figures of [report.pooled, ...Object.values(report.perSource)])
      for (const estimate of [
        figures.auroc,
        figures.meanAccuracy,
        figures.sensitivity,
        figures.specificity,
      ]) {
        expect(estimate?.low).toBeLessThanOrEqual(estimate?.value ?? -1);
        expect(estimate?.high).toBeGreaterThanOrEqual(estimate?.value ?? 2);
      }
  });

  it('applies to each recording its own threshold', () => {
    const strict = items.map((item) => ({ ...item, threshold: item.source === 'a' ? 1.1 : item.threshold }));
    const { perSource } = evaluate(strict, { labels, resamples: 10 });
    expect(perSource['a']?.sensitivity?.value).toBe(0);
    expect(perSource['e']?.sensitivity).toEqual(report.perSource['e']?.sensitivity);
  });

  it('counts the inconclusive in every figure and reports the risk on both sides of the band', () => {
    const { coverage } = report;
    expect(coverage.answered.count).toBe(items.filter((item) => !item.inconclusive).length);
    expect(coverage.riskAnswered.n + coverage.riskInconclusive.n).toBe(600);
    expect(coverage.curve.at(-1)?.risk).toBeCloseTo(1 - (report.pooled.accuracy.value ?? 0), 12);
    expect(coverage.curve[0]?.risk).toBeLessThan(coverage.curve.at(-1)?.risk ?? 0);
  });

  it('reports unseen sources by themselves', () => {
    const { leaveOneSourceOut } = evaluate(items, { labels, unseen: simulate(200, 2), resamples: 50 });
    expect(Object.keys(leaveOneSourceOut?.perSource ?? {})).toEqual(['a', 'e']);
    expect(leaveOneSourceOut?.meanAuroc.n).toBe(200);
    expect(report.leaveOneSourceOut).toBeNull();
  });

  it('tells how far it is, from nothing to all', () => {
    for (const chosen of [items, items.map((item) => ({ ...item, source: 'a', quality: null }))]) {
      const told: number[] = [];
      evaluate(chosen, { labels, unseen: items, resamples: 50, onProgress: (done) => told.push(done) });
      expect(told.length).toBeGreaterThan(20);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect(told.at(-1)).toBe(1);
    }
  });

  it('gives a part that is the whole the figures of the whole', () => {
    const alone = items.map((item) => ({ ...item, source: 'a', quality: null }));
    const whole = evaluate(alone, { labels, resamples: 50 });
    expect(whole.perSource['a']).toEqual(whole.pooled);
    expect(whole.perQuality['unknown']).toEqual(whole.pooled);
    expect(whole.meanSourceAuroc).toEqual(whole.pooled.auroc);
    const withOther = evaluate([...alone, { ...items[0]!, id: 'other', group: 'other', source: 'b' }], {
      labels,
      resamples: 50,
    });
    expect(withOther.perSource['a']).toEqual(whole.pooled);
  });

  it('judges three classes by the likeliest', () => {
    const three = ['normal', 'murmur', 'extrastole'];
    const answer = (id: string, label: string, probabilities: number[]): EvaluationItem => ({
      id,
      label,
      group: id,
      source: 's',
      quality: null,
      probabilities,
      threshold: 0.5,
      inconclusive: false,
    });
    const { pooled, baselines: none } = evaluate(
      [
        answer('1', 'normal', [0.5, 0.3, 0.2]),
        answer('2', 'murmur', [0.4, 0.35, 0.25]),
        answer('3', 'murmur', [0.1, 0.8, 0.1]),
        answer('4', 'extrastole', [0.2, 0.2, 0.6]),
      ],
      { labels: three, resamples: 10 },
    );
    expect(pooled.confusion).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [0, 0, 1],
    ]);
    expect(pooled.meanAccuracy.value).toBeCloseTo((1 + 0.5 + 1) / 3, 12);
    // One against the rest, by hand: normal 3/3 pairs, murmur 4/4, extrastole 3/3.
    expect(pooled.auroc.value).toBeCloseTo(1, 12);
    expect(pooled.sensitivity).toBeNull();
    expect(none).toBeNull();
  });

  it('refuses labels the model does not know, and nothing at all', () => {
    expect(() => evaluate([], { labels })).toThrow(expect.objectContaining({ code: 'not-enough-examples' }));
    const strange = items.map((item) => ({ ...item, label: 'murmur' }));
    expect(() => evaluate(strange, { labels })).toThrow(expect.objectContaining({ code: 'labels-invalid' }));
  });

  it('survives JSON: no NaN, no infinity', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('reads as a table with n and interval, in the terminal and in Markdown', () => {
    const text = formatReportText(report);
    expect(text).toContain('mean of sources');
    expect(text).toMatch(/^all +600 .*\(\.\d{3}–\.\d{3}\)/m);
    const markdown = formatReportMarkdown(report);
    const [header = '', rule = ''] = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(rule.split('|').length).toBe(header.split('|').length);
  });
});

describe('baselines', () => {
  // Source x: 3 of 4 positive; source y: 1 of 4. Two folds with the same make-up.
  const examples = [0, 1].flatMap((fold) =>
    [
      ['x', true],
      ['x', true],
      ['x', true],
      ['x', false],
      ['y', true],
      ['y', false],
      ['y', false],
      ['y', false],
    ].map(([source, positive]) => ({
      source: String(source),
      positive: positive === true,
      fold: `f${fold}`,
    })),
  );

  it('answers by the share of the source in the other folds', () => {
    const { source, majority } = baselines(examples);
    expect(source).toMatchObject({ n: 16, accuracy: 0.75, meanAccuracy: 0.75, auroc: 0.75 });
    expect(majority).toMatchObject({ accuracy: 0.5, auroc: 0.5 });
  });

  it('does not learn from the fold it answers', () => {
    const flipped = examples.map((e) => (e.fold === 'f0' ? { ...e, positive: !e.positive } : e));
    // Every answer about f0 comes from f1 and is as wrong as it was right, and the other way round.
    expect(baselines(flipped).source.accuracy).toBe(0.25);
  });
});
