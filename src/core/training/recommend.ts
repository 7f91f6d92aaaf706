// What a verdict recommends, and why. All rules stand here, in the order in which they are asked; a person decides.
//
//  1. Clearly forgotten more than MAX_FORGOTTEN_AUROC of what the model in use knew: keep.
//  2. A class judged by fewer than MIN_JUDGING_GROUPS patients: too little data.
//  3. Not better than chance: keep.
//  4. Nothing to compare with: promote if it is clearly above chance, else too little data.
//  5. It tells more classes apart than the model in use: promote if it hears each of them and is no worse in the
//     question that both can answer; the intervals must not say otherwise.
//  6. Better in ranking (AUC) or in decisions (MAcc), and worse in neither: promote. Worse in either: keep.
//  7. Neither better nor worse: keep where a gain worth having is ruled out, else too little data.
//
// "Better", "worse" and "above" are said only where a 95 % interval lies wholly on that side.
// May import: core/metrics types, ./paired types, ./verdict types.

import type { Estimate } from '../metrics/intervals.ts';
import type { LabelFigures } from './paired.ts';
import type { Comparison, Forgetting, Recommendation } from './verdict.ts';

/** The most that may be lost on the reference set. */
export const MAX_FORGOTTEN_AUROC = 0.02;
/** With fewer patients of a class, an interval by patient covers far less than it says. */
export const MIN_JUDGING_GROUPS = 5;
/** An AUC of guessing. */
const CHANCE = 0.5;
/** Where nothing else speaks for a model, its interval must begin here. */
const CLEARLY_ABOVE_CHANCE = 0.55;
/** A smaller gain in AUC is not worth a change; a larger one that cannot be excluded is worth more data. */
const WORTHWHILE_GAIN = 0.05;
/**
 * What a model that knows more classes may lose in the question that both can answer: the AUC as a point estimate,
 * the MAcc for certain. Choosing the likeliest of three is not the same cut as a threshold.
 */
const TOLERATED_LOSS = 0.02;

export interface Findings {
  /** AUC of the candidate on its own labels, mean of the classes where there are more than two. */
  auroc: Estimate;
  perLabel: readonly LabelFigures[];
  /** Null: there was no model to ask. */
  activeLabels: readonly string[] | null;
  comparison: Comparison | null;
  forgetting: Forgetting | null;
}

export interface Recommended {
  recommendation: Recommendation;
  /** The weightiest first; each a sentence. */
  reasons: string[];
}

export function recommend(findings: Findings): Recommended {
  const { recommendation, reasons } =
    forgot(findings) ?? tooFewPatients(findings) ?? noBetterThanChance(findings) ?? judged(findings);
  return { recommendation, reasons: [...reasons, ...sideNotes(findings, recommendation)] };
}

function forgot({ forgetting }: Findings): Recommended | null {
  if (forgetting === null || !isForgotten(forgetting)) return null;
  return {
    recommendation: 'keep',
    reasons: [
      `The new model has forgotten: on windows of the recordings that the model in use was made from, its AUC changes by ${gained(forgetting.difference)}. A loss of ${MAX_FORGOTTEN_AUROC} is the most that is accepted.`,
    ],
  };
}

function isForgotten({ difference }: Forgetting): boolean {
  return isBelow(difference, 0) && (difference.value ?? 0) < -MAX_FORGOTTEN_AUROC;
}

function tooFewPatients({ perLabel }: Findings): Recommended | null {
  const few = perLabel.filter(({ nGroups }) => nGroups < MIN_JUDGING_GROUPS);
  if (few.length === 0) return null;
  const counts = few.map(({ label, nGroups }) => `${label} by ${nGroups}`).join(', ');
  return {
    recommendation: 'too-little-data',
    reasons: [
      `Too few patients judge: ${counts}. From fewer than ${MIN_JUDGING_GROUPS} of each class nothing can be told.`,
    ],
  };
}

function noBetterThanChance({ auroc }: Findings): Recommended | null {
  if (isAbove(auroc, CHANCE)) return null;
  return {
    recommendation: 'keep',
    reasons: [`The new model cannot be told from guessing: its AUC is ${measured(auroc)}, guessing has 0.5.`],
  };
}

function judged(findings: Findings): Recommended {
  const { comparison, activeLabels, perLabel } = findings;
  if (comparison === null) return uncompared(findings);
  const learns = activeLabels !== null && perLabel.length > activeLabels.length;
  return learns ? taught(findings, comparison) : compared(comparison);
}

function uncompared({ auroc, activeLabels }: Findings): Recommended {
  const why =
    activeLabels === null
      ? 'The model in use could not be asked, so there is no comparison.'
      : `The model in use knows none of these classes (it tells ${activeLabels.join(', ')}), so there is no comparison.`;
  if (!isAbove(auroc, CLEARLY_ABOVE_CHANCE))
    return {
      recommendation: 'too-little-data',
      reasons: [`It is above guessing, but not clearly: its AUC is ${measured(auroc)}.`, why],
    };
  return {
    recommendation: 'promote',
    reasons: [`The new model hears the classes: its AUC is ${measured(auroc)}, guessing has 0.5.`, why],
  };
}

function taught({ perLabel, activeLabels }: Findings, comparison: Comparison): Recommended {
  const news = perLabel.filter(({ label }) => !activeLabels?.includes(label));
  const named = (figures: readonly LabelFigures[]): string =>
    figures.map(({ label, auroc }) => `${label} (AUC ${measured(auroc)})`).join(', ');
  const { auroc, meanAccuracy } = comparison.difference;
  if (isBelow(auroc, 0) || isBelow(meanAccuracy, -TOLERATED_LOSS))
    return { recommendation: 'keep', reasons: [worseText(comparison)] };
  const unheard = perLabel.filter((figures) => !isAbove(figures.auroc, CHANCE));
  if (unheard.length > 0)
    return {
      recommendation: 'too-little-data',
      reasons: [
        `It is meant to know more classes, but these cannot be told from guessing yet: ${named(unheard)}. More recordings of them would show it.`,
      ],
    };
  if (auroc.value === null || auroc.value < -TOLERATED_LOSS)
    return {
      recommendation: 'too-little-data',
      reasons: [
        `It knows more classes, but may be worse in what the model in use can answer, too: ${differenceText(comparison)}.`,
      ],
    };
  return {
    recommendation: 'promote',
    reasons: [
      `The new model knows classes that the model in use does not, and hears them: ${named(news)}.`,
      `In the question that both can answer (${comparison.labels.join(' or ')}) it is no worse: ${differenceText(comparison)}.`,
    ],
  };
}

function compared(comparison: Comparison): Recommended {
  const { auroc, meanAccuracy } = comparison.difference;
  if (isWorse(comparison)) return { recommendation: 'keep', reasons: [worseText(comparison)] };
  if (isAbove(auroc, 0) || isAbove(meanAccuracy, 0))
    return {
      recommendation: 'promote',
      reasons: [`The new model is better on the ${onWhat(comparison)}: ${differenceText(comparison)}.`],
    };
  if (isBelow(auroc, WORTHWHILE_GAIN))
    return {
      recommendation: 'keep',
      reasons: [
        `The two are equally good on the ${onWhat(comparison)}, and a gain of ${WORTHWHILE_GAIN} in AUC is ruled out: ${differenceText(comparison)}.`,
      ],
    };
  return {
    recommendation: 'too-little-data',
    reasons: [
      `The ${onWhat(comparison)} cannot tell which is better: ${differenceText(comparison)}. The intervals include 0 and leave room for a gain worth having; more patients would make them narrower.`,
    ],
  };
}

function isWorse({ difference: { auroc, meanAccuracy } }: Comparison): boolean {
  return isBelow(auroc, 0) || isBelow(meanAccuracy, 0);
}

function worseText(comparison: Comparison): string {
  const { auroc } = comparison.difference;
  const how = isBelow(auroc, 0) ? 'is worse' : 'decides worse, though it ranks the recordings as well,';
  return `The new model ${how} on the ${onWhat(comparison)}: ${differenceText(comparison)}.`;
}

function onWhat({ n, nGroups }: Comparison): string {
  return `${n} recordings of ${nGroups} patients kept for validation`;
}

function differenceText({ difference: { auroc, meanAccuracy } }: Comparison): string {
  return `AUC ${gained(auroc)}, MAcc ${gained(meanAccuracy)}`;
}

/** What a person should know whatever the recommendation. */
function sideNotes(
  { forgetting, activeLabels, perLabel, comparison }: Findings,
  recommendation: Recommendation,
): string[] {
  const notes: string[] = [];
  const lost = (activeLabels ?? []).filter((label) => perLabel.every((figures) => figures.label !== label));
  if (lost.length > 0 && comparison !== null)
    notes.push(`It does not know ${lost.join(', ')}, which the model in use does.`);
  if (forgetting === null)
    notes.push('What it has forgotten cannot be measured: there is no reference set that fits its classes.');
  else if (!isForgotten(forgetting))
    notes.push(
      (forgetting.difference.value ?? 0) < -MAX_FORGOTTEN_AUROC
        ? `It may have forgotten something: on the reference set its AUC changes by ${gained(forgetting.difference)}, which is too uncertain to hold against it.`
        : `Little or nothing was forgotten: on the reference set its AUC changes by ${gained(forgetting.difference)}.`,
    );
  if (recommendation === 'promote' && comparison !== null)
    notes.push(
      'If the model in use was made from some of these recordings, the comparison favours it, not the new one.',
    );
  return notes;
}

function isAbove(estimate: Estimate, limit: number): boolean {
  return estimate.low !== null && estimate.low > limit;
}

function isBelow(estimate: Estimate, limit: number): boolean {
  return estimate.high !== null && estimate.high < limit;
}

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
