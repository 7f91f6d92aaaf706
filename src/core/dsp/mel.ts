// Mel scales and the filterbank of overlapping triangles, as librosa builds it, stored sparsely: of each band
// only the bins under its triangle.

import type { FeatureSpec } from '../model/manifest.ts';

type MelScale = FeatureSpec['melScale'];

// Slaney's scale (Auditory Toolbox 1998): linear below 1 kHz, logarithmic above.
const SLANEY_HZ_PER_MEL = 200 / 3;
const SLANEY_BREAK_HZ = 1000;
const SLANEY_BREAK_MEL = SLANEY_BREAK_HZ / SLANEY_HZ_PER_MEL;
const SLANEY_LOG_STEP = Math.log(6.4) / 27;

// HTK's scale (O'Shaughnessy 1987): 2595 log10(1 + f / 700).
const HTK_FACTOR = 2595;
const HTK_CORNER_HZ = 700;

export function hzToMel(hz: number, scale: MelScale): number {
  if (scale === 'htk') return HTK_FACTOR * Math.log10(1 + hz / HTK_CORNER_HZ);
  if (hz < SLANEY_BREAK_HZ) return hz / SLANEY_HZ_PER_MEL;
  return SLANEY_BREAK_MEL + Math.log(hz / SLANEY_BREAK_HZ) / SLANEY_LOG_STEP;
}

export function melToHz(mel: number, scale: MelScale): number {
  if (scale === 'htk') return HTK_CORNER_HZ * (10 ** (mel / HTK_FACTOR) - 1);
  if (mel < SLANEY_BREAK_MEL) return mel * SLANEY_HZ_PER_MEL;
  return SLANEY_BREAK_HZ * Math.exp(SLANEY_LOG_STEP * (mel - SLANEY_BREAK_MEL));
}

export interface MelFilterbank {
  /** First FFT bin of each band, and where its weights begin in `weights`; both `[nMels]`. */
  firstBin: Int32Array;
  weightStart: Int32Array;
  /** Number of bins of each band, `[nMels]`; 0 where the triangle falls between two bins. */
  nBins: Int32Array;
  weights: Float64Array;
  /** Peak of each triangle, hertz, `[nMels]`. */
  centresHz: Float32Array;
  /** One more than the highest bin any band hears: spectra need not reach further. */
  binCount: number;
}

type FilterbankSpec = Pick<FeatureSpec, 'nFft' | 'nMels' | 'melScale' | 'melNorm' | 'fMinHz' | 'fMaxHz'>;

/** Source: librosa 0.11 `filters.mel`; with `melNorm` 'unit-sum' each band's weights add up to 1. */
export function createMelFilterbank(spec: FilterbankSpec, sampleRateHz: number): MelFilterbank {
  const { nFft, nMels, melScale, fMinHz, fMaxHz } = spec;
  const low = hzToMel(fMinHz, melScale);
  const step = (hzToMel(fMaxHz, melScale) - low) / (nMels + 1);
  const edgesHz = Float64Array.from({ length: nMels + 2 }, (_, i) => melToHz(low + i * step, melScale));
  const firstBin = new Int32Array(nMels);
  const weightStart = new Int32Array(nMels);
  const nBins = new Int32Array(nMels);
  const weights: number[] = [];
  let binCount = 1;
  for (let mel = 0; mel < nMels; mel++) {
    const [left, centre, right] = edgesHz.subarray(mel, mel + 3) as unknown as [number, number, number];
    const first = Math.floor((left * nFft) / sampleRateHz) + 1;
    const last = Math.min(Math.ceil((right * nFft) / sampleRateHz) - 1, Math.floor(nFft / 2));
    const triangle: number[] = [];
    for (let bin = first; bin <= last; bin++) {
      const hz = (bin * sampleRateHz) / nFft;
      triangle.push(Math.max(0, Math.min((hz - left) / (centre - left), (right - hz) / (right - centre))));
    }
    const scale = normalizer(spec.melNorm, triangle, right - left);
    firstBin[mel] = first;
    weightStart[mel] = weights.length;
    nBins[mel] = triangle.length;
    for (const weight of triangle) weights.push(weight * scale);
    if (triangle.length > 0) binCount = Math.max(binCount, last + 1);
  }
  return {
    firstBin,
    weightStart,
    nBins,
    weights: Float64Array.from(weights),
    centresHz: Float32Array.from(edgesHz.subarray(1, nMels + 1)),
    binCount,
  };
}

function normalizer(norm: FeatureSpec['melNorm'], triangle: number[], widthHz: number): number {
  if (norm === 'none') return 1;
  if (norm === 'slaney') return 2 / widthHz;
  const sum = triangle.reduce((total, weight) => total + weight, 0);
  return sum > 0 ? 1 / sum : 0;
}
