// Who trains and who tests: seeded splits that never cut a group and keep each source's classes in proportion.
// k folds, one validation split, and leave one source out, all over plain labelled recordings.
// May import: core/errors, core/random.

import { AppError } from '../errors.ts';
import { Random } from '../random.ts';
import { planNotesText } from './plan-notes-text.ts';

/** What a split looks at; a LabelledRecording has it. */
export interface Splittable {
  id: string;
  label: string;
  group: string;
  source: string;
}

export interface Fold {
  /** `fold-1`…, or the name of the source that was left out. */
  name: string;
  trainIds: string[];
  testIds: string[];
}

/**
 * Grouped k-fold, stratified by source and label: every recording is tested exactly once.
 * @throws AppError `not-enough-examples` when there are fewer groups than folds
 */
export function kFoldSplit(recordings: readonly Splittable[], k: number, seed: number): Fold[] {
  const parts = distribute(recordings, new Array<number>(k).fill(1 / k), seed);
  if (parts.some((part) => part.length === 0))
    throw new AppError('not-enough-examples', planNotesText.fewGroups(k));
  return parts.map((testIds, fold) => ({
    name: `fold-${fold + 1}`,
    trainIds: parts.filter((_, other) => other !== fold).flat(),
    testIds,
  }));
}

/**
 * One grouped, stratified split. Strata too small to give the fraction stay in training.
 * @param validationFraction of each source's recordings of a class, in (0, 1)
 * @throws AppError `not-enough-examples` when either side would be empty
 */
export function validationSplit(
  recordings: readonly Splittable[],
  validationFraction: number,
  seed: number,
): { trainIds: string[]; validationIds: string[] } {
  const [trainIds = [], validationIds = []] = distribute(
    recordings,
    [1 - validationFraction, validationFraction],
    seed,
  );
  if (trainIds.length === 0 || validationIds.length === 0)
    throw new AppError(
      'not-enough-examples',
      planNotesText.fewRecordings(recordings.length, validationFraction),
    );
  return { trainIds, validationIds };
}

/** Each source once as the unseen one; a group that also recorded there is kept out of training. Empty with one source. */
export function leaveOneSourceOut(recordings: readonly Splittable[]): Fold[] {
  const sources = [...new Set(recordings.map((r) => r.source))].sort();
  if (sources.length < 2) return [];
  return sources.map((source) => {
    const test = recordings.filter((r) => r.source === source);
    const testGroups = new Set(test.map((r) => r.group));
    return {
      name: source,
      trainIds: recordings.filter((r) => r.source !== source && !testGroups.has(r.group)).map((r) => r.id),
      testIds: test.map((r) => r.id),
    };
  });
}

/**
 * Deals groups out to parts so that each part gets its share of every stratum (source × label): largest groups
 * first, each to the part where Σ over strata of (part's fraction − share)² grows least.
 * Source: the greedy rule of scikit-learn's StratifiedGroupKFold, generalised to unequal shares.
 * @param shares of the parts, summing to 1
 * @returns ids part by part; a part may be empty
 */
export function distribute(
  recordings: readonly Splittable[],
  shares: readonly number[],
  seed: number,
): string[][] {
  const strata = new Map<string, number>();
  const groups = new Map<string, { ids: string[]; counts: Map<string, number> }>();
  for (const { id, label, group, source } of recordings) {
    const stratum = JSON.stringify([source, label]);
    strata.set(stratum, (strata.get(stratum) ?? 0) + 1);
    const entry = groups.get(group) ?? { ids: [], counts: new Map<string, number>() };
    entry.ids.push(id);
    entry.counts.set(stratum, (entry.counts.get(stratum) ?? 0) + 1);
    groups.set(group, entry);
  }
  // By name before the shuffle: the order in which a folder was listed must not matter.
  const names = new Random(seed).shuffle([...groups.keys()].sort());
  const order = names.flatMap((name) => groups.get(name) ?? []).sort((a, b) => b.ids.length - a.ids.length);
  const parts = shares.map((share) => ({ share, ids: [] as string[], counts: new Map<string, number>() }));
  for (const group of order) {
    const costs = parts.map((part) => cost(part, group.counts, strata));
    const lowest = Math.min(...costs);
    // Equal cost: the part that is furthest behind its share of recordings.
    const [chosen] = parts
      .filter((_, i) => (costs[i] as number) <= lowest + 1e-12)
      .sort((a, b) => a.ids.length / a.share - b.ids.length / b.share);
    if (chosen === undefined) continue;
    chosen.ids.push(...group.ids);
    for (const [stratum, count] of group.counts)
      chosen.counts.set(stratum, (chosen.counts.get(stratum) ?? 0) + count);
  }
  return parts.map((part) => part.ids.sort());
}

/** Growth of Σ (fraction − share)² when the group joins the part. */
function cost(
  part: { share: number; counts: Map<string, number> },
  group: Map<string, number>,
  strata: Map<string, number>,
): number {
  let growth = 0;
  for (const [stratum, count] of group) {
    const total = strata.get(stratum) ?? 1;
    const gap = (part.counts.get(stratum) ?? 0) / total - part.share;
    const step = count / total;
    growth += step * (2 * gap + step);
  }
  return growth;
}
