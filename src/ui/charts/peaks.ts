// Lowest and highest sample per column of the waveform. A recording is summed up once into blocks, in slices,
// so that drawing any view of it costs the same, however long it is. Pure but for the clock in slices.ts.

import { inSlices } from './slices.ts';

/** Samples per block: a view finer than this reads the samples themselves. */
export const BLOCK = 64;

export interface PeakSummary {
  samples: Float32Array;
  sampleRateHz: number;
  /** `[nBlocks × 2]`: lowest, highest. */
  blocks: Float32Array;
  /** Largest magnitude of all, at least a trifle, so that one can divide by it. */
  highest: number;
}

/** Below this nothing is seen anyway; keeps silence from being blown up to noise. */
const SMALLEST_SCALE = 1e-4;

/** @returns null when the signal ended it early */
export async function summarisePeaks(
  samples: Float32Array,
  sampleRateHz: number,
  signal?: AbortSignal,
): Promise<PeakSummary | null> {
  const nBlocks = Math.ceil(samples.length / BLOCK);
  const blocks = new Float32Array(nBlocks * 2);
  let highest = SMALLEST_SCALE;
  const finished = await inSlices(
    nBlocks,
    (block) => {
      const [low, high] = extremes(samples, block * BLOCK, Math.min((block + 1) * BLOCK, samples.length));
      blocks[block * 2] = low;
      blocks[block * 2 + 1] = high;
      highest = Math.max(highest, -low, high);
    },
    signal,
  );
  return finished ? { samples, sampleRateHz, blocks, highest } : null;
}

/** `[nColumns × 2]` lowest and highest, each column a slice of [startSec, endSec). Outside the sound: zero. */
export function columnPeaks(
  { samples, sampleRateHz, blocks }: PeakSummary,
  startSec: number,
  endSec: number,
  nColumns: number,
): Float32Array {
  const columns = new Float32Array(nColumns * 2);
  const samplesPerColumn = ((endSec - startSec) * sampleRateHz) / nColumns;
  const useBlocks = samplesPerColumn >= BLOCK * 2;
  for (let column = 0; column < nColumns; column++) {
    const from = startSec * sampleRateHz + column * samplesPerColumn;
    const to = from + samplesPerColumn;
    const [low, high] = useBlocks
      ? blockExtremes(blocks, Math.floor(from / BLOCK), Math.ceil(to / BLOCK))
      : // One sample more on the right joins neighbouring columns into one line.
        extremes(samples, Math.max(0, Math.floor(from)), Math.min(samples.length, Math.ceil(to) + 1));
    columns[column * 2] = low;
    columns[column * 2 + 1] = high;
  }
  return columns;
}

function extremes(samples: Float32Array, from: number, to: number): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = from; i < to; i++) {
    const value = samples[i] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return Number.isFinite(low) ? [low, high] : [0, 0];
}

function blockExtremes(blocks: Float32Array, from: number, to: number): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  const last = Math.min(to, blocks.length / 2);
  for (let block = Math.max(0, from); block < last; block++) {
    low = Math.min(low, blocks[block * 2] ?? 0);
    high = Math.max(high, blocks[block * 2 + 1] ?? 0);
  }
  return Number.isFinite(low) ? [low, high] : [0, 0];
}
