// How well answers fit the truth while a network trains: loss, accuracy, AUROC, by definition. Arithmetic only.

import { auroc } from '../metrics/roc.ts';
import { binaryLogit } from '../model/aggregate.ts';

export interface Scores {
  /** Mean cross-entropy. */
  loss: number;
  /** At even odds. */
  accuracy: number;
  /** Of `labels[1]` with two labels, else the mean of each label against the rest; null with a single class. */
  auroc: number | null;
}

/**
 * @param logits a row for each window or recording, `[1]` or `[nLabels]`
 * @param truth index of each one's label
 */
export function scoresOf(logits: readonly number[][], truth: readonly number[]): Scores {
  let loss = 0;
  let hits = 0;
  logits.forEach((row, i) => {
    const label = truth[i] ?? 0;
    loss += crossEntropyOf(row, label);
    if (predictedLabel(row) === label) hits++;
  });
  return { loss: loss / logits.length, accuracy: hits / logits.length, auroc: aurocOf(logits, truth) };
}

/** Of one answer. */
export function crossEntropyOf(row: readonly number[], label: number): number {
  const full = everyLabel(row);
  return logSumExp(full) - (full[label] ?? 0);
}

function aurocOf(logits: readonly number[][], truth: readonly number[]): number | null {
  const nLabels = Math.max(2, logits[0]?.length ?? 0);
  if (nLabels === 2)
    return auroc(
      logits.map(binaryLogit),
      truth.map((label) => label === 1),
    );
  const each = Array.from({ length: nLabels }, (_, label) =>
    auroc(
      logits.map((row) => (row[label] ?? 0) - logSumExp(row.filter((_value, other) => other !== label))),
      truth.map((index) => index === label),
    ),
  ).filter((value) => value !== null);
  return each.length > 0 ? each.reduce((a, b) => a + b, 0) / each.length : null;
}

function predictedLabel(row: readonly number[]): number {
  const full = everyLabel(row);
  return full.indexOf(Math.max(...full));
}

/** One unit speaks for class 1 against a silent class 0. */
function everyLabel(row: readonly number[]): readonly number[] {
  return row.length === 1 ? [0, ...row] : row;
}

function logSumExp(values: readonly number[]): number {
  const peak = Math.max(...values);
  return peak + Math.log(values.reduce((sum, value) => sum + Math.exp(value - peak), 0));
}
