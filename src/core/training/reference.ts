// The reference part of a replay set, answered by a model: what a later model has forgotten shows in the
// difference. May import: core/model, ./replay.

import { aggregateLogits, calibratedProbabilities } from '../model/aggregate.ts';
import type { Classifier } from '../model/classifier.ts';
import { AppError } from '../errors.ts';
import { assertReplayFits, decodeReplay } from './replay.ts';
import type { ReferenceAnswer } from './verdict.ts';

/**
 * @param replay bytes of a replay set
 * @param between is awaited between batches; where it throws, so does this
 * @returns in the file's order
 * @throws AppError `import-invalid` for a set that is damaged or made with other features, `gpu-lost`
 */
export async function judgeReference(
  replay: ArrayBuffer,
  classifier: Classifier,
  between: () => Promise<void>,
): Promise<ReferenceAnswer[]> {
  const { manifest } = classifier;
  const set = decodeReplay(replay, 'reference');
  assertReplayFits(set, manifest);
  const { windows, nFrames, nMels } = set;
  const span = { firstFrame: 0, startSec: 0, endSec: manifest.window.durationSec };
  const inputs = windows.map(({ values }) => ({ matrix: { values, nFrames, nMels }, windows: [span] }));
  const answers = await classifier.predictAll(inputs, between);
  return windows.map(({ label, group }, i) => {
    const logits = answers[i] ?? [];
    if (logits instanceof AppError) throw logits;
    const probabilities = calibratedProbabilities(aggregateLogits(logits, manifest), manifest);
    return { label, group: String(group), probabilities };
  });
}
