// From one recording's sound to the network's input: the only place where features are normalised and
// windows are cut. Inference, training and evaluation all come through here, so they cannot differ.

import { createLogMel } from '../dsp/log-mel.ts';
import type { LogMel, MonoAudio } from '../types.ts';
import { windowFrames, type ModelManifest } from './manifest.ts';

/** Below this SD a signal or a matrix counts as constant and is only centred: dividing would blow up noise. */
const MIN_STANDARD_DEVIATION = 1e-8;

/** The part of a manifest that decides what the network hears. */
export type InputSpec = Pick<ModelManifest, 'sampleRateHz' | 'window' | 'features' | 'inputLayout'>;

export interface WindowSpan {
  /** First row of the window in the feature matrix. */
  firstFrame: number;
  startSec: number;
  endSec: number;
}

/** What the network is given of a recording. */
export interface NetworkInput {
  /** Normalised features of the whole recording; window w is the rows from `windows[w].firstFrame` on. */
  matrix: LogMel;
  windows: WindowSpan[];
}

export interface RecordingFeatures extends NetworkInput {
  /** Before normalisation, only the recording's own frames, hopSec apart; null where none was asked for. */
  picture: { logMel: LogMel; hopSec: number; melCentresHz: Float32Array } | null;
}

/**
 * Log-mel features of a recording and the windows to judge it by.
 * @param audio at the manifest's sampleRateHz, any length from one sample on
 * @param withPicture also gives what a spectrogram is drawn from
 */
export function recordingFeatures(
  audio: MonoAudio,
  spec: InputSpec,
  withPicture: boolean,
): RecordingFeatures {
  const { features, window } = spec;
  const logMel = createLogMel(features, spec.sampleRateHz);
  const samples = features.signalNormalization === 'standard' ? standardized(audio.samples) : audio.samples;
  const windowSamples = Math.round(window.durationSec * spec.sampleRateHz);
  const padded = padTo(samples, windowSamples, window.padding);
  const spans = windowSpans(padded.length, windowSamples, spec);
  const nWindowFrames = windowFrames(spec);
  const drawn = (picture: LogMel): RecordingFeatures['picture'] => ({
    logMel: picture,
    hopSec: features.hopLength / spec.sampleRateHz,
    melCentresHz: logMel.melCentresHz,
  });
  const durationSec = audio.samples.length / spec.sampleRateHz;
  const toSpan = (firstFrame: number, firstSample: number): WindowSpan => ({
    firstFrame,
    startSec: firstSample / spec.sampleRateHz,
    endSec: Math.min(durationSec, firstSample / spec.sampleRateHz + window.durationSec),
  });

  if (features.scope === 'recording') {
    const matrix = logMel.compute(padded);
    const ownFrames = 1 + Math.floor(samples.length / features.hopLength);
    const picture = withPicture ? drawn(firstFrames(matrix, ownFrames)) : null;
    if (features.normalization === 'recording-standard') standardize(matrix.values);
    const windows = spans.map((firstSample) =>
      toSpan(Math.round(firstSample / features.hopLength), firstSample),
    );
    if (features.normalization.startsWith('window'))
      throw new RangeError('windows of one shared spectrogram cannot be normalised apart');
    return { matrix, windows, picture };
  }

  const { nMels } = features;
  const values = new Float32Array(spans.length * nWindowFrames * nMels);
  spans.forEach((firstSample, w) => {
    const one = logMel.compute(padded.subarray(firstSample, firstSample + windowSamples)).values;
    if (features.normalization === 'window-standard') standardize(one);
    if (features.normalization === 'window-min-max') scaleToUnit(one);
    values.set(one, w * nWindowFrames * nMels);
  });
  if (features.normalization === 'recording-standard') standardize(values);
  const matrix = { values, nFrames: spans.length * nWindowFrames, nMels };
  const windows = spans.map((firstSample, w) => toSpan(w * nWindowFrames, firstSample));
  return { matrix, windows, picture: withPicture ? drawn(logMel.compute(samples)) : null };
}

/**
 * Writes one window into a batch in the layout that the network wants.
 * @param batch `[nWindows, windowFrames, nMels]` or, for mel-time, `[nWindows, nMels, windowFrames]`
 */
export function copyWindow(
  matrix: LogMel,
  firstFrame: number,
  nFrames: number,
  layout: ModelManifest['inputLayout'],
  batch: Float32Array,
  index: number,
): void {
  const { values, nMels } = matrix;
  const offset = index * nFrames * nMels;
  if (layout === 'time-mel') {
    batch.set(values.subarray(firstFrame * nMels, (firstFrame + nFrames) * nMels), offset);
    return;
  }
  for (let frame = 0; frame < nFrames; frame++) {
    const row = (firstFrame + frame) * nMels;
    for (let mel = 0; mel < nMels; mel++) batch[offset + mel * nFrames + frame] = values[row + mel] ?? 0;
  }
}

/** First samples of the windows: every hop, and one that ends with the recording so that no tail goes unheard. */
function windowSpans(nSamples: number, windowSamples: number, spec: InputSpec): number[] {
  const hopSamples = Math.max(1, Math.round(spec.window.hopSec * spec.sampleRateHz));
  const limit = spec.window.maxWindows ?? Infinity;
  // Rows of a shared spectrogram are hopLength apart: windows begin on them.
  const grid = spec.features.scope === 'recording' ? spec.features.hopLength : 1;
  const last = Math.floor((nSamples - windowSamples) / grid) * grid;
  const spans: number[] = [];
  for (let start = 0; start <= last && spans.length < limit; start += hopSamples)
    spans.push(Math.floor(start / grid) * grid);
  if (spans.at(-1) !== last && spans.length < limit) spans.push(last);
  return spans;
}

function padTo(samples: Float32Array, length: number, padding: 'repeat' | 'zero'): Float32Array {
  if (samples.length >= length) return samples;
  const padded = new Float32Array(length);
  if (padding === 'zero') padded.set(samples);
  else for (let i = 0; i < length; i++) padded[i] = samples[i % samples.length] ?? 0;
  return padded;
}

/** A copy of the first rows. */
function firstFrames(logMel: LogMel, nFrames: number): LogMel {
  const kept = Math.min(nFrames, logMel.nFrames);
  return { values: logMel.values.slice(0, kept * logMel.nMels), nFrames: kept, nMels: logMel.nMels };
}

function standardized(samples: Float32Array): Float32Array {
  const copy = samples.slice();
  standardize(copy);
  return copy;
}

/** Mean 0, standard deviation 1, in place; sums in float64. */
function standardize(values: Float32Array): void {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / Math.max(1, values.length);
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const sd = Math.sqrt(squares / Math.max(1, values.length));
  const scale = sd > MIN_STANDARD_DEVIATION ? 1 / sd : 1;
  for (let i = 0; i < values.length; i++) values[i] = ((values[i] ?? 0) - mean) * scale;
}

function scaleToUnit(values: Float32Array): void {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high - low > MIN_STANDARD_DEVIATION ? 1 / (high - low) : 0;
  for (let i = 0; i < values.length; i++) values[i] = ((values[i] ?? 0) - low) * scale;
}
