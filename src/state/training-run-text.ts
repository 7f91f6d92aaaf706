// Everything that a training run says in its log. Texts only.

import type { TrainingOutcome } from '../core/training/types.ts';

const STOPPED: Record<TrainingOutcome['stopped'], string> = {
  finished: 'all epochs run',
  'early-stopping': 'stopped early, the watched recordings no longer got better',
  'by-user': 'stopped by hand',
};

export const trainingRunText = {
  log: {
    noReplay: 'The model to start from has no replay set: nothing is mixed in.',
    stopped: 'Stopped by hand; the best so far is kept.',
    /** @param epoch after which it goes on; null: from the beginning */
    workerLost: (why: string, epoch: number | null): string =>
      `The training worker was lost: ${why} Going on ${epoch === null ? 'at the beginning' : `after epoch ${epoch}`}.`,
    ready: (backend: string): string => `Training worker ready on ${backend}.`,
    gpuLost: (lost: string, backend: string): string =>
      `The graphics device was lost on the way (${lost}); training went on from its last sure epoch on ${backend}.`,
    sides: (nTraining: number, nWatched: number, nValidation: number): string =>
      `${nTraining} recordings to train on, ${nWatched} watched, ${nValidation} that judge.`,
    leftOut: (fileName: string, why: string): string => `Left out ${fileName}: ${why}`,
    moreLeftOut: (n: number): string => `${n} more recordings could not be read and are left out.`,
    trained: (
      epochs: number,
      sec: number,
      backend: string,
      stopped: TrainingOutcome['stopped'],
      bestEpoch: number | null,
    ): string =>
      `Trained ${epochs} epochs in ${Math.round(sec)} s on ${backend} (${STOPPED[stopped]}).${
        bestEpoch === null ? '' : ` The weights of epoch ${bestEpoch} are kept.`
      }`,
    activeNotAsked: (why: string): string => `The model in use could not be asked: ${why}`,
    unanswered: (n: number): string => `${n} of the recordings that judge have no answer and count nowhere.`,
    verdict: (recommendation: string, reason: string): string =>
      `Verdict: ${recommendation}. ${reason}`.trim(),
    noVerdict: (why: string): string => `No verdict: ${why}`,
    stored: (name: string): string => `Stored as “${name}”.`,
  },

  noneLeft: (label: string): string =>
    `None of the recordings labelled ${label} that were to train the model can be read.`,
} as const;
