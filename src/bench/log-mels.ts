// Our log-mel beside the same one put together from TensorFlow.js: tf.signal.stft, a dense filterbank by matMul, a
// logarithm. On its cpu backend, the only one without a GPU that has an FFT. May import core and tfjs.

import * as tf from '@tensorflow/tfjs-core';
import { createLogMel } from '../core/dsp/log-mel.ts';
import { createMelFilterbank, type MelFilterbank } from '../core/dsp/mel.ts';
import type { FeatureSpec, ModelManifest } from '../core/model/manifest.ts';
import type { MonoAudio } from '../core/types.ts';
import { timeInterleaved } from './interleaved.ts';

export interface LogMelComparison {
  /** Milliseconds per second of sound. */
  ours: number;
  theirs: number;
  /** Largest difference of two values, log10 of power. */
  worst: number;
}

/**
 * Leaves the cpu backend as the current one.
 * @param sound at the manifest's rate
 * @throws Error for features that are not log10 of power at an even FFT size: no other model is compared
 */
export async function compareLogMels(
  sound: MonoAudio,
  { features, sampleRateHz }: ModelManifest,
  rounds: number,
  now: () => number,
): Promise<LogMelComparison> {
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  const { samples } = sound;
  const transform = createLogMel(features, sampleRateHz);
  const bank = createMelFilterbank(features, sampleRateHz);
  const weights = tf.tensor2d(denseWeights(bank, features), [bank.binCount, features.nMels]);
  const theirs = (): Float32Array =>
    tf.tidy(() => logMelBySignal(samples, features, weights).dataSync<'float32'>());
  try {
    const ours = transform.compute(samples).values;
    const worst = theirs().reduce((most, value, i) => Math.max(most, Math.abs(value - (ours[i] ?? NaN))), 0);
    const timings = await timeInterleaved({ ours: () => transform.compute(samples), theirs }, rounds, now);
    const soundSec = samples.length / sampleRateHz;
    return { ours: timings.ours.ms / soundSec, theirs: timings.theirs.ms / soundSec, worst };
  } finally {
    weights.dispose();
  }
}

/** `[nFrames, nMels]`; power does not depend on where in the FFT's input the windowed samples lie. */
function logMelBySignal(samples: Float32Array, features: FeatureSpec, weights: tf.Tensor2D): tf.Tensor2D {
  const { nFft, winLength, hopLength, log } = features;
  if (log.kind !== 'log10' || nFft % 2 !== 0)
    throw new Error('Only log10 of power at an even FFT size is compared.');
  const nFrames = 1 + Math.floor(samples.length / hopLength);
  const before = nFft / 2 - Math.floor((nFft - winLength) / 2);
  const after = Math.max(0, (nFrames - 1) * hopLength + winLength - before - samples.length);
  const padded = tf.pad1d(tf.tensor1d(samples), [before, after]);
  const spectra = tf.signal.stft(padded, winLength, hopLength, nFft, tf.signal.hannWindow) as tf.Tensor2D;
  const power = tf.add(tf.square(tf.real(spectra)), tf.square(tf.imag(spectra)));
  const heard = tf.slice(power as tf.Tensor2D, [0, 0], [nFrames, weights.shape[0]]);
  return tf.mul(tf.log(tf.add(tf.matMul(heard, weights), log.offset)), Math.LOG10E);
}

/** `[binCount, nMels]`, row by row. */
function denseWeights(bank: MelFilterbank, { nMels }: FeatureSpec): Float32Array {
  const { firstBin, weightStart, nBins, weights, binCount } = bank;
  const dense = new Float32Array(binCount * nMels);
  for (let mel = 0; mel < nMels; mel++)
    for (let k = 0; k < (nBins[mel] ?? 0); k++)
      dense[((firstBin[mel] ?? 0) + k) * nMels + mel] = weights[(weightStart[mel] ?? 0) + k] ?? 0;
  return dense;
}
