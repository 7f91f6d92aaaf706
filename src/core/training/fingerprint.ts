// Which run a checkpoint belongs to: a number over everything that decides how the run goes on.

import { crc32 } from '../archive/crc32.ts';
import { AppError } from '../errors.ts';
import type { ModelManifest } from '../model/manifest.ts';
import type { FeatureStore } from './feature-store.ts';
import type { TrainRequest } from './session.ts';
import { trainingText } from './training-text.ts';

/** Equal for equal requests over equal recordings and features. */
export function fingerprintOf(
  { way, settings, trainIds, watchIds, validationIds, from, replay }: TrainRequest,
  manifest: ModelManifest,
  store: FeatureStore,
): string {
  const { labels, output, sampleRateHz, window, features, inputLayout, aggregation } = manifest;
  const sides = [trainIds, watchIds, validationIds].map((ids) => ids.map((id) => store.truthOf(id)));
  const told = JSON.stringify([
    way,
    settings,
    sides,
    [labels, output, sampleRateHz, window, features, inputLayout, aggregation],
    from && [from.manifest.labels, from.manifest.output, crc32(new Uint8Array(from.weights))],
    replay && crc32(new Uint8Array(replay)),
  ]);
  return crc32(new TextEncoder().encode(told)).toString(16).padStart(8, '0');
}

export function otherRun(): AppError {
  return new AppError('recordings-missing', trainingText.changed);
}
