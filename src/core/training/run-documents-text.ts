// Everything that the documents of a training run say in sentences. Texts only.

import type { TrainingWay } from './types.ts';

/** The way a model was trained, as a noun phrase. */
const WAYS: Record<TrainingWay, string> = {
  head: 'a new last layer on the embeddings of the model it began with',
  'last-blocks': 'fine-tuning of the last blocks',
  all: 'fine-tuning of all layers',
  scratch: 'training from scratch',
};

export const runDocumentsText = {
  ways: WAYS,
  dataset: 'the collection on this device',
  command: (way: TrainingWay, seed: number): string =>
    `Trained on the Train page: ${WAYS[way]}, seed ${seed}.`,
  method: (nJudging: number, isWatched: boolean, mayFlatter: boolean): string =>
    `Judged on ${nJudging} recordings that were kept out of training, whole patients at a time, and decided nothing in it. ${
      isWatched
        ? 'Calibration, threshold and the kept epoch come from watched recordings of the training side.'
        : 'There were too few recordings to watch: all epochs were run, and calibration and threshold were not found anew.'
    }${
      mayFlatter ? ' As far as the model it began with has heard these recordings, the figures flatter.' : ''
    }`,
} as const;
