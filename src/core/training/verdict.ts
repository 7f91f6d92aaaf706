// Whether a trained model is better than the one in use, on the same recordings that neither learned from here,
// and what it has forgotten. May import: core/metrics, ./answers, ./evaluate, ./figures.

import type { Estimate } from '../metrics/intervals.ts';
import type { EvaluationItem } from './answers.ts';
import type { EvaluationReport } from './evaluate.ts';

export type Recommendation = 'promote' | 'keep' | 'too-little-data';

/** One recording, answered by both. */
export interface RecordingChange {
  id: string;
  fileName: string;
  label: string;
  /** Of the comparison's positive class, calibrated. */
  active: { probability: number; isRight: boolean };
  candidate: { probability: number; isRight: boolean };
}

/** Both models on the same recordings, in a question that both can answer. */
export interface Comparison {
  /** Both models' labels where they are the same; else the one that they share against all others. */
  labels: string[];
  n: number;
  nGroups: number;
  active: EvaluationReport;
  candidate: EvaluationReport;
  /** Candidate minus active: paired bootstrap by group, 95 %. */
  difference: { auroc: Estimate; meanAccuracy: Estimate };
  /** Decisions that only one of the two has right, and McNemar's exact two-sided p. */
  mcnemar: { onlyActiveRight: number; onlyCandidateRight: number; p: number };
  changes: RecordingChange[];
}

/** The reference set's windows before and after. */
export interface Forgetting {
  nWindows: number;
  nGroups: number;
  active: Estimate;
  candidate: Estimate;
  /** Candidate minus active: below zero, something was forgotten. */
  difference: Estimate;
}

export interface Verdict {
  schema: 'heartbeat-verdict/1';
  recommendation: Recommendation;
  /** Why, the weightiest first; each a sentence. */
  reasons: string[];
  /** The candidate alone, with its own labels. */
  candidate: EvaluationReport;
  /** Null where the two share no label, or the active model could not be asked. */
  comparison: Comparison | null;
  /** Null where there is no reference set, or its labels are none of the candidate's. */
  forgetting: Forgetting | null;
}

/** What a verdict is made from. */
export interface VerdictMaterial {
  /** By each model's own labels; both on the same recordings, in the same order. */
  candidate: { labels: string[]; items: EvaluationItem[] };
  active: { labels: string[]; items: EvaluationItem[] } | null;
  fileNames: ReadonlyMap<string, string>;
  reference: { candidate: ReferenceAnswer[]; active: ReferenceAnswer[] } | null;
}

/** A window of the reference set, answered; see core/training/replay.ts. */
export interface ReferenceAnswer {
  label: string;
  group: string;
  /** Calibrated, by the model's own labels. */
  probabilities: Record<string, number>;
}
