// What anyone could score without listening: the majority class, and the name of the source database.
// A model is worth its name only above these. May import: core/metrics.

import { binaryCounts, binaryRates, confusionMatrix } from '../metrics/confusion.ts';
import { auroc } from '../metrics/roc.ts';

export interface BaselineFigures {
  n: number;
  accuracy: number | null;
  meanAccuracy: number | null;
  /** 0.5 by construction for the majority class. */
  auroc: number | null;
}

export interface Baselines {
  /** Always the commoner class of the other folds. */
  majority: BaselineFigures;
  /** P(positive | source) counted in the other folds, cut at one half; a source unseen there gets the overall share. */
  source: BaselineFigures;
}

export interface BaselineExample {
  source: string;
  positive: boolean;
  fold: string;
}

/** Both baselines, each example answered from the folds it is not in. */
export function baselines(examples: readonly BaselineExample[]): Baselines {
  const total = countPositives(examples, () => '');
  const byFold = countPositives(examples, (e) => e.fold);
  const bySource = countPositives(examples, (e) => e.source);
  const byBoth = countPositives(examples, (e) => JSON.stringify([e.source, e.fold]));
  const without = (whole: Count | undefined, part: Count | undefined): Count => ({
    n: (whole?.n ?? 0) - (part?.n ?? 0),
    positives: (whole?.positives ?? 0) - (part?.positives ?? 0),
  });
  const overall = examples.map((e) => share(without(total.get(''), byFold.get(e.fold))) ?? 0.5);
  const given = examples.map(
    (e, i) =>
      share(without(bySource.get(e.source), byBoth.get(JSON.stringify([e.source, e.fold])))) ??
      (overall[i] as number),
  );
  const positives = examples.map((e) => e.positive);
  return {
    // The share itself differs a little between folds, but says nothing about a recording: it ranks none.
    majority: { ...figures(overall, positives), auroc: positives.length > 0 ? 0.5 : null },
    source: figures(given, positives),
  };
}

interface Count {
  n: number;
  positives: number;
}

function countPositives(
  examples: readonly BaselineExample[],
  key: (e: BaselineExample) => string,
): Map<string, Count> {
  const counts = new Map<string, Count>();
  for (const example of examples) {
    const count = counts.get(key(example)) ?? { n: 0, positives: 0 };
    count.n++;
    if (example.positive) count.positives++;
    counts.set(key(example), count);
  }
  return counts;
}

function share(count: Count): number | null {
  return count.n === 0 ? null : count.positives / count.n;
}

function figures(probabilities: readonly number[], positives: readonly boolean[]): BaselineFigures {
  const matrix = confusionMatrix(
    positives.map(Number),
    probabilities.map((p) => (p >= 0.5 ? 1 : 0)),
    2,
  );
  const { accuracy, meanAccuracy } = binaryRates(binaryCounts(matrix));
  return { n: positives.length, accuracy, meanAccuracy, auroc: auroc(probabilities, positives) };
}
