// The truth that a collection holds beside its recordings, read in slices on the page's thread. The reader is loaded
// when first wanted.

import { runWithPauses } from '../core/sliced.ts';
import type { LabelReading } from '../core/training/labels.ts';
import { createPace } from './breathe.ts';
import type { Collection } from './collect-files.ts';

/**
 * Ids of the reading are the recordings' paths; null where nothing says what they are. Tables that do not are moved
 * to the collection's skipped files, with the reason.
 * @param modelLabels names of the classes that the model tells apart
 */
export async function truthOf(
  collection: Collection,
  modelLabels: readonly string[],
): Promise<LabelReading | null> {
  const { readTruth } = await import('../core/training/truth.ts');
  const paths = collection.recordings.map(({ path }) => path);
  const work = readTruth(paths, collection.labelFiles, modelLabels);
  const { reading, refused } = await runWithPauses(work, createPace());
  collection.skipped = [...collection.skipped, ...refused];
  return reading;
}
