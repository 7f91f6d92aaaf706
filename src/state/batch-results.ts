// Whole results of a batch as they are taken away: at the present threshold, all that were asked for or none. Pure
// but for what it reads through the keeper.

import { AppError } from '../core/errors.ts';
import { rejudge } from '../core/report/rejudge.ts';
import type { RecordingResult } from '../core/types.ts';
import type { HeldBatch } from './held-batch.svelte.ts';
import { stateText } from './state-text.ts';

/**
 * Results of the answered ones among these, or among all, in order of place, some at a time. What is answered or
 * forgotten meanwhile is left out.
 * @throws AppError `storage-blocked` when not all of them can be had: part of a download would pass for the whole
 */
export async function* judgedResults(
  { keeper, ledger }: Pick<HeldBatch, 'keeper' | 'ledger'>,
  indices: Iterable<number> | null,
): AsyncIterable<RecordingResult[]> {
  const isAnswered = (index: number): boolean => ledger.rows[index]?.phase === 'done';
  const awaited = new Set([...(indices ?? ledger.rows.keys())].filter(isAnswered));
  for await (const portion of keeper.all()) {
    const chosen = portion.filter(({ index }) => awaited.delete(index) && isAnswered(index));
    yield chosen.map(({ result }) => rejudge(result, ledger.threshold, ledger.judgement));
  }
  if ([...awaited].some(isAnswered)) throw new AppError('storage-blocked', stateText.batch.resultsGone);
}
