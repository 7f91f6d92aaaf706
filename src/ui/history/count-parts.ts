// The counts of an entry as the parts of one bar, in the order in which they are drawn and told. Pure.

import { ofLabel } from '../../core/by-label.ts';
import { nAnswered } from '../../state/history.svelte.ts';
import type { BatchEntry } from '../../storage/batch-record.ts';
import { classColour } from '../common/class-colour.ts';
import { historyText as text } from './history-text.ts';

export interface CountPart {
  word: string;
  n: number;
  /** A colour token; the word and the look say the same. */
  colour: string;
  /** Classes are filled, what has no class is not. */
  look: 'filled' | 'striped' | 'hatched' | 'faint';
}

/** Classes in the model's order, then inconclusive, failed, not heard; without the empty ones. */
export function countParts(entry: Pick<BatchEntry, 'counts' | 'total' | 'judgement'>): CountPart[] {
  const { counts, total, judgement } = entry;
  const classes = [...new Set([...judgement.labels, ...Object.keys(counts.perClass)])];
  const parts: CountPart[] = [
    ...classes.map((word): CountPart => ({
      word,
      n: ofLabel(counts.perClass, word) ?? 0,
      colour: classColour(judgement.labels, word),
      look: 'filled',
    })),
    { word: text.inconclusive, n: counts.inconclusive, colour: '--inconclusive', look: 'striped' },
    { word: text.failed, n: counts.error, colour: '--danger', look: 'hatched' },
    { word: text.waiting, n: total - nAnswered(counts), colour: '--line-strong', look: 'faint' },
  ];
  return parts.filter(({ n }) => n > 0);
}
