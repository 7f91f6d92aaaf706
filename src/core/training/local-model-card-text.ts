// Everything that the card of a model trained on a device says besides what every card does. Markdown; names and figures
// come escaped and written already. Texts only.

import type { TrainingSettings } from './types.ts';
import type { Recommendation } from './verdict.ts';

const PASSED: Record<Recommendation, string> = {
  promote: 'It has passed the comparison with the model that was in use.',
  keep: 'It has not passed the comparison with the model that was in use.',
  'too-little-data':
    'It has not passed the comparison with the model that was in use: there was too little data to tell.',
};

function settings(of: TrainingSettings): string {
  return [
    `batches of ${of.batchSize}, ${of.stepsPerEpoch} steps an epoch`,
    `learning rate ${of.learningRate}, ${of.schedule === 'one-cycle' ? 'one cycle' : `halved after ${of.plateauPatience} epochs without progress`}`,
    `weight decay ${of.weightDecay}`,
    of.earlyStoppingPatience === null
      ? 'no early stopping'
      : `stopped after ${of.earlyStoppingPatience} epochs without progress`,
    of.balance === 'none'
      ? 'classes as they come'
      : `classes balanced${of.balance === 'class' ? '' : ' inside each source'}`,
    of.augment ? 'augmented' : 'not augmented',
  ].join('; ');
}

export const localModelCardText = {
  version: (version: string, id: string, day: string): string =>
    `Version ${version}, id \`${id}\`, made on this device on ${day}.`,
  /** @param recommendation null: it was not judged */
  passed: (recommendation: Recommendation | null): string =>
    `**${recommendation === null ? 'It was not judged: nothing is known of how good it is.' : PASSED[recommendation]}**`,

  data: (nRecordings: number, minutes: number, nPatients: number, sources: readonly string[]): string =>
    `## Data\n\n${nRecordings} labelled recordings (${minutes} minutes) of ${nPatients} patients from the collection on the device. Sources: ${sources.join(', ')}. Recordings, and patients in brackets:`,
  all: 'all',
  trainedOn: 'trained on',
  watched: 'watched',
  judging: 'kept for validation',

  training: '## How it was trained',
  way: (way: string): string => `Way: ${way}.`,
  /** @param name null: it began afresh */
  parent: (name: string | null, isFeaturesOnly: boolean): string =>
    name === null
      ? 'Parent model: none.'
      : `Parent model: ${name}${isFeaturesOnly ? ' (its features only)' : ''}.`,
  split: (seed: number, validationFraction: number, nMoved: number): string =>
    `Split: by patient, stratified by source and class, seed ${seed}, ${Math.round(validationFraction * 100)} % for validation; ${nMoved} recordings were put on a side by hand.`,
  replay: (isMixedIn: boolean): string =>
    isMixedIn
      ? 'Windows of what the parent was made from were mixed in, against forgetting.'
      : 'Nothing of what the parent was made from was mixed in.',
  epochs: (done: number, most: number, best: number | null, sec: number, backend: string): string =>
    `${done} of at most ${most} epochs${best === null ? '' : `, the weights of epoch ${best} kept`}, in ${Math.max(1, Math.round(sec))} s on the ${backend} backend.`,
  settings: (of: TrainingSettings): string => `Settings: ${settings(of)}.`,

  perClass: '### Each class against the rest',
  perClassColumns: ['', 'n', 'patients', 'AUC'],
  against: '## Against the model that was in use',
  notCompared: 'The two could not be compared.',
  comparison: (n: number, nPatients: number, labels: readonly string[]): string =>
    `On the same ${n} recordings of ${nPatients} patients, in the question ${labels.join(' or ')}; differences by a paired bootstrap by patient, 95 %.`,
  comparisonColumns: ['', 'in use', 'this one', 'difference'],
  auroc: 'AUC',
  meanAccuracy: 'MAcc',
  mcnemar: (onlyActive: number, onlyCandidate: number, p: number): string =>
    `Only the model in use was right about ${onlyActive} recordings, only this one about ${onlyCandidate} (McNemar's exact test, p = ${p.toFixed(3)}).`,
  forgetting: '## What it has forgotten',
  forgotten: (
    nWindows: number,
    nPatients: number,
    active: string,
    candidate: string,
    difference: string,
  ): string =>
    `On ${nWindows} reference windows of ${nPatients} patients, which nobody trained on here, the AUC of the model that was in use is ${active}, of this one ${candidate}: ${difference}.`,
  forgettingUnknown: 'Not measured: there is no reference set that fits its classes.',
  recommendation: '## Recommendation',

  onePerson:
    'It was made by one person from one collection; nobody else has checked the labels or the figures.',
  elsewhere: 'Expect less with another stethoscope, place or population than it was trained on.',
  oneSource: 'All recordings come from one source: how it does elsewhere is not known.',
  heardBefore: 'Whether its parent had heard some of these recordings cannot be detected.',
} as const;
