// What classes are called: the names that archives use, which of them says that nothing was found, and the order in which
// a model has its classes. Imports nothing.

/** Names of classes as archives use them; the first list comes first in `labelOrder`: it is the negative class. */
const NEGATIVE_LABELS = ['normal', 'healthy', 'no-murmur', 'no_murmur', 'absent', 'negative'];
const KNOWN_LABELS = new Set([
  ...NEGATIVE_LABELS,
  'abnormal',
  'murmur',
  'present',
  'positive',
  'extrastole',
  'artifact',
]);

/** Whether a folder of that name holds a class. */
export function isKnownLabel(name: string): boolean {
  return KNOWN_LABELS.has(name.toLowerCase());
}

/** Whether a label is a usual name of the class without findings. */
export function isNegativeLabel(label: string): boolean {
  return NEGATIVE_LABELS.includes(label.toLowerCase());
}

/** The one way to write a class that archives use; others are what a person calls them, to the letter. */
export function foldLabel(label: string): string {
  const lower = label.toLowerCase();
  return KNOWN_LABELS.has(lower) ? lower : label;
}

/** The same classes in the same order: what an output unit stands for. */
export function isSameOrder(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((label, i) => label === others[i]);
}

/** The same classes, in whatever order. */
export function hasSameLabels(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((label) => others.includes(label));
}

/** Class names in output order: the usual name of the negative class first, then by alphabet. */
export function labelOrder(recordings: readonly { label: string }[]): string[] {
  const rank = (label: string) => (isNegativeLabel(label) ? 0 : 1);
  return [...new Set(recordings.map((r) => r.label))].sort(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0),
  );
}
