// What a hand-over says of its recordings, read in slices on the page's thread. The reader is loaded when first wanted.

import type { FoundFacts } from '../core/collection/facts.ts';
import { runWithPauses } from '../core/sliced.ts';
import { createPace } from './breathe.ts';
import type { Collection } from './collect-files.ts';
import { inputText } from './input-text.ts';

/** Facts in the order of the recordings. */
export async function factsOf({ recordings, labelFiles }: Collection): Promise<FoundFacts> {
  const { droppedName, readFacts } = await import('../core/collection/facts.ts');
  const paths = recordings.map(({ path }) => path);
  return await runWithPauses(
    readFacts(paths, labelFiles, droppedName(paths) ?? inputText.ownRecordings),
    createPace(),
  );
}
