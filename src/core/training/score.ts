// Recordings of a training run, scored exactly as inference would: the network goes through its saved form
// into a Classifier, windows run over the recording at the manifest's hop, and aggregate.ts makes one answer.

import type * as tfl from '@tensorflow/tfjs-layers';
import { auroc } from '../metrics/roc.ts';
import { aggregateLogits, binaryLogit } from '../model/aggregate.ts';
import { Classifier } from '../model/classifier.ts';
import type { ModelManifest } from '../model/manifest.ts';
import type { FeatureStore } from './feature-store.ts';
import type { ValidationScores } from './fit.ts';
import { exportModel, type ModelArtifacts } from './weights.ts';

/**
 * Uncalibrated logits per recording, `[nLabels]` or one number each, in the order of `ids`.
 * @param yieldControl lets messages in: after every recording
 */
export async function scoreRecordings(
  model: tfl.LayersModel | ModelArtifacts,
  ids: readonly string[],
  store: FeatureStore,
  manifest: ModelManifest,
  yieldControl: () => Promise<void>,
): Promise<number[][]> {
  const artifacts = 'modelJson' in model ? model : await exportModel(model);
  const classifier = await Classifier.load({ ...artifacts, manifest });
  try {
    const logits: number[][] = [];
    for (const id of ids) {
      logits.push(aggregateLogits(await classifier.predict(store.features(id)), manifest));
      await yieldControl();
    }
    return logits;
  } finally {
    classifier.dispose();
  }
}

/**
 * Mean cross-entropy, accuracy at even odds, and AUROC of `labels[1]` where there are two labels.
 * @param logits per recording, as `scoreRecordings` gives them
 * @param truth index of each recording's label
 */
export function validationScores(logits: readonly number[][], truth: readonly number[]): ValidationScores {
  let loss = 0;
  let hits = 0;
  logits.forEach((row, i) => {
    // One unit speaks for class 1 against a silent class 0.
    const full = row.length === 1 ? [0, ...row] : row;
    const label = truth[i] ?? 0;
    const peak = Math.max(...full);
    const logSum = peak + Math.log(full.reduce((sum, value) => sum + Math.exp(value - peak), 0));
    loss += logSum - (full[label] ?? 0);
    if (full.indexOf(peak) === label) hits++;
  });
  const isBinary = (logits[0]?.length ?? 0) <= 2;
  return {
    loss: loss / logits.length,
    accuracy: hits / logits.length,
    auroc: isBinary
      ? auroc(
          logits.map(binaryLogit),
          truth.map((label) => label === 1),
        )
      : null,
  };
}
