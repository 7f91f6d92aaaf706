// Everything that the Models page says.

import type { RegisteredModel } from '../../state/registered-model.ts';
import type { RegistryWork } from '../../state/registry.svelte.ts';
import { formatThousands } from '../common/format.ts';

export const modelsText = {
  title: 'Models',
  lead: 'Every model on this device: what it was trained on, how good it is, where it fails. One of them answers.',
  loading: 'Looking the models up…',
  inUse: 'In use',
  tryAgain: 'Try again',
  close: 'Close',
  cancel: 'Cancel',
  origin: {
    bundled: 'Comes with the program',
    trained: 'Trained on this device',
    imported: 'Imported',
  } satisfies Record<RegisteredModel['origin'], string>,
  intervalOf: (interval: string, n: number): string => `${interval}, n ${formatThousands(n)}`,
  noFigures: 'It comes without figures.',

  importZip: 'Import a zip',
  importFolder: 'Import a folder',
  activate: 'Activate',
  activateNamed: (name: string): string => `Activate ${name}`,
  rollBackTo: (name: string): string => `Roll back to ${name}`,
  rollBackNote: 'The model that answered before.',
  rename: 'Rename',
  name: 'Name',
  saveName: 'Save',
  export: 'Export',
  delete: 'Delete',
  activeStays: 'It answers now: activate another one before you delete it.',
  deleteQuestion: (name: string): string => `Delete ${name}?`,
  deleteNote: 'It cannot be brought back. Export it first if you may want it again.',
  deleteForGood: 'Delete for good',
  keep: 'Keep it',
  working: {
    activating: 'Reading the model back and asking for its known answers…',
    exporting: 'Writing the zip…',
    removing: 'Deleting…',
    importing: 'Checking every part of the model, and asking for its known answers…',
  } satisfies Record<RegistryWork['kind'], string>,
  allModels: 'All models',
  gone: 'This model is not on this device',
  goneNote: 'It may have been deleted, or the address is mistyped.',

  alone: 'No model of your own yet',
  aloneNote:
    'Train one on your own labelled recordings, or import one that was exported from this program or made with npm run train.',
  aloneGo: 'Train a model',

  versions: 'From version to version',
  version: 'Version',
  versionsSame: 'All of these were measured on the same recordings.',
  versionsOther:
    'Each was measured on the recordings that were there then: a step may come from these and not from the model.',
  versionsOtherClasses:
    'Models before it tell other classes apart: their figures answer another question and are not drawn.',
  compare: 'Compare two models',
  compareWhich: ['One', 'The other'],
  sameData: 'Both were measured on the same recordings.',
  otherData:
    'They were measured on different recordings: a difference may come from these and not from the models.',
  unknownData:
    'At least one does not say on which recordings it was measured: do not read too much into a difference.',
  otherLabels: 'They know different classes, so their figures answer different questions.',
  nothingToCompare: 'Neither comes with figures.',

  parent: 'Trained from',
  noParent: { trained: 'fresh weights', imported: 'not known' },
  parentGone: 'a model that was deleted',
  run: 'Made by',
  runLink: 'its training run',
  /** `learningRate` as words. */
  setting: (name: string): string => {
    const words = name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
    return words.charAt(0).toUpperCase() + words.slice(1);
  },
  card: 'The whole card (MODEL_CARD.md)',
  figuresOn: (n: number, groups: number): string =>
    `Measured on ${formatThousands(n)} recordings of ${formatThousands(groups)} groups. Bars are 95 % intervals.`,

  placeholder:
    'This model has not been trained: its answers mean nothing. It stands in until a trained one is bundled.',
  noMetrics: 'This model comes without an evaluation, so nothing can be said about how good it is.',
  figures: 'How good it is',
  figuresFrom: (n: number, groups: number): string =>
    `Cross-validated on ${formatThousands(n)} recordings of ${formatThousands(groups)} groups: no recording was judged by a model that had heard its group. Bars are 95 % intervals.`,
  perSource: 'Inside each source',
  perSourceNote:
    'AUROC of recordings compared with others from the same database. Small databases have wide bars.',
  perUnseenSource: 'When the source was never heard',
  perUnseenSourceNote: 'AUROC inside each database, judged by a model that was trained on the others only.',
  facts: 'What it is',
  labels: 'Classes',
  threshold: 'Threshold',
  band: 'Inconclusive between',
  none: 'none',
  rate: 'Listens at',
  windows: 'Windows',
  windowsOf: (duration: number, hop: number): string => `${duration} s, every ${hop} s`,
  features: 'Picture',
  featuresOf: (bands: number, low: number, high: number): string => `${bands} mel bands, ${low}–${high} Hz`,
  trainedOn: 'Trained on',
  trainedOnOf: (dataset: string, n: number, groups: number): string =>
    n === 0 ? dataset : `${dataset}: ${formatThousands(n)} recordings of ${formatThousands(groups)} groups`,
  created: 'Made on',
  hash: 'Weights (SHA-256)',
  limits: 'Limits',
  limitList: [
    'For research and teaching. It diagnoses nothing and does not rule out disease.',
    'It knows the labels of its training data and nothing else: “abnormal” means labelled so there, not a particular disease.',
    'Recordings made with another device, at another place or of another group of people can be judged worse; the figures for sources never heard show by how much.',
    'It has not been tested on children or in pregnancy unless its card says so.',
  ],
} as const;
