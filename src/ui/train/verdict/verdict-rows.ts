// A comparison as rows for the page: each figure of both models, and the difference between them. Pure.

import type { Estimate } from '../../../core/metrics/intervals.ts';
import type { Comparison } from '../../../core/training/verdict.ts';
import { commonText } from '../../common/common-text.ts';
import { evaluationText } from '../../evaluation/evaluation-text.ts';
import { formatFigure } from '../../evaluation/figure-format.ts';

export interface PairedRow {
  word: string;
  meaning: string;
  active: Estimate;
  candidate: Estimate;
  /** Its interval is null where it was not drawn. */
  difference: Estimate;
}

export function pairedRows({ labels, active, candidate, difference }: Comparison): PairedRow[] {
  const words =
    labels.length > 2 ? { ...evaluationText.rows, ...evaluationText.manyRows } : evaluationText.rows;
  const row = (
    key: keyof typeof words,
    pick: 'auroc' | 'meanAccuracy' | 'sensitivity' | 'specificity' | 'accuracy',
  ): PairedRow[] => {
    const [before, after] = [active.pooled[pick], candidate.pooled[pick]];
    if (before === null || after === null) return [];
    const drawn = pick === 'auroc' || pick === 'meanAccuracy' ? difference[pick] : null;
    return [
      {
        word: words[key].word,
        meaning: words[key].meaning(labels),
        active: before,
        candidate: after,
        difference: drawn ?? plainDifference(before, after),
      },
    ];
  };
  return [
    ...row('auroc', 'auroc'),
    ...row('meanAccuracy', 'meanAccuracy'),
    ...row('sensitivity', 'sensitivity'),
    ...row('specificity', 'specificity'),
    ...row('accuracy', 'accuracy'),
  ];
}

function plainDifference(before: Estimate, after: Estimate): Estimate {
  const value = before.value === null || after.value === null ? null : after.value - before.value;
  return { value, low: null, high: null, n: after.n };
}

/** `+0.021`; a figure that rounds to zero has no sign. */
export function formatSigned(value: number | null): string {
  if (value === null) return formatFigure(null);
  const size = Math.abs(value).toFixed(3);
  return Number(size) === 0 ? size : `${value < 0 ? '−' : '+'}${size}`;
}

/** `−0.004 to +0.047`; empty where there is none. */
export function formatSignedInterval({ low, high }: Estimate): string {
  return low === null || high === null ? '' : commonText.fromTo(formatSigned(low), formatSigned(high));
}

/** Smaller ones are not told apart. */
const LEAST_P = 0.001;

/** A probability that chance alone would do it. */
export function formatP(p: number): string {
  return p < LEAST_P ? commonText.lessThan(LEAST_P) : p.toFixed(p < 0.1 ? 3 : 2);
}

/** Half the width of the axis that all differences fit on, in steps of a tenth. */
export function differenceReach(rows: readonly PairedRow[]): number {
  const ends = rows.flatMap(({ difference: { value, low, high } }) => [value ?? 0, low ?? 0, high ?? 0]);
  return Math.max(0.1, Math.ceil(10 * Math.max(...ends.map(Math.abs))) / 10);
}
