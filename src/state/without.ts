// What is left of a list. Pure.

/** A list without some of its items. */
export function without<T extends { id: string }>(items: readonly T[], removed: readonly T[]): readonly T[] {
  if (removed.length === 0) return items;
  const ids = new Set(removed.map(({ id }) => id));
  return items.filter(({ id }) => !ids.has(id));
}
