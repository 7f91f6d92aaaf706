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
// May import: core/metrics types, ./paired types, ./recommend-text, ./verdict types.

import type { Estimate } from '../metrics/intervals.ts';
import type { LabelFigures } from './paired.ts';
import { recommendText as words } from './recommend-text.ts';
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
    reasons: [words.forgotten(forgetting.difference, MAX_FORGOTTEN_AUROC)],
  };
}

function isForgotten({ difference }: Forgetting): boolean {
  return isBelow(difference, 0) && (difference.value ?? 0) < -MAX_FORGOTTEN_AUROC;
}

function tooFewPatients({ perLabel }: Findings): Recommended | null {
  const few = perLabel.filter(({ nGroups }) => nGroups < MIN_JUDGING_GROUPS);
  if (few.length === 0) return null;
  return { recommendation: 'too-little-data', reasons: [words.fewPatients(few, MIN_JUDGING_GROUPS)] };
}

function noBetterThanChance({ auroc }: Findings): Recommended | null {
  if (isAbove(auroc, CHANCE)) return null;
  return { recommendation: 'keep', reasons: [words.guessing(auroc)] };
}

function judged(findings: Findings): Recommended {
  const { comparison, activeLabels, perLabel } = findings;
  if (comparison === null) return uncompared(findings);
  const learns = activeLabels !== null && perLabel.length > activeLabels.length;
  return learns ? taught(findings, comparison) : compared(comparison);
}

function uncompared({ auroc, activeLabels }: Findings): Recommended {
  const why = activeLabels === null ? words.notAsked : words.nothingInCommon(activeLabels);
  return isAbove(auroc, CLEARLY_ABOVE_CHANCE)
    ? { recommendation: 'promote', reasons: [words.hears(auroc), why] }
    : { recommendation: 'too-little-data', reasons: [words.notClearly(auroc), why] };
}

function taught({ perLabel, activeLabels }: Findings, comparison: Comparison): Recommended {
  const news = perLabel.filter(({ label }) => !activeLabels?.includes(label));
  const { auroc, meanAccuracy } = comparison.difference;
  if (isBelow(auroc, 0) || isBelow(meanAccuracy, -TOLERATED_LOSS))
    return { recommendation: 'keep', reasons: [worseText(comparison)] };
  const unheard = perLabel.filter((figures) => !isAbove(figures.auroc, CHANCE));
  if (unheard.length > 0) return { recommendation: 'too-little-data', reasons: [words.unheard(unheard)] };
  if (auroc.value === null || auroc.value < -TOLERATED_LOSS)
    return { recommendation: 'too-little-data', reasons: [words.mayBeWorse(comparison)] };
  return { recommendation: 'promote', reasons: [words.hearsNew(news), words.noWorse(comparison)] };
}

function compared(comparison: Comparison): Recommended {
  const { auroc, meanAccuracy } = comparison.difference;
  if (isWorse(comparison)) return { recommendation: 'keep', reasons: [worseText(comparison)] };
  if (isAbove(auroc, 0) || isAbove(meanAccuracy, 0))
    return { recommendation: 'promote', reasons: [words.better(comparison)] };
  if (isBelow(auroc, WORTHWHILE_GAIN))
    return { recommendation: 'keep', reasons: [words.equal(comparison, WORTHWHILE_GAIN)] };
  return { recommendation: 'too-little-data', reasons: [words.cannotTell(comparison)] };
}

function isWorse({ difference: { auroc, meanAccuracy } }: Comparison): boolean {
  return isBelow(auroc, 0) || isBelow(meanAccuracy, 0);
}

function worseText(comparison: Comparison): string {
  return isBelow(comparison.difference.auroc, 0) ? words.worse(comparison) : words.decidesWorse(comparison);
}

/** What a person should know whatever the recommendation. */
function sideNotes(
  { forgetting, activeLabels, perLabel, comparison }: Findings,
  recommendation: Recommendation,
): string[] {
  const notes: string[] = [];
  const lost = (activeLabels ?? []).filter((label) => perLabel.every((figures) => figures.label !== label));
  if (lost.length > 0 && comparison !== null) notes.push(words.lost(lost));
  if (forgetting === null) notes.push(words.forgettingUnknown);
  else if (!isForgotten(forgetting)) {
    const { difference } = forgetting;
    const mayHave = (difference.value ?? 0) < -MAX_FORGOTTEN_AUROC;
    notes.push(mayHave ? words.mayHaveForgotten(difference) : words.littleForgotten(difference));
  }
  if (recommendation === 'promote' && comparison !== null) notes.push(words.favoursOld);
  return notes;
}

function isAbove(estimate: Estimate, limit: number): boolean {
  return estimate.low !== null && estimate.low > limit;
}

function isBelow(estimate: Estimate, limit: number): boolean {
  return estimate.high !== null && estimate.high < limit;
}
