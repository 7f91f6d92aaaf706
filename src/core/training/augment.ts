// What is done to a training window so that the network does not learn it by heart: a small random gain and
// offset, one band of frequencies silenced, one stretch of time silenced. In place, seeded.
// Source of the masks: Park et al. 2019, SpecAugment.

import type { Random } from '../random.ts';

export interface AugmentationOptions {
  /** SD of the random factor (around 1) and of the random offset (around 0), in SDs of the features. */
  gainSd: number;
  /** Probability of a frequency mask, 0..1, and its greatest width in bands. */
  frequencyMaskProbability: number;
  maxMaskedBands: number;
  /** Probability of a time mask, 0..1, and its greatest width in frames. */
  timeMaskProbability: number;
  maxMaskedFrames: number;
}

/** Where a window lies in a batch and how its rows run. */
export interface WindowPlace {
  offset: number;
  nFrames: number;
  nMels: number;
  layout: 'time-mel' | 'mel-time';
}

/** Changes one window of a batch. Masked values become 0, the mean of normalised features. */
export function augmentWindow(
  batch: Float32Array,
  place: WindowPlace,
  options: AugmentationOptions,
  random: Random,
): void {
  const { offset, nFrames, nMels, layout } = place;
  const gain = 1 + options.gainSd * random.normal();
  const shift = options.gainSd * random.normal();
  const end = offset + nFrames * nMels;
  for (let i = offset; i < end; i++) batch[i] = (batch[i] ?? 0) * gain + shift;

  const frameStride = layout === 'time-mel' ? nMels : 1;
  const melStride = layout === 'time-mel' ? 1 : nFrames;
  const silence = (frames: [number, number], mels: [number, number]): void => {
    for (let frame = frames[0]; frame < frames[1]; frame++)
      for (let mel = mels[0]; mel < mels[1]; mel++) batch[offset + frame * frameStride + mel * melStride] = 0;
  };
  if (random.uniform() < options.frequencyMaskProbability)
    silence([0, nFrames], drawSpan(nMels, options.maxMaskedBands, random));
  if (random.uniform() < options.timeMaskProbability)
    silence(drawSpan(nFrames, options.maxMaskedFrames, random), [0, nMels]);
}

/** [first, end) of 1..maxWidth places within `size`. */
function drawSpan(size: number, maxWidth: number, random: Random): [number, number] {
  const width = Math.min(size, 1 + random.integer(maxWidth));
  const first = random.integer(size - width + 1);
  return [first, first + width];
}
