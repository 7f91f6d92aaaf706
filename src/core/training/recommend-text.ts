// Everything that a verdict says for its recommendation. Texts only.

import type { Estimate } from '../metrics/intervals.ts';
import type { LabelFigures } from './paired.ts';
import type { Comparison } from './verdict.ts';

/** `0.851 (0.802 to 0.893)`: in a sentence the leading zero stays. */
function measured({ value, low, high }: Estimate): string {
  if (value === null) return 'not known';
  const interval = low === null || high === null ? '' : ` (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return value.toFixed(3) + interval;
}

/** `+0.021 (−0.004 to +0.047)`. */
function gained({ value, low, high }: Estimate): string {
  if (value === null) return 'not known';
  const interval = low === null || high === null ? '' : ` (${signed(low)} to ${signed(high)})`;
  return signed(value) + interval;
}

function signed(value: number): string {
  const size = Math.abs(value).toFixed(3);
  return `${Number(size) === 0 ? '' : value < 0 ? '−' : '+'}${size}`;
}

function classes(figures: readonly LabelFigures[]): string {
  return figures.map(({ label, auroc }) => `${label} (AUC ${measured(auroc)})`).join(', ');
}

function judges({ n, nGroups }: Comparison): string {
  return `${n} recordings of ${nGroups} patients kept for validation`;
}

function differences({ difference: { auroc, meanAccuracy } }: Comparison): string {
  return `AUC ${gained(auroc)}, MAcc ${gained(meanAccuracy)}`;
}

export const recommendText = {
  forgotten: (difference: Estimate, most: number): string =>
    `The new model has forgotten: on windows of the recordings that the model in use was made from, its AUC changes by ${gained(difference)}. A loss of ${most} is the most that is accepted.`,
  fewPatients: (few: readonly LabelFigures[], least: number): string =>
    `Too few patients judge: ${few.map(({ label, nGroups }) => `${label} by ${nGroups}`).join(', ')}. From fewer than ${least} of each class nothing can be told.`,
  guessing: (auroc: Estimate): string =>
    `The new model cannot be told from guessing: its AUC is ${measured(auroc)}, guessing has 0.5.`,

  notAsked: 'The model in use could not be asked, so there is no comparison.',
  nothingInCommon: (activeLabels: readonly string[]): string =>
    `The model in use knows none of these classes (it tells ${activeLabels.join(', ')}), so there is no comparison.`,
  notClearly: (auroc: Estimate): string =>
    `It is above guessing, but not clearly: its AUC is ${measured(auroc)}.`,
  hears: (auroc: Estimate): string =>
    `The new model hears the classes: its AUC is ${measured(auroc)}, guessing has 0.5.`,

  unheard: (figures: readonly LabelFigures[]): string =>
    `It is meant to know more classes, but these cannot be told from guessing yet: ${classes(figures)}. More recordings of them would show it.`,
  mayBeWorse: (comparison: Comparison): string =>
    `It knows more classes, but may be worse in what the model in use can answer, too: ${differences(comparison)}.`,
  hearsNew: (figures: readonly LabelFigures[]): string =>
    `The new model knows classes that the model in use does not, and hears them: ${classes(figures)}.`,
  noWorse: (comparison: Comparison): string =>
    `In the question that both can answer (${comparison.labels.join(' or ')}) it is no worse: ${differences(comparison)}.`,

  better: (comparison: Comparison): string =>
    `The new model is better on the ${judges(comparison)}: ${differences(comparison)}.`,
  worse: (comparison: Comparison): string =>
    `The new model is worse on the ${judges(comparison)}: ${differences(comparison)}.`,
  decidesWorse: (comparison: Comparison): string =>
    `The new model decides worse, though it ranks the recordings as well, on the ${judges(comparison)}: ${differences(comparison)}.`,
  equal: (comparison: Comparison, gain: number): string =>
    `The two are equally good on the ${judges(comparison)}, and a gain of ${gain} in AUC is ruled out: ${differences(comparison)}.`,
  cannotTell: (comparison: Comparison): string =>
    `The ${judges(comparison)} cannot tell which is better: ${differences(comparison)}. The intervals include 0 and leave room for a gain worth having; more patients would make them narrower.`,

  lost: (labels: readonly string[]): string =>
    `It does not know ${labels.join(', ')}, which the model in use does.`,
  forgettingUnknown:
    'What it has forgotten cannot be measured: there is no reference set that fits its classes.',
  mayHaveForgotten: (difference: Estimate): string =>
    `It may have forgotten something: on the reference set its AUC changes by ${gained(difference)}, which is too uncertain to hold against it.`,
  littleForgotten: (difference: Estimate): string =>
    `Little or nothing was forgotten: on the reference set its AUC changes by ${gained(difference)}.`,
  favoursOld:
    'If the model in use was made from some of these recordings, the comparison favours it, not the new one.',
} as const;
