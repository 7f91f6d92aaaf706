// What a training run would do, before it does anything: which recording trains, which decides when to stop, which
// judges, and what speaks against it. May import: core/errors, ./split, ./labels.

/** A labelled recording as a plan sees it; kept with the run, because the collection changes. */
export interface PlannedRecording {
  id: string;
  fileName: string;
  label: string;
  /** The patient, or the id where no patient is known. */
  group: string;
  source: string;
  /** 1 clean, 0 noisy, null unknown. */
  quality: 0 | 1 | null;
  durationSec: number;
  /** The side that a person put it on; null: the seed decides. */
  side: 'training' | 'validation' | null;
}

export interface PlanNote {
  /** `stop`: training is impossible. `warn`: possible, and the outcome will say little. `tell`: good to know. */
  kind: 'stop' | 'warn' | 'tell';
  /** What it is and why it matters: one or two sentences. */
  text: string;
}

export interface TrainingPlan {
  seed: number;
  validationFraction: number;
  /** In output order. */
  labels: string[];
  recordings: PlannedRecording[];
  trainIds: string[];
  /** Part of the training side, by group: decides when to stop and calibrates. Empty where there are too few. */
  watchIds: string[];
  validationIds: string[];
  notes: PlanNote[];
}
