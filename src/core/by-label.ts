// Records by label. A label is a word of whoever labelled: `constructor` and `__proto__` are labels, too, and a plain
// record has something to say of them that nobody wrote. Pure.

/** What was written down of a label; undefined where nothing was. */
export function ofLabel<T>(record: Readonly<Record<string, T>>, label: string): T | undefined {
  return Object.hasOwn(record, label) ? record[label] : undefined;
}

/** A record that knows of no label, not even of those that every object knows: to be written into. */
export function recordByLabel<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
