// The flags of `npm run train`: what they are, what they default to, and which go together.
// Imports core/training/recipe and args.

import { DEFAULT_VALIDATION_FRACTION } from '../core/training/plan.ts';
import { RECIPE } from '../core/training/recipe.ts';
import { TRAINING_WAYS } from '../core/training/types.ts';
import { BACKEND_FLAG, UsageError, type CommandLine } from './args.ts';

export const DEFAULT_SEED = 1;
export const DEFAULT_OUT = 'trained-model';

const { epochs, batchSize } = RECIPE.settings;

export const TRAIN = {
  call: 'npm run train -- DIR',
  about: 'Trains a model on the labelled recordings of a folder or zip and writes it as a model folder.',
  flags: {
    from: [
      'text',
      'MODELDIR',
      'begins with this model, which may know other labels, and compares with it; without it: from scratch',
    ],
    way: [
      TRAINING_WAYS,
      'WAY',
      'what is trained of the model: head, last-blocks, all (the default with --from) or scratch',
    ],
    'no-replay': ['switch', '', 'with --from: mixes nothing in of what the model was trained on'],
    epochs: ['count', 'N', `passes over the recordings (default ${epochs} from scratch, else by --way)`],
    'batch-size': ['count', 'N', `windows a step (default ${batchSize} from scratch, else by --way)`],
    'learning-rate': ['number', 'RATE', 'at its highest (default by --way)'],
    patience: [
      'count',
      'N',
      'passes without a better loss on watched recordings before it stops (default by --way)',
    ],
    'validation-split': [
      'number',
      'FRACTION',
      `held out to judge the model, by group (default ${DEFAULT_VALIDATION_FRACTION})`,
    ],
    seed: ['number', 'N', `of all that is drawn by chance (default ${DEFAULT_SEED})`],
    'cross-validate': [
      'switch',
      '',
      'five grouped folds, each source left out once, then a model on everything',
    ],
    'folds-only': ['switch', '', 'with --cross-validate: the figures, without the model on everything'],
    'fold-epochs': ['count', 'N', 'with --cross-validate: passes of a fold (default as --epochs)'],
    jobs: ['count', 'N', 'runs at a time (default one a core, or one on a GPU)'],
    out: ['text', 'DIR', `where the model goes (default ${DEFAULT_OUT})`],
    'replay-only': [
      'switch',
      '',
      'trains nothing: gives the model of --from a replay set of DIR, which it was trained on',
    ],
    'dry-run': ['switch', '', 'shows the data and the split; trains and writes nothing'],
    labels: ['text', 'CSV', 'a label file that wins over those in DIR'],
    backend: BACKEND_FLAG,
  },
} as const;

export type TrainFlags = CommandLine<typeof TRAIN.flags>['flags'];

/** @throws UsageError for a value out of range and for flags that do not go together */
export function checkFlags(flags: TrainFlags): void {
  const fraction = flags['validation-split'];
  if (fraction !== undefined && !(fraction > 0 && fraction < 1))
    throw new UsageError(`--validation-split takes a fraction between 0 and 1, not "${String(fraction)}"`);
  if (flags.seed !== undefined && !Number.isSafeInteger(flags.seed))
    throw new UsageError(`--seed takes a whole number, not "${String(flags.seed)}"`);
  const rate = flags['learning-rate'];
  if (rate !== undefined && !(rate > 0 && rate < 1))
    throw new UsageError(`--learning-rate takes a number between 0 and 1, not "${String(rate)}"`);
  if (flags['replay-only']) checkReplayOnly(flags);
  if (flags.from === undefined) {
    if (flags['no-replay']) throw new UsageError('--no-replay goes with --from');
    if (flags.way !== undefined && flags.way !== 'scratch')
      throw new UsageError(`--way ${flags.way} needs a model to begin with: --from MODELDIR`);
  }
  for (const name of ['way', 'no-replay', 'patience', 'learning-rate'] as const)
    if (flags[name] !== undefined && flags['cross-validate'])
      throw new UsageError(`--${name} does not go with --cross-validate`);
  for (const name of ['folds-only', 'fold-epochs'] as const)
    if (flags[name] !== undefined && !flags['cross-validate'])
      throw new UsageError(`--${name} goes with --cross-validate`);
}

function checkReplayOnly(flags: TrainFlags): void {
  if (flags.from === undefined) throw new UsageError('--replay-only needs the model, with --from MODELDIR');
  const allowed = ['from', 'replay-only', 'seed', 'labels', 'backend'];
  const strange = Object.keys(flags).find((name) => !allowed.includes(name));
  if (strange !== undefined) throw new UsageError(`--${strange} does not go with --replay-only`);
}
