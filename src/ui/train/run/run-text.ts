// What the steps "Plan" and "Train" say.

import type { TrainingSettings, TrainingWay } from '../../../core/training/types.ts';
import type { RunStage } from '../../../state/run-stage.ts';
import { formatRoughly, formatThousands } from '../../common/format.ts';

const of = (done: number, total: number): string => `${formatThousands(done)} of ${formatThousands(total)}`;

const WAYS: Record<TrainingWay, { name: string; what: string }> = {
  head: {
    name: 'New last layer',
    what: 'What the model hears stays as it is; only its last layer learns your labels. Quick on any device, and safest with few recordings.',
  },
  'last-blocks': {
    name: 'Last blocks',
    what: 'The last convolution and all that comes after it learn, too. For recordings that sound a little different.',
  },
  all: {
    name: 'The whole model',
    what: 'Every layer moves a little. Pays with a few hundred recordings, and takes the longest.',
  },
  scratch: {
    name: 'From scratch',
    what: 'A fresh network that knows nothing but your recordings. Needs many hundreds of them.',
  },
};

const BALANCES: Record<TrainingSettings['balance'], string> = {
  'source-and-class': 'Classes inside each source',
  class: 'Classes',
  none: 'As they come',
};

/** Without numbers: said aloud when it begins, not with every recording. */
const STAGES: Record<RunStage['kind'], string> = {
  starting: 'Starting the worker',
  reading: 'Reading recordings',
  embedding: 'Listening to recordings',
  training: 'Training',
  answering: 'Asking both models',
  weighing: 'Weighing their answers',
  storing: 'Storing the model',
};

function stage(at: RunStage): string {
  return 'total' in at ? `${STAGES[at.kind]}, ${of(at.done, at.total)}` : STAGES[at.kind];
}

export const runText = {
  way: {
    title: 'How to train',
    ways: WAYS,
    about: (sec: number): string => (sec < 10 ? 'a few seconds' : `about ${formatRoughly(sec)}`),
    unavailable: 'Not possible with this model',
    base: 'Start from',
    fresh: 'Fresh weights',
    baseActive: (name: string): string => `${name} (in use)`,
    newHead: (labels: string): string =>
      `Your labels (${labels}) are not those of this model, so it gets a new last layer. `,
  },

  advanced: {
    title: 'Advanced',
    changed: 'Advanced (changed)',
    epochs: 'Epochs',
    epochsNote: 'Passes over the training recordings.',
    batchSize: 'Batch size',
    batchSizeNote: 'Windows in one step.',
    learningRate: 'Learning rate',
    learningRateNote: 'How far a step moves the weights at most.',
    patience: 'Patience',
    patienceNote: 'Epochs without a better watched loss before it stops; empty: it runs all.',
    balance: 'Draw evenly',
    balanceNote: 'What a small class or source gets: its share, or more than that.',
    balances: BALANCES,
    augment: 'Vary the recordings',
    augmentNote: 'A little louder or softer each time, so that loudness is not learned.',
    replay: 'Keep what the model knew',
    replayNote: 'Mixes in windows of what it was trained on before, where it carries some.',
    reset: 'Back to the defaults',
  },

  start: {
    label: 'Start training',
    empty: 'There is nothing to train on yet.',
    toCollection: 'Add recordings',
    underWay: 'A run is under way.',
    toRun: 'Look at it',
    elsewhere: 'Another tab of this program trains a model. One run at a time is what a device can bear.',
    noModel: 'No model is ready to start from.',
  },

  run: {
    idle: 'No run is under way.',
    toPlan: 'Plan one',
    title: 'Training run',
    way: (way: TrainingWay): string => WAYS[way].name,
    stage,
    stageName: (kind: RunStage['kind']): string => STAGES[kind],
    judged: 'The run has ended, and the new model is judged.',
    failed: 'The run has failed.',
    epoch: 'epoch',
    step: 'step',
    left: 'left, about',
    leftValue: (sec: number | null): string => (sec === null ? '–' : formatRoughly(sec)),
    backend: 'on',
    none: '–',
    outOf: (done: number, total: number): string => `${done} / ${total}`,
    stop: 'Stop and keep the best',
    stopping: 'Stopping after this step…',
    cancel: 'Cancel',
    cancelSure: 'Cancel and lose what was trained?',
    cancelYes: 'Cancel the run',
    cancelNo: 'Go on training',
    notKept:
      'The latest state of this run could not be stored. It goes on, but if this page is closed, what was trained since is lost.',
    meanwhile:
      'You can go on predicting meanwhile. The run goes on when you leave this page, and when this tab is hidden.',
  },

  curves: {
    title: 'Curves',
    waiting: 'The curves begin when the first epoch has ended.',
    epoch: 'epoch',
    loss: 'Loss',
    accuracy: 'Accuracy',
    auroc: 'AUC',
    training: 'training',
    watched: 'watched',
    validation: 'validation',
    note: 'Watched recordings decide when to stop and which epoch is kept. Validation is shown and decides nothing.',
    noteUnwatched:
      'Too few recordings to watch any: all epochs are run. Validation is shown and decides nothing.',
    best: 'kept',
  },

  unfinished: {
    label: 'Unfinished training run',
    stopped: (way: TrainingWay, epochsDone: number, epochs: number): string =>
      epochsDone === 0
        ? `A training run (${WAYS[way].name.toLowerCase()}) was broken off before its first epoch ended.`
        : `A training run (${WAYS[way].name.toLowerCase()}) was broken off after epoch ${epochsDone} of ${epochs}. It can go on from there.`,
    resume: 'Go on training',
    discard: 'Discard it',
    notDiscarded:
      'That the training run was discarded could not be stored: it is offered again at the next visit.',
    close: 'Close',
    look: 'Look at it',
  },

  failed: {
    resume: 'Try to go on',
    discard: 'Discard it',
  },

  outcome: {
    noVerdict:
      'No verdict: none of the recordings that were kept back could be answered by both models. Whether the new model is better is not known.',
    activeName: 'the model that was in use',
    candidateName: 'the new model',
    notKept: 'The model is kept, the end of its run is not yet: it is tried again with your decision.',
    outdated:
      'The verdict compares with a model that is no longer in use. Train again to compare with the one in use now.',
    toModels: 'Models',
    toRuns: 'All runs',
    another: 'Plan another run',
  },

  log: { title: 'Log', time: 'time', text: 'what' },
} as const;
