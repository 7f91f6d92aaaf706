// From a log-mel matrix to pixels: a copy with few enough columns for the whole view, the range of levels
// worth showing, and the colouring of any part. Pure but for the clock in slices.ts.

import type { LogMel } from '../../core/types.ts';
import { COLOUR_STEPS } from './colour-maps.ts';
import { inSlices } from './slices.ts';

/** Columns that are ever coloured at once: more than any screen is wide. */
export const MAX_COLUMNS = 4_000;

/** Levels looked at to find the range. */
const RANGE_SAMPLES = 20_000;
/** Fractions of all levels that are shown as the quietest and the loudest colour: a click may not darken the rest. */
const RANGE_LOW = 0.08;
const RANGE_HIGH = 0.998;

export interface SpectrogramSummary {
  full: LogMel;
  /** The same over all the time, averaged to at most MAX_COLUMNS frames. */
  coarse: LogMel;
  low: number;
  high: number;
}

/** @returns null when the signal ended it early */
export async function summariseSpectrogram(
  full: LogMel,
  signal?: AbortSignal,
): Promise<SpectrogramSummary | null> {
  const [low, high] = levelRange(full.values);
  if (full.nFrames <= MAX_COLUMNS) return { full, coarse: full, low, high };
  const { nMels, nFrames } = full;
  const values = new Float32Array(MAX_COLUMNS * nMels);
  const finished = await inSlices(
    MAX_COLUMNS,
    (column) => {
      const from = Math.floor((column * nFrames) / MAX_COLUMNS);
      const to = Math.max(from + 1, Math.floor(((column + 1) * nFrames) / MAX_COLUMNS));
      for (let mel = 0; mel < nMels; mel++) {
        let sum = 0;
        for (let frame = from; frame < to; frame++) sum += full.values[frame * nMels + mel] ?? 0;
        values[column * nMels + mel] = sum / (to - from);
      }
    },
    signal,
  );
  return finished ? { full, coarse: { values, nFrames: MAX_COLUMNS, nMels }, low, high } : null;
}

function levelRange(values: Float32Array): [number, number] {
  const stride = Math.max(1, Math.floor(values.length / RANGE_SAMPLES));
  const picked = new Float32Array(Math.ceil(values.length / stride));
  for (let i = 0; i < picked.length; i++) picked[i] = values[i * stride] ?? 0;
  picked.sort();
  const at = (fraction: number): number => picked[Math.floor(fraction * (picked.length - 1))] ?? 0;
  const low = at(RANGE_LOW);
  const high = at(RANGE_HIGH);
  return high > low ? [low, high] : [low, low + 1];
}

/** Which frames of which matrix show [startSec, endSec): the coarse one when the full one has too many. */
export function visibleFrames(
  summary: SpectrogramSummary,
  hopSec: number,
  startSec: number,
  endSec: number,
): { logMel: LogMel; first: number; last: number; frameSec: number } {
  const fullFrames = (endSec - startSec) / hopSec;
  const logMel = fullFrames > MAX_COLUMNS ? summary.coarse : summary.full;
  const frameSec = (hopSec * summary.full.nFrames) / logMel.nFrames;
  return {
    logMel,
    frameSec,
    first: Math.max(0, Math.floor(startSec / frameSec)),
    last: Math.min(logMel.nFrames, Math.ceil(endSec / frameSec) + 1),
  };
}

/**
 * Colours frames [first, last) of a matrix: one pixel per frame and mel band, lowest band at the bottom.
 * @param pixels RGBA, `[nMels × (last − first)]` row by row
 */
export function colourFrames(
  logMel: LogMel,
  first: number,
  last: number,
  range: { low: number; high: number },
  table: Uint8ClampedArray,
  pixels: Uint8ClampedArray,
): void {
  const { values, nMels } = logMel;
  const width = last - first;
  const scale = (COLOUR_STEPS - 1) / (range.high - range.low);
  for (let mel = 0; mel < nMels; mel++) {
    let out = (nMels - 1 - mel) * width * 4;
    for (let frame = first; frame < last; frame++) {
      const level = ((values[frame * nMels + mel] ?? 0) - range.low) * scale;
      const step = Math.min(COLOUR_STEPS - 1, Math.max(0, Math.round(level))) * 3;
      pixels[out++] = table[step] ?? 0;
      pixels[out++] = table[step + 1] ?? 0;
      pixels[out++] = table[step + 2] ?? 0;
      pixels[out++] = 255;
    }
  }
}
