// Patients who share a sound are one group: the same recording under two names would otherwise be trained on and
// judge. Public archives have such recordings. Pure.

import type { PlannedRecording } from './plan.ts';

/**
 * The recordings, with one group for all groups between which a sound is shared, directly or through others. It is
 * named after those of them that are named.
 * @param sameSounds ids in sets that are the same sound; ids that are not among the recordings count for nothing
 */
export function linkGroups(
  recordings: readonly PlannedRecording[],
  sameSounds: readonly (readonly string[])[],
): PlannedRecording[] {
  const groupOf = new Map(recordings.map(({ id, group }) => [id, group]));
  const links = new Map<string, Set<string>>();
  for (const ids of sameSounds) {
    const met = new Set(ids.flatMap((id) => groupOf.get(id) ?? []));
    if (met.size < 2) continue;
    const joined = new Set([...met].flatMap((group) => [group, ...(links.get(group) ?? [])]));
    for (const group of joined) links.set(group, joined);
  }
  const names = new Map([...new Set(links.values())].map((groups) => [groups, nameOf(groups, groupOf)]));
  return recordings.map((recording) => {
    const linked = links.get(recording.group);
    return linked ? { ...recording, group: names.get(linked) ?? recording.group } : recording;
  });
}

/** A group that is called by the id of a recording has no name. */
function nameOf(groups: ReadonlySet<string>, ids: ReadonlyMap<string, string>): string {
  const sorted = [...groups].sort();
  const named = sorted.filter((group) => !ids.has(group));
  return named.length > 0 ? named.join(' + ') : (sorted[0] ?? '');
}
