// Differences as people read them: with their sign, never a minus on zero, all on one axis.

import { describe, expect, it } from 'vitest';
import type { EvaluationItem } from '../../../core/training/answers.ts';
import { judgeCandidate } from '../../../core/training/verdict.ts';
import { differenceReach, formatP, formatSigned, formatSignedInterval, pairedRows } from './verdict-rows.ts';

function comparisonOf(labels: string[]) {
  const items = (isRight: (i: number) => boolean): EvaluationItem[] =>
    Array.from({ length: 30 }, (_, i) => {
      const truth = i % labels.length;
      const said = isRight(i) ? truth : (truth + 1) % labels.length;
      return {
        id: `r${i}`,
        label: labels[truth] ?? '',
        group: `p${i}`,
        source: 'ward',
        quality: null,
        probabilities: labels.map((_, k) => (k === said ? 0.6 : 0.4 / (labels.length - 1))),
        threshold: 0.5,
        inconclusive: false,
      };
    });
  const material = {
    candidate: { labels, items: items((i) => i % 10 !== 0) },
    active: { labels, items: items((i) => i % 5 !== 0) },
    fileNames: new Map<string, string>(),
    reference: null,
  };
  return judgeCandidate(material, { resamples: 50 }).comparison!;
}

describe('the rows of a comparison', () => {
  it('are the figures of both and what lies between them', () => {
    const comparison = comparisonOf(['normal', 'murmur']);
    const rows = pairedRows(comparison);
    expect(rows).toHaveLength(5);
    for (const { active, candidate, difference } of rows)
      expect(difference.value).toBeCloseTo(candidate.value! - active.value!, 12);
    expect(rows.map(({ difference }) => difference.low !== null)).toEqual([true, true, false, false, false]);
  });

  it('leave out what more than two classes do not have', () => {
    const rows = pairedRows(comparisonOf(['normal', 'murmur', 'extrastole']));
    expect(rows.map(({ word }) => word)).toEqual(['AUROC, mean of the classes', 'Mean recall', 'Accuracy']);
  });

  it('share an axis that every interval fits on', () => {
    const rows = pairedRows(comparisonOf(['normal', 'murmur']));
    const reach = differenceReach(rows);
    for (const { difference } of rows)
      for (const end of [difference.low, difference.high])
        expect(Math.abs(end ?? 0)).toBeLessThanOrEqual(reach);
  });
});

it('writes differences with their sign', () => {
  expect([0.0213, -0.0041, -0.0004, 0, null].map(formatSigned)).toEqual([
    '+0.021',
    '−0.004',
    '0.000',
    '0.000',
    '—',
  ]);
  expect(formatSignedInterval({ value: 0, low: -0.004, high: 0.047, n: 3 })).toBe('−0.004 to +0.047');
  expect(formatSignedInterval({ value: 0, low: null, high: null, n: 3 })).toBe('');
  expect([1, 0.051, 0.0123, 0.0002].map(formatP)).toEqual(['1.00', '0.051', '0.012', 'less than 0.001']);
});
