// Whether a model that was loaded is the model that was saved: its answers to fixed inputs against those kept with
// it. The hash of the weights guards the bytes; this guards topology, manifest and the kernels that run them. Pure.

import { AppError } from '../errors.ts';
import type { Golden } from '../training/golden.ts';
import type { ModelManifest } from './manifest.ts';
import { verifyText } from './verify-text.ts';

/**
 * Largest difference allowed, relative to answers above one. Backends of float32 differ by some 1e-5 on a network
 * of a few layers, a phone's half precision by some 1e-3; a layer or a weight that is another moves answers by 0.1
 * and more.
 */
export const GOLDEN_TOLERANCE = 5e-3;

/** More than any folder needs: what comes from outside is bounded. */
const MAX_GOLDEN_WINDOWS = 64;

/**
 * A golden.json that came from outside.
 * @throws AppError `model-invalid` where it is none
 */
export function parseGolden(value: unknown): Golden {
  const golden = (value ?? {}) as Partial<Record<keyof Golden, unknown>>;
  const { schema, inputShape, windows } = golden;
  const isShape = Array.isArray(inputShape) && inputShape.length === 3 && inputShape.every(Number.isInteger);
  const isOne =
    schema === 'heartbeat-golden/1' &&
    isShape &&
    Array.isArray(windows) &&
    windows.length > 0 &&
    windows.length <= MAX_GOLDEN_WINDOWS &&
    windows.every(isWindow);
  if (!isOne) throw new AppError('model-invalid', verifyText.goldenUnreadable);
  return value as Golden;
}

function isWindow(value: unknown): boolean {
  const { seed, logits } = (value ?? {}) as Partial<Golden['windows'][number]>;
  return Number.isInteger(seed) && Array.isArray(logits) && logits.every(Number.isFinite);
}

/**
 * Largest difference between two sets of answers; Infinity where they are not to the same questions. Networks that
 * give probabilities are compared by these: near 0 and 1 their logits say nothing.
 */
export function goldenDifference(expected: Golden, actual: Golden, output: ModelManifest['output']): number {
  const isSameShape =
    String(expected.inputShape) === String(actual.inputShape) &&
    expected.windows.length <= actual.windows.length;
  if (!isSameShape) return Infinity;
  const bySeed = new Map(actual.windows.map(({ seed, logits }) => [seed, logits]));
  const differences = expected.windows.flatMap(({ seed, logits }) => {
    const others = bySeed.get(seed);
    if (others?.length !== logits.length) return [Infinity];
    return logits.map((logit, unit) => difference(logit, others[unit] ?? NaN, output));
  });
  // NaN is as different as can be.
  return differences.every((one) => !Number.isNaN(one)) ? Math.max(...differences) : Infinity;
}

/**
 * @param expected kept with the model
 * @param actual what it answers now
 * @throws AppError `model-invalid` where they differ by more than rounding
 */
export function assertKnownAnswers(expected: Golden, actual: Golden, output: ModelManifest['output']): void {
  const largest = goldenDifference(expected, actual, output);
  if (largest > GOLDEN_TOLERANCE)
    throw new AppError('model-invalid', verifyText.otherAnswers(largest, GOLDEN_TOLERANCE));
}

function difference(expected: number, actual: number, output: ModelManifest['output']): number {
  if (output === 'sigmoid-probability') return Math.abs(sigmoid(expected) - sigmoid(actual));
  if (output === 'softmax-probability') return Math.abs(Math.exp(expected) - Math.exp(actual));
  return Math.abs(expected - actual) / Math.max(1, Math.abs(expected));
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
