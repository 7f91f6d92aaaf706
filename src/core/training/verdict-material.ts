// What a verdict is made from, in parts: copying thousands of answers to a worker at once would hold up the page.
// May import: ./verdict types.

import type { ReferenceAnswer, VerdictMaterial } from './verdict.ts';

/** Parts of at most so many recordings or reference windows of each model; at least one part, in order. */
export function cutMaterial(material: VerdictMaterial, size: number): VerdictMaterial[] {
  const { candidate, active, reference, fileNames } = material;
  const longest = Math.max(
    candidate.items.length,
    active?.items.length ?? 0,
    reference?.candidate.length ?? 0,
    reference?.active.length ?? 0,
    1,
  );
  return Array.from({ length: Math.ceil(longest / size) }, (_, part) => {
    const cut = <T>(items: readonly T[]): T[] => items.slice(part * size, (part + 1) * size);
    const items = cut(candidate.items);
    return {
      candidate: { labels: candidate.labels, items },
      active: active && { labels: active.labels, items: cut(active.items) },
      fileNames: new Map(items.map(({ id }) => [id, fileNames.get(id) ?? id])),
      reference: reference && { candidate: cut(reference.candidate), active: cut(reference.active) },
    };
  });
}

/** The whole again from two parts in order. */
export function joinMaterial(first: VerdictMaterial, then: VerdictMaterial): VerdictMaterial {
  const join = <T>(a: readonly T[] | undefined, b: readonly T[] | undefined): T[] => [
    ...(a ?? []),
    ...(b ?? []),
  ];
  const windows = (of: 'candidate' | 'active'): ReferenceAnswer[] =>
    join(first.reference?.[of], then.reference?.[of]);
  return {
    candidate: {
      labels: first.candidate.labels,
      items: join(first.candidate.items, then.candidate.items),
    },
    active: first.active && {
      labels: first.active.labels,
      items: join(first.active.items, then.active?.items),
    },
    fileNames: new Map([...first.fileNames, ...then.fileNames]),
    reference: first.reference && { candidate: windows('candidate'), active: windows('active') },
  };
}
