// What a verdict says on the page. The reasons are the verdict's own sentences; a person decides.

import type { Recommendation } from '../../../core/training/verdict.ts';
import { formatThousands } from '../../common/format.ts';

const headlines: Record<Recommendation, string> = {
  promote: 'Use the new model',
  keep: 'Keep the model in use',
  'too-little-data': 'Too little data to tell',
};

const advice: Record<Recommendation, string> = {
  promote:
    'The recommendation is to use the new one from now on. You decide, and you can go back with one click.',
  keep: 'The recommendation is to change nothing. You decide; the new model stays in the list either way.',
  'too-little-data':
    'The recommendation is to change nothing until there is more to judge by. You decide; the new model stays in the list either way.',
};

export const verdictText = {
  title: 'Verdict',
  headlines,
  advice,
  reasons: 'Why',
  promote: (name: string): string => `Use ${name}`,
  keep: (name: string): string => `Keep ${name}`,
  deciding: 'Checking that the stored model loads and answers as it did…',
  decided: {
    promoted: (name: string): string => `You chose ${name}. It answers from now on.`,
    kept: (name: string): string => `You kept ${name}. Nothing has changed.`,
  },

  figures: 'Side by side',
  question: (labels: readonly string[]): string => `The question: ${labels.join(' or ')}.`,
  onWhat: (n: number, nGroups: number): string =>
    `The same ${recordings(n)} of ${patients(nGroups)} answered by both. The new model has not trained on any of them.`,
  alone: (n: number, nGroups: number): string =>
    `The new model alone, on ${recordings(n)} of ${patients(nGroups)} that it has not trained on. There is nothing to compare it with.`,
  columns: { figure: 'Figure', active: 'In use', candidate: 'New', difference: 'Difference', label: 'Class' },
  pairedCaption: 'Figures of the model in use and of the new one, and the difference between them',
  pictureNote: 'The bar is the 95 % interval of the difference; right of the line the new model is better.',

  decisions: (onlyActive: number, onlyCandidate: number, p: string): string =>
    onlyActive + onlyCandidate === 0
      ? 'Both decide the same about every recording.'
      : `Only the model in use is right about ${recordings(onlyActive)}, only the new one about ${recordings(onlyCandidate)}. If neither decided better, so uneven a count would come up by chance with a probability of ${p}.`,
  mcnemar: {
    word: 'McNemar’s exact test',
    meaning:
      'Of the recordings that only one of the two has right, each would fall to either like a coin if neither decided better. Below 0.05 is seldom chance.',
  },

  forgetting: 'What it has forgotten',
  forgot: (nWindows: number, nGroups: number, before: string, after: string, change: string): string =>
    `On ${formatThousands(nWindows)} windows of ${patients(nGroups)} from the data that the model in use was made from, its AUC is ${before}, that of the new model ${after}: ${change}.`,
  forgotUnknown: 'Not known: there is no reference set that fits the classes of the new model.',
  forgotLimit: (limit: string): string => `A loss of more than ${limit} speaks against it.`,

  perLabel: 'Each class against the rest',
  perLabelCaption: 'How well the new model tells each class from the others',

  changes: 'Recordings that only one has right',
  noChanges: 'There is none: both are right and wrong about the same recordings.',
  lost: (n: number): string => `Right before, wrong with the new model (${formatThousands(n)})`,
  won: (n: number): string => `Wrong before, right with the new model (${formatThousands(n)})`,
  changeColumns: { name: 'Recording', label: 'Labelled', active: 'In use', candidate: 'New' },
  changeNote:
    'The number is the probability that each model gave to the right answer. Each decides at a cut of its own, so that right and wrong need not part at one half.',
  more: (n: number): string => `Show ${formatThousands(n)} more`,
  hear: (fileName: string): string => `Open ${fileName}`,

  taken: 'What was taken for what',
  perSource: (n: number): string => `The new model inside each source (${formatThousands(n)})`,
} as const;

function recordings(n: number): string {
  return n === 1 ? 'one recording' : n === 0 ? 'no recording' : `${formatThousands(n)} recordings`;
}

function patients(n: number): string {
  return n === 1 ? 'one patient' : `${formatThousands(n)} patients`;
}
