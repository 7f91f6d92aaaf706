// Which recordings a pass of training hears. Databases differ in how they were recorded, so a network can
// learn the database instead of the disease: classes are (half) balanced inside each source, and a source weighs
// with the square root of its size, so that knowing the source gains little. Pure arithmetic.

import type { Random } from '../random.ts';
import type { TrainingSettings } from './types.ts';

export interface SampledRecording {
  /** Index into the manifest's labels. */
  label: number;
  source: string;
  /** 1 clean, 0 noisy, null unknown. */
  quality: 0 | 1 | null;
}

export interface SamplingOptions {
  balance: TrainingSettings['balance'];
  /** A source weighs as its size to this power. */
  sourceExponent: number;
  /** 1: classes weigh the same inside a source; 0: as they occur; between: in between. */
  classBalance: number;
  /** What a recording known to be noisy weighs against others, 0..1. */
  noisyWeight: number;
}

/** Probability of each recording at one draw; they sum to 1. */
export function samplingProbabilities(
  recordings: readonly SampledRecording[],
  options: SamplingOptions,
): Float64Array {
  const { balance, sourceExponent, classBalance, noisyWeight } = options;
  const inSource = new Map<string, number>();
  const inCell = new Map<string, number>();
  const cellOf = ({ source, label }: SampledRecording): string =>
    balance === 'class' ? String(label) : `${label} ${source}`;
  for (const recording of recordings) {
    inSource.set(recording.source, (inSource.get(recording.source) ?? 0) + 1);
    inCell.set(cellOf(recording), (inCell.get(cellOf(recording)) ?? 0) + 1);
  }
  const weights = Float64Array.from(recordings, (recording) => {
    const quality = recording.quality === 0 ? noisyWeight : 1;
    if (balance === 'none') return quality;
    const cell = inCell.get(cellOf(recording)) ?? 1;
    if (balance === 'class') return quality / cell;
    const size = inSource.get(recording.source) ?? 1;
    return (quality * size ** sourceExponent * (cell / size) ** (1 - classBalance)) / cell;
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Indices of `count` recordings in random order, each drawn as often as its probability says to within one:
 * systematic sampling, whose counts vary far less than independent draws.
 */
export function drawPass(probabilities: Float64Array, count: number, random: Random): number[] {
  const start = random.uniform();
  const drawn: number[] = [];
  let index = 0;
  let reached = probabilities[0] ?? 1;
  for (let i = 0; i < count; i++) {
    const at = (start + i) / count;
    while (at >= reached && index < probabilities.length - 1) reached += probabilities[++index] ?? 0;
    drawn.push(index);
  }
  return random.shuffle(drawn);
}
