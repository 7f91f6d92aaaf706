// The contract of a model folder: every number of the signal path comes from here and from nowhere else.
// Labels, features, windows, threshold and calibration are data, so that a model trained elsewhere
// with other features runs by having its own manifest.

import { AppError } from '../errors.ts';
import { manifestText } from './manifest-text.ts';
import { isPlain, MAX_NAME } from '../plain-text.ts';

export const MANIFEST_SCHEMA = 'heartbeat-model/1';

/** Version of the signal path's code: raised when the same bytes and manifest would give other numbers. */
export const PIPELINE_VERSION = 1;

export interface FeatureSpec {
  nFft: number;
  /** Samples of the Hann window (periodic), centred in nFft. */
  winLength: number;
  hopLength: number;
  nMels: number;
  melScale: 'slaney' | 'htk';
  /** Triangles of equal area (slaney), of unit sum over FFT bins, or of unit height. */
  melNorm: 'slaney' | 'unit-sum' | 'none';
  fMinHz: number;
  fMaxHz: number;
  /** `log10(power + offset)`, or librosa's `power_to_db(ref = max)` floored at topDb below the peak. */
  log: { kind: 'log10'; offset: number } | { kind: 'db'; amin: number; topDb: number };
  /** Mean 0 and SD 1 over the whole recording's or over each window's matrix, min–max to 0..1, or none. */
  normalization: 'recording-standard' | 'window-standard' | 'window-min-max' | 'none';
  /** Whether the spectrogram is of the whole recording (windows are cut from it) or of each window alone. */
  scope: 'recording' | 'window';
  /** Before the STFT: mean removed and divided by the SD, or the samples as they are. */
  signalNormalization: 'standard' | 'none';
}

export interface WindowSpec {
  durationSec: number;
  hopSec: number;
  /** What fills a recording shorter than one window: itself again, or silence. */
  padding: 'repeat' | 'zero';
  /** Only the first so many windows are heard (1 reproduces models of "the first five seconds"); null: all. */
  maxWindows: number | null;
}

export type Calibration =
  | { kind: 'none' }
  | { kind: 'platt'; slope: number; intercept: number }
  | { kind: 'temperature'; temperature: number };

export interface ModelManifest {
  schema: typeof MANIFEST_SCHEMA;
  id: string;
  version: string;
  name: string;
  pipelineVersion: number;
  /** Class names in output order. With one output unit (`sigmoid`) the unit speaks for `labels[1]`. */
  labels: string[];
  /** What the network's last layer gives; probabilities are turned back to logits before calibration. */
  output: 'sigmoid-logit' | 'softmax-logit' | 'sigmoid-probability' | 'softmax-probability';
  sampleRateHz: number;
  window: WindowSpec;
  features: FeatureSpec;
  /** Order of the input tensor `[batch, …, 1]`. */
  inputLayout: 'time-mel' | 'mel-time';
  /** How window outputs become one answer: mean of logits, or of probabilities. */
  aggregation: 'mean-logit' | 'mean-probability';
  /** Cut on the calibrated probability of `labels[1]`; used with two labels only. */
  threshold: number;
  /** Calibrated probabilities inside [low, high] are inconclusive; null: no band. */
  inconclusiveBand: { low: number; high: number } | null;
  calibration: Calibration;
  /** Layer whose output describes a window for head training; null: unknown. */
  embeddingLayer: string | null;
  /** Last convolution, for Grad-CAM; null: unknown. */
  explainLayer: string | null;
  /** Of weights.bin, lower-case hex. */
  sha256: string;
  /** Of replay.bin, lower-case hex; where there is none the model is trained further without memory of its own data. */
  replaySha256?: string;
  trainedOn: { dataset: string; nRecordings: number; nGroups: number; note: string };
  /** ISO 8601. */
  createdAt: string;
}

type Check = (value: unknown) => boolean;
const isNumber: Check = (v) => typeof v === 'number' && Number.isFinite(v);
const isPositive: Check = (v) => isNumber(v) && (v as number) > 0;
const isCount: Check = (v) => Number.isInteger(v) && (v as number) > 0;
const isText: Check = (v) => typeof v === 'string' && v.length > 0 && v.length < 10_000;
/** Shown everywhere: one line, no longer than a name. */
const isName: Check = (v) => isText(v) && (v as string).length <= MAX_NAME && isPlain(v as string);
const isFraction: Check = (v) => isNumber(v) && (v as number) >= 0 && (v as number) <= 1;
const oneOf =
  (...choices: unknown[]): Check =>
  (v) =>
    choices.includes(v);
const isSha256: Check = (v) => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v);
const orNull =
  (check: Check): Check =>
  (v) =>
    v === null || check(v);

function shape(fields: Record<string, Check>): Check {
  return (v) =>
    typeof v === 'object' &&
    v !== null &&
    Object.keys(fields).every((key) => fields[key]?.((v as Record<string, unknown>)[key]));
}

const MAX_NFFT = 1 << 16;
const MAX_WINDOW_SEC = 600;
/** Frames of a spectrogram that overlap at one moment: each costs a transform of nFft. */
const MAX_OVERLAP = 256;
/** Values of one window, of which a network takes sixteen at a time: 16 MB. */
const MAX_WINDOW_VALUES = 2 ** 22;
/** An hour then gives at most 360,000 windows. */
const MIN_WINDOW_HOP_SEC = 0.01;

const FIELDS: Record<string, Check> = {
  schema: oneOf(MANIFEST_SCHEMA),
  id: (v) => typeof v === 'string' && /^[a-z0-9][a-z0-9._-]{0,79}$/.test(v),
  version: isName,
  name: isName,
  pipelineVersion: oneOf(PIPELINE_VERSION),
  labels: (v) =>
    Array.isArray(v) && v.length >= 2 && v.length <= 1000 && v.every(isName) && new Set(v).size === v.length,
  output: oneOf('sigmoid-logit', 'softmax-logit', 'sigmoid-probability', 'softmax-probability'),
  sampleRateHz: (v) => isNumber(v) && (v as number) >= 500 && (v as number) <= 192_000,
  window: shape({
    durationSec: isPositive,
    hopSec: isPositive,
    padding: oneOf('repeat', 'zero'),
    maxWindows: orNull(isCount),
  }),
  features: shape({
    nFft: (v) => isCount(v) && (v as number) <= MAX_NFFT,
    winLength: isCount,
    hopLength: isCount,
    nMels: (v) => isCount(v) && (v as number) <= 1024,
    melScale: oneOf('slaney', 'htk'),
    melNorm: oneOf('slaney', 'unit-sum', 'none'),
    fMinHz: (v) => isNumber(v) && (v as number) >= 0,
    fMaxHz: isPositive,
    log: (v) =>
      shape({ kind: oneOf('log10'), offset: isPositive })(v) ||
      shape({ kind: oneOf('db'), amin: isPositive, topDb: isPositive })(v),
    normalization: oneOf('recording-standard', 'window-standard', 'window-min-max', 'none'),
    scope: oneOf('recording', 'window'),
    signalNormalization: oneOf('standard', 'none'),
  }),
  inputLayout: oneOf('time-mel', 'mel-time'),
  aggregation: oneOf('mean-logit', 'mean-probability'),
  threshold: isFraction,
  inconclusiveBand: orNull(shape({ low: isFraction, high: isFraction })),
  calibration: (v) =>
    shape({ kind: oneOf('none') })(v) ||
    shape({ kind: oneOf('platt'), slope: isNumber, intercept: isNumber })(v) ||
    shape({ kind: oneOf('temperature'), temperature: isPositive })(v),
  embeddingLayer: orNull(isText),
  explainLayer: orNull(isText),
  sha256: isSha256,
  replaySha256: (v) => v === undefined || isSha256(v),
  trainedOn: shape({
    dataset: isName,
    nRecordings: isNumber,
    nGroups: isNumber,
    note: (v) => typeof v === 'string',
  }),
  createdAt: (v) => typeof v === 'string' && !Number.isNaN(Date.parse(v)),
};

/**
 * Checks every field of a manifest that came from outside.
 * @throws AppError `manifest-invalid`, naming the first field that is missing or out of range
 */
export function parseManifest(value: unknown): ModelManifest {
  const { why } = manifestText;
  const fail = (what: string): never => {
    throw new AppError('manifest-invalid', manifestText.invalid(what));
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(why.noObject);
  const record = value as Record<string, unknown>;
  for (const [key, check] of Object.entries(FIELDS)) if (!check(record[key])) fail(why.field(key));
  const manifest = value as ModelManifest;
  const { features, window } = manifest;
  if (features.winLength > features.nFft) fail(why.winLength);
  if (features.fMaxHz <= features.fMinHz || features.fMaxHz > manifest.sampleRateHz / 2) fail(why.fMax);
  if (window.hopSec > window.durationSec * 10 || window.durationSec > MAX_WINDOW_SEC) fail(why.window);
  if (features.nFft > MAX_OVERLAP * features.hopLength) fail(why.hopLength);
  if (windowFrames(manifest) * features.nMels > MAX_WINDOW_VALUES) fail(why.tooManyFrames);
  const frameSec = features.hopLength / manifest.sampleRateHz;
  if (window.durationSec < frameSec || window.hopSec < Math.max(frameSec, MIN_WINDOW_HOP_SEC))
    fail(why.windowTooShort(MIN_WINDOW_HOP_SEC));
  if (features.scope === 'recording' && features.normalization.startsWith('window')) fail(why.sharedWindows);
  // A centred frame of odd length ends one sample early, so that the window would lack its last frame.
  if (features.scope === 'window' && features.nFft % 2 === 1) fail(why.oddFft);
  const band = manifest.inconclusiveBand;
  if (band && band.low > band.high) fail(why.band);
  if (manifest.output.startsWith('sigmoid') && manifest.labels.length !== 2) fail(why.labels);
  return manifest;
}

/** Units of the network's output: one for two labels judged by a sigmoid, else one per label. */
export function outputUnits(manifest: Pick<ModelManifest, 'labels' | 'output'>): number {
  return manifest.output.startsWith('sigmoid') ? 1 : manifest.labels.length;
}

/** Frames of one window: the network's input length. */
export function windowFrames(manifest: Pick<ModelManifest, 'sampleRateHz' | 'window' | 'features'>): number {
  const samples = Math.round(manifest.window.durationSec * manifest.sampleRateHz);
  // A spectrogram of a window alone is centred and padded, hence one frame more than hops fit.
  return manifest.features.scope === 'window'
    ? 1 + Math.floor(samples / manifest.features.hopLength)
    : Math.round(samples / manifest.features.hopLength);
}
