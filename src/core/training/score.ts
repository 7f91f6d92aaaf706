// Recordings of a training run, scored exactly as inference would: windows run over the recording at the
// manifest's hop, and aggregate.ts makes one answer of them.

import { AppError } from '../errors.ts';
import { aggregateLogits } from '../model/aggregate.ts';
import type { Classifier } from '../model/classifier.ts';
import type { FeatureStore } from './feature-store.ts';

/** Recordings whose windows fill the network's batches together. */
const RECORDINGS_AT_A_TIME = 8;

/**
 * What the network gives for every window, `[nWindows][units]`, recording by recording in the order of `ids`.
 * @param onRecordings is awaited after every few recordings, with how many are done; where it throws, so does this
 */
export async function windowOutputs(
  classifier: Classifier,
  ids: readonly string[],
  store: FeatureStore,
  onRecordings: (done: number) => Promise<void>,
): Promise<number[][][]> {
  const outputs: number[][][] = [];
  for (let first = 0; first < ids.length; first += RECORDINGS_AT_A_TIME) {
    const inputs = ids.slice(first, first + RECORDINGS_AT_A_TIME).map((id) => store.features(id));
    for (const rows of await classifier.predictAll(inputs)) {
      if (rows instanceof AppError) throw rows;
      outputs.push(rows);
    }
    await onRecordings(outputs.length);
  }
  return outputs;
}

/** Uncalibrated logits per recording, `[nLabels]` or one number each, in the order of `ids`. */
export async function scoreRecordings(
  classifier: Classifier,
  ids: readonly string[],
  store: FeatureStore,
  yieldControl: () => Promise<void>,
): Promise<number[][]> {
  const outputs = await windowOutputs(classifier, ids, store, yieldControl);
  return outputs.map((windows) => aggregateLogits(windows, classifier.manifest));
}
