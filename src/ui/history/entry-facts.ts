// What is said of an entry beside its name, in short phrases. Pure.

import type { BatchEntry } from '../../storage/batch-record.ts';
import { historyText as text } from './history-text.ts';

/** How much, how much of it with a label, how long, by which model, and whether it was cancelled or is under way. */
export function entryFacts(entry: BatchEntry, isUnderWay: boolean): string[] {
  return [
    ...(entry.total > 1 ? [text.recordings(entry.total)] : []),
    ...(entry.nLabelled > 0 ? [text.labelled(entry.nLabelled)] : []),
    ...(entry.soundSec > 0 ? [text.sound(entry.soundSec)] : []),
    `${entry.model.name} ${entry.model.version}`,
    ...(entry.state === 'cancelled' ? [text.cancelled] : []),
    ...(isUnderWay ? [text.underWay] : []),
  ];
}
