// One of N parts of a collection, for an archive that several machines share: each collects the same list, takes
// its own part, and the parts together are the whole. Imports this folder's types only.

import type { Shard } from './args.ts';
import type { Collection } from './collect.ts';

/**
 * Every `parts`-th recording beginning with number `part`, in the list's order; none where there are fewer.
 * What was left out of the list is told by the first shard alone, so that shards joined tell it once.
 */
export function shardOf(collection: Collection, { part, parts }: Shard): Collection {
  const recordings = collection.recordings.filter((_, index) => index % parts === part - 1);
  return part === 1 ? { ...collection, recordings } : { ...collection, recordings, skipped: [], unopened: 0 };
}
