// How many recordings of a hand-over carry which label. Pure.

import type { RecordingFacts } from '../../../core/collection/types.ts';
import { labelOrder } from '../../../core/training/label-names.ts';

export interface CountedLabels {
  /** In the order in which a model would have them. */
  labels: { label: string; n: number }[];
  nLabelled: number;
}

export function countLabels(facts: readonly Pick<RecordingFacts, 'label'>[]): CountedLabels {
  const counts = new Map<string, number>();
  for (const { label } of facts) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  const order = labelOrder([...counts.keys()].map((label) => ({ label })));
  const labels = order.map((label) => ({ label, n: counts.get(label) ?? 0 }));
  return { labels, nLabelled: labels.reduce((sum, { n }) => sum + n, 0) };
}
