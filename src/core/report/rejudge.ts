// An answer at another threshold: class, status and confidence follow, nothing is computed anew. Screen, history
// and exports all move their thresholds here.

import { decide } from '../model/aggregate.ts';
import type { ModelManifest } from '../model/manifest.ts';
import type { RecordingResult } from '../types.ts';

/** What of a manifest decides how a probability is judged. */
export type Judgement = Pick<ModelManifest, 'labels' | 'threshold' | 'inconclusiveBand'>;

/** @param threshold on the calibrated probability of `labels[1]`, 0..1 */
export function rejudge(result: RecordingResult, threshold: number, judgement: Judgement): RecordingResult {
  if (result.status === 'error' || result.threshold === threshold) return { ...result, threshold };
  const decision = decide(result.probabilities, threshold, result.quality, judgement);
  return { ...result, threshold, ...decision };
}
