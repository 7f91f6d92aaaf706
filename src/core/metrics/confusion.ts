// Counting right and wrong answers: the confusion matrix and the rates read from it,
// for two classes (sensitivity, specificity, MAcc) and for any number of them (per class and macro).
// May import: nothing. A rate without examples is null, never NaN and never 0.

/** `matrix[truth][predicted]`, counts. */
export type ConfusionMatrix = number[][];

/** @param truth class index of each example, 0..nClasses-1; `predicted` likewise, of the same length */
export function confusionMatrix(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  nClasses: number,
): ConfusionMatrix {
  const matrix = Array.from({ length: nClasses }, () => new Array<number>(nClasses).fill(0));
  for (let i = 0; i < truth.length; i++) {
    const row = matrix[truth[i] as number];
    const column = predicted[i] as number;
    if (row === undefined || row[column] === undefined)
      throw new RangeError(`Class out of range at example ${i}`);
    row[column]++;
  }
  return matrix;
}

/** Class 1 is the positive one (`labels[1]`: abnormal, murmur). */
export interface BinaryCounts {
  truePositive: number;
  falseNegative: number;
  trueNegative: number;
  falsePositive: number;
}

export interface BinaryRates {
  /** Found among the positives; the same as recall. */
  sensitivity: number | null;
  /** Left alone among the negatives. */
  specificity: number | null;
  /** MAcc, (sensitivity + specificity) / 2: the score of the PhysioNet/CinC Challenge 2016. */
  meanAccuracy: number | null;
  accuracy: number | null;
  /** Right among those called positive; null when none was. */
  precision: number | null;
  f1: number | null;
}

/** Reads a 2 × 2 matrix; rows and columns of other sizes are refused. */
export function binaryCounts(matrix: ConfusionMatrix): BinaryCounts {
  const [negative, positive] = matrix;
  if (matrix.length !== 2 || negative?.length !== 2 || positive?.length !== 2)
    throw new RangeError('Two classes expected');
  return {
    truePositive: positive[1] as number,
    falseNegative: positive[0] as number,
    trueNegative: negative[0] as number,
    falsePositive: negative[1] as number,
  };
}

export function binaryRates(counts: BinaryCounts): BinaryRates {
  const { truePositive: tp, falseNegative: fn, trueNegative: tn, falsePositive: fp } = counts;
  const sensitivity = ratio(tp, tp + fn);
  const specificity = ratio(tn, tn + fp);
  return {
    sensitivity,
    specificity,
    meanAccuracy: sensitivity === null || specificity === null ? null : (sensitivity + specificity) / 2,
    accuracy: ratio(tp + tn, tp + fn + tn + fp),
    precision: ratio(tp, tp + fp),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
  };
}

export interface ClassRates {
  /** Examples whose truth is this class. */
  support: number;
  precision: number | null;
  recall: number | null;
  f1: number | null;
}

export interface MultiClassRates {
  /** In the order of the matrix. */
  perClass: ClassRates[];
  /** Unweighted means over the classes that have examples; recall's mean is the balanced accuracy. */
  macro: { precision: number | null; recall: number | null; f1: number | null };
  accuracy: number | null;
}

export function multiClassRates(matrix: ConfusionMatrix): MultiClassRates {
  const columnSum = (k: number) => matrix.reduce((sum, row) => sum + (row[k] ?? 0), 0);
  let correct = 0;
  let total = 0;
  const perClass = matrix.map((row, k): ClassRates => {
    const hits = row[k] ?? 0;
    const support = row.reduce((sum, count) => sum + count, 0);
    const called = columnSum(k);
    correct += hits;
    total += support;
    return {
      support,
      precision: ratio(hits, called),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, support + called),
    };
  });
  const present = perClass.filter((rates) => rates.support > 0);
  // A class that was never called has no precision; in the mean it counts as nothing found.
  const mean = (pick: (rates: ClassRates) => number | null) =>
    ratio(
      present.reduce((sum, rates) => sum + (pick(rates) ?? 0), 0),
      present.length,
    );
  return {
    perClass,
    macro: { precision: mean((r) => r.precision), recall: mean((r) => r.recall), f1: mean((r) => r.f1) },
    accuracy: ratio(correct, total),
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
