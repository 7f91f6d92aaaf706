// Power spectra of overlapping frames, as librosa's `stft` with `center` and zero padding gives them.
// Two real frames go through one complex FFT, and only the bins asked for are separated: half the cost.

import { createFft, splitPowers } from './fft.ts';

export interface StftSpec {
  nFft: number;
  /** Length of the periodic Hann window, at most nFft; it is centred in the frame. */
  winLength: number;
  hopLength: number;
}

/** Number of frames of a centred STFT over `length` samples. */
export function stftFrames(length: number, { nFft, hopLength }: StftSpec): number {
  const padded = length + 2 * Math.floor(nFft / 2);
  return padded < nFft ? 0 : 1 + Math.floor((padded - nFft) / hopLength);
}

/** Periodic Hann window, 0.5 - 0.5 cos(2 pi i / length). */
export function hannWindow(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length));
}

export interface PowerStft {
  /**
   * Power |X|² of frame `frame` into `first` and of `frame + 1` into `second`, bins 0 up to the arrays' length
   * (at most nFft / 2 + 1). A second frame beyond the end is taken over silence.
   */
  powerPair(samples: Float32Array, frame: number, first: Float64Array, second: Float64Array): void;
}

export function createPowerStft(spec: StftSpec): PowerStft {
  const { nFft, winLength, hopLength } = spec;
  const fft = createFft(nFft, winLength);
  const window = hannWindow(winLength);
  // The window sits in the middle of the frame and the frame's middle on frame * hopLength. Power does not
  // depend on where in the FFT's input the windowed samples lie, so they lie at its start.
  const lead = Math.floor(nFft / 2) - Math.floor((nFft - winLength) / 2);
  const packed = new Float64Array(2 * nFft);
  const spectrum = new Float64Array(2 * nFft);
  /** What two frames hear together, where they reach beyond an end of the recording. */
  const atAnEnd = new Float32Array(winLength + hopLength);
  return {
    powerPair(samples, frame, first, second) {
      const start = frame * hopLength - lead;
      const isInside = start >= 0 && start + atAnEnd.length <= samples.length;
      if (!isInside) copyPadded(samples, start, atAnEnd);
      const source = isInside ? samples : atAnEnd;
      const from = isInside ? start : 0;
      for (let i = 0; i < winLength; i++) {
        const weight = window[i] as number;
        packed[2 * i] = (source[from + i] as number) * weight;
        packed[2 * i + 1] = (source[from + hopLength + i] as number) * weight;
      }
      fft.transform(spectrum, packed);
      splitPowers(spectrum, first, second);
    },
  };
}

/** Samples from `start` on, which may be negative; silence beyond both ends. */
function copyPadded(samples: Float32Array, start: number, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = samples[start + i] ?? 0;
}
