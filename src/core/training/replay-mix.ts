// What the training loop needs of a replay set: windows that an earlier model was trained on, mixed into every
// batch so that it is not forgotten. How they are kept is core/training/replay.ts. Types and arithmetic only.

/**
 * Share of a batch that is replayed. On PASCAL's recordings a new head on half lost .013 AUROC of the reference
 * windows, on a quarter .033: the losses by which this share was chosen.
 */
const REPLAY_FRACTION = 0.5;

export interface ReplayWindow {
  /** `[windowFrames · nMels]` in time-mel order, normalised as inference normalises. */
  values: Float32Array;
  /**
   * Indices into the labels of the model to be trained, any of which would be right: never empty. One where the
   * label is shared; all that the replay set does not share, where the new labels split the old one up.
   */
  classes: number[];
}

/** Windows of a batch that are replayed: at least one, and at least one is not. */
export function replayedPerBatch(batchSize: number): number {
  return Math.min(batchSize - 1, Math.max(1, Math.round(batchSize * REPLAY_FRACTION)));
}
