import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BatchRow } from '../../state/batch-row.ts';
import { BINS, probabilityHistogram } from './probability-histogram.ts';

const LABELS = ['normal', 'abnormal'];

function rowOf(probability: number, status: 'ok' | 'inconclusive' | 'error', index: number): BatchRow {
  const answer = {
    status,
    predictedClass: probability >= 0.5 ? 'abnormal' : 'normal',
    probabilities: status === 'error' ? [] : [1 - probability, probability],
    confidence: null,
    quality: null,
    heartRateBpm: null,
    durationSec: 10,
    errorCode: null,
  };
  return { index, fileName: `${String(index)}.wav`, phase: 'done', answer, label: null };
}

it('every answered recording is in its step once, under its class or as inconclusive', () => {
  const drafts = fc.array(
    fc.record({
      probability: fc.double({ min: 0, max: 1, noNaN: true }),
      status: fc.constantFrom('ok' as const, 'inconclusive' as const, 'error' as const),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(drafts, (list) => {
      const rows = list.map(({ probability, status }, index) => rowOf(probability, status, index));
      const { answered, inconclusive, peak } = probabilityHistogram(rows, LABELS);
      const inBin = (bin: number, status: string, label?: string): number =>
        rows.filter(({ answer }) => {
          const p = answer?.probabilities[1] ?? -1;
          const isIn = p * BINS >= bin && (p * BINS < bin + 1 || (bin === BINS - 1 && p === 1));
          return isIn && answer?.status === status && (!label || answer.predictedClass === label);
        }).length;
      let highest = 1;
      for (let bin = 0; bin < BINS; bin++) {
        LABELS.forEach((label, i) => expect(answered[i]?.[bin]).toBe(inBin(bin, 'ok', label)));
        expect(inconclusive[bin]).toBe(inBin(bin, 'inconclusive'));
        highest = Math.max(highest, inBin(bin, 'ok') + inBin(bin, 'inconclusive'));
      }
      expect(peak).toBe(highest);
    }),
  );
});
