// Everything that the Monitor page says of training runs.

import type { TrainingSettings, TrainingWay } from '../../core/training/types.ts';
import type { Recommendation } from '../../core/training/verdict.ts';
import { formatThousands } from '../common/format.ts';
import { runText as trainText } from '../train/run/run-text.ts';

const count = (n: number, one: string, many: string): string =>
  `${formatThousands(n)} ${n === 1 ? one : many}`;

const recommendations: Record<Recommendation, string> = {
  promote: 'Better than the one in use',
  keep: 'Not better than the one in use',
  'too-little-data': 'Too little data to tell',
};

const schedules: Record<TrainingSettings['schedule'], string> = {
  'one-cycle': 'one cycle',
  plateau: 'halved on a plateau',
};

const balances: Record<TrainingSettings['balance'], string> = {
  'source-and-class': 'sources and classes',
  class: 'classes',
  none: 'none',
};

export const runText = {
  title: 'Training runs',
  loading: 'Reading the runs…',
  tryAgain: 'Try again',
  close: 'Close',
  empty: 'No training run yet',
  emptyNote:
    'A model that you train here leaves its story on this page: its settings, its curves, the verdict on it, and files to keep.',
  emptyGo: 'Go to Train',
  more: (n: number, left: number): string => `Show ${formatThousands(n)} more of ${formatThousands(left)}`,

  /** By the same names as on the Train page. */
  way: (way: TrainingWay): string => trainText.way.ways[way].name,
  recommendations,
  recordings: (n: number): string => count(n, 'recording', 'recordings'),
  epochs: (done: number, all: number): string =>
    done === all ? count(all, 'epoch', 'epochs') : `${done} of ${count(all, 'epoch', 'epochs')}`,
  delete: 'Delete',
  deleteOf: (what: string): string => `Delete ${what}`,
  deleted: (what: string): string => `Deleted: “${what}”`,

  states: {
    underWay: 'Training now',
    brokenOff: 'Broken off',
    cancelled: 'Cancelled',
    failed: 'Failed',
    unjudged: 'Finished, not judged',
  },
  decisions: { promoted: 'promoted', kept: 'old one kept', open: 'not decided' },

  underWayNote: 'It is being trained now. Curves and controls are on the Train page.',
  brokenOffNote: (epoch: number): string =>
    epoch === 0
      ? 'The page was closed before the first epoch had ended. It can begin again on the Train page.'
      : `The page was closed while it trained. On the Train page it can go on after epoch ${epoch}.`,
  cancelledNote: 'You cancelled it. It made no model, and nothing else has changed.',
  failedNote: 'No model was replaced. It may be resumed on the Train page.',
  unjudgedNote: 'It has ended without a verdict.',
  undecidedNote: 'The verdict is in, and nobody has decided yet.',
  promotedNote: 'Its model was put in use.',
  keptNote: 'The model in use was kept; this one stays among the models.',
  goTrain: 'Go to Train',
  goModel: 'Its model',

  back: 'All runs',
  gone: 'This run is not here',
  goneNote: 'It was deleted, or made by another browser: runs stay on the device that made them.',
  loadingRun: 'Reading the run…',
  heading: (way: string): string => `Training run: ${way}`,

  curves: 'Curves',
  curvesNone: 'No epoch has ended.',
  verdictNames: { active: 'The model in use then', candidate: 'The new model' },
  split: 'Who trained and who judged',
  splitNote: (fraction: number, seed: number): string =>
    `${Math.round(fraction * 100)} % to judge, seed ${seed}. All recordings of a patient are on one side.`,

  notes: 'What was said before it began',

  settings: 'Settings',
  facts: {
    way: 'What moved',
    base: 'Started from',
    active: 'Compared with',
    labels: 'Labels',
    backend: 'Backend',
    epochs: 'Epochs',
    batchSize: 'Batch size',
    steps: 'Steps an epoch',
    rate: 'Learning rate',
    schedule: 'Schedule',
    decay: 'Weight decay',
    patience: 'Early stopping',
    average: 'Averaged over',
    balance: 'Balanced',
    augment: 'Augmented',
    replay: 'Replay',
    seed: 'Seed',
  },
  schedules,
  balances,
  patience: (epochs: number | null): string =>
    epochs === null ? 'never' : `after ${count(epochs, 'epoch', 'epochs')}`,
  average: (epochs: number): string =>
    epochs === 0 ? 'best epoch alone' : `last ${count(epochs, 'epoch', 'epochs')}`,
  yes: 'yes',
  no: 'no',
  none: '—',
  modelGone: 'a model that is no longer here',

  log: 'Log',
  logNone: 'Nothing was noted.',

  files: 'Files to keep',
  filesNote: 'Made on this device from what is kept of the run.',
  metrics: 'Figures (metrics.json)',
  history: 'Curves (history.csv)',
  confusion: 'Confusion matrix (PNG)',
  filesNone: 'There will be files when an epoch has ended.',
  picture: {
    noCanvas: 'This browser gives no canvas to draw on.',
    failed: 'The picture could not be made.',
    title: (way: string, day: string): string => `${way}, trained ${day}`,
    subtitle: (n: number, nGroups: number): string =>
      `${count(n, 'validation recording', 'validation recordings')} of ${count(nGroups, 'patient', 'patients')}, none of which it was trained on. HeartBeat AI, for research and teaching.`,
    rows: 'labelled',
    columns: 'heard as',
    share: (fraction: number): string => `${Math.round(fraction * 100)} %`,
  },
  /** @param createdAt of the run, ISO 8601 */
  fileName: (createdAt: string, what: string): string =>
    `run-${createdAt.slice(0, 16).replaceAll(/[^\d]/g, '-')}-${what}`,
} as const;
