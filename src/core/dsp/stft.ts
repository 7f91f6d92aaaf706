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
  const fft = createFft(nFft);
  const window = hannWindow(winLength);
  // The window sits in the middle of the frame and the frame's middle on frame * hopLength. Power does not
  // depend on where in the FFT's input the windowed samples lie, so they lie at its start.
  const lead = Math.floor(nFft / 2) - Math.floor((nFft - winLength) / 2);
  const packed = new Float64Array(2 * nFft);
  const spectrum = new Float64Array(2 * nFft);

  /** Windowed samples of one frame into every second place of `packed`, from `part` on; silence outside. */
  const load = (samples: Float32Array, start: number, part: 0 | 1): void => {
    const from = Math.min(winLength, Math.max(0, -start));
    const to = Math.max(from, Math.min(winLength, samples.length - start));
    for (let i = 0; i < from; i++) packed[2 * i + part] = 0;
    for (let i = from; i < to; i++)
      packed[2 * i + part] = (samples[start + i] as number) * (window[i] as number);
    for (let i = to; i < winLength; i++) packed[2 * i + part] = 0;
  };

  return {
    powerPair(samples, frame, first, second) {
      load(samples, frame * hopLength - lead, 0);
      load(samples, (frame + 1) * hopLength - lead, 1);
      fft.transform(spectrum, packed);
      splitPowers(spectrum, first, second);
    },
  };
}
