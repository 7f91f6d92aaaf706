// What a collection holds, label by label. Pure.

import type { CollectedRecording } from '../core/collection/types.ts';
import { labelOrder } from '../core/training/label-names.ts';

export interface LabelSummary {
  /** Null: those without one. */
  label: string | null;
  nRecordings: number;
  durationSec: number;
  /** Different ones that are named. */
  nPatients: number;
  /** Recordings of which no patient is known. */
  nWithoutPatient: number;
  quality: Record<CollectedRecording['quality']['verdict'], number>;
}

/** In the order in which a model would have them; those without a label last. */
export function summariseLabels(recordings: readonly CollectedRecording[]): LabelSummary[] {
  const summaries = new Map<string | null, LabelSummary & { patients: Set<string> }>();
  for (const { label, group, durationSec, quality } of recordings) {
    let summary = summaries.get(label);
    if (!summary) {
      summary = {
        label,
        nRecordings: 0,
        durationSec: 0,
        nPatients: 0,
        nWithoutPatient: 0,
        quality: { good: 0, fair: 0, poor: 0 },
        patients: new Set(),
      };
      summaries.set(label, summary);
    }
    summary.nRecordings++;
    summary.durationSec += durationSec;
    summary.quality[quality.verdict]++;
    if (group === null) summary.nWithoutPatient++;
    else summary.patients.add(group);
  }
  const labels = labelOrder([...summaries.keys()].flatMap((label) => (label === null ? [] : { label })));
  return [...labels, null].flatMap((label) => {
    const summary = summaries.get(label);
    if (!summary) return [];
    const { patients, ...rest } = summary;
    return { ...rest, nPatients: patients.size };
  });
}
