// How the learning rate runs over a training: one cycle known beforehand, or halving when the validation
// loss stops falling. Pure arithmetic; the plateau's memory is plain data for checkpoints.

/** Fraction of the run in which a one-cycle rate rises. */
const WARM_UP = 0.25;
/** Rate at the very start and at the very end, as fractions of the peak. */
const FIRST = 0.04;
const LAST = 1e-3;

/**
 * One-cycle learning rate: a cosine up over the first quarter, a cosine down to nearly nothing after it.
 * @param progress fraction of all steps done, 0..1
 * Source: Smith and Topin 2018, "Super-convergence", in its two-phase cosine form.
 */
export function oneCycleRate(peak: number, progress: number): number {
  if (progress < WARM_UP) {
    const rise = 0.5 - 0.5 * Math.cos((Math.PI * progress) / WARM_UP);
    return peak * (FIRST + (1 - FIRST) * rise);
  }
  const fall = 0.5 + 0.5 * Math.cos((Math.PI * (progress - WARM_UP)) / (1 - WARM_UP));
  return peak * (LAST + (1 - LAST) * fall);
}

/** Memory of the plateau schedule. */
export interface PlateauState {
  rate: number;
  bestLoss: number;
  epochsWithoutBetter: number;
}

export function startPlateau(rate: number): PlateauState {
  return { rate, bestLoss: Infinity, epochsWithoutBetter: 0 };
}

/** State after an epoch with this validation loss: the rate is halved after `patience` epochs without a better one. */
export function afterEpoch(state: PlateauState, validationLoss: number, patience: number): PlateauState {
  if (validationLoss < state.bestLoss)
    return { rate: state.rate, bestLoss: validationLoss, epochsWithoutBetter: 0 };
  const waited = state.epochsWithoutBetter + 1;
  return waited >= patience
    ? { ...state, rate: state.rate / 2, epochsWithoutBetter: 0 }
    : { ...state, epochsWithoutBetter: waited };
}
