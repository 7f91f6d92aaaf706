// The nouns of the program: plain data that every realm understands and that postMessage can carry.
// Nothing here has behaviour; behaviour lives beside the noun's own module.

/** Decoded sound: one Float32Array per channel, all of one length, nominal range -1..1. */
export interface PcmAudio {
  channels: Float32Array[];
  sampleRateHz: number;
  /** What the reader found amiss and could do without; absent: nothing, or it cannot tell. */
  flaws?: readonly ('damaged' | 'incomplete')[];
}

/** One channel of sound. */
export interface MonoAudio {
  samples: Float32Array;
  sampleRateHz: number;
}

export type AudioContainer = 'wav' | 'flac' | 'mp3' | 'ogg' | 'm4a' | 'webm';

export type QualityReason =
  | 'silent'
  | 'clipped'
  | 'too-short'
  | 'too-noisy'
  | 'no-periodicity'
  /** The file lacks frequencies that the model listens to: its sample rate is too low. */
  | 'band-limited'
  /** Parts of the file made no sense and were left out. */
  | 'damaged'
  /** The file ends before its header says. */
  | 'incomplete';

/** How fit a recording is to be judged; `poor` makes the answer inconclusive. */
export interface Quality {
  verdict: 'good' | 'fair' | 'poor';
  reasons: QualityReason[];
  /** Root mean square of the signal, full scale = 1, after the mean is removed. */
  rms: number;
  /** Fraction of samples at the rails, 0..1. */
  clippedFraction: number;
  /** Height of the heartbeat peak of the envelope's autocorrelation, 0..1. */
  periodicity: number;
  /** Energy of the heart-sound band against what lies above it, decibels. */
  signalToNoiseDb: number;
}

export type BackendName = 'webgpu' | 'webgl' | 'wasm' | 'cpu';

/** What computes, and why: one sentence that also says what was passed over. */
export interface BackendInUse {
  name: BackendName;
  reason: string;
}

/** A matrix stored row by row: `values[frame * nMels + mel]`. */
export interface LogMel {
  values: Float32Array;
  nFrames: number;
  nMels: number;
}

export interface WindowResult {
  startSec: number;
  endSec: number;
  /** Calibrated, by label, 0..1. */
  probabilities: Record<string, number>;
}

export type InconclusiveReason = 'poor-quality' | 'near-threshold';

/**
 * What the program says about one recording: the one schema of screen, download, command line and
 * database (`schema: heartbeat-results/1` around lists of these).
 */
export interface RecordingResult {
  fileName: string;
  /** Of the file's bytes, lower-case hex; null when the file could not be read. */
  sha256: string | null;
  status: 'ok' | 'inconclusive' | 'error';
  inconclusiveReasons: InconclusiveReason[];
  /** Also set when inconclusive: the side of the threshold, not to be trusted. Null on error. */
  predictedClass: string | null;
  /**
   * 0.5 at the threshold, 1 at certainty (two classes); probability of the class otherwise.
   * Null when inconclusive and on error.
   */
  confidence: number | null;
  probabilities: Record<string, number>;
  threshold: number;
  durationSec: number | null;
  sampleRateHz: number | null;
  quality: Quality | null;
  heartRateBpm: number | null;
  windows: WindowResult[];
  model: { id: string; version: string; sha256: string };
  pipelineVersion: number;
  backend: BackendName | null;
  /** Why that one: what was passed over before it, and for what reason. */
  backendReason: string | null;
  /** Time of the stages, and their sum. In a batch the network's time is shared out by windows. */
  processingMs: { decode: number; features: number; inference: number; total: number };
  /** ISO 8601, UTC. */
  timestamp: string;
  appVersion: string;
  error: { code: string; message: string } | null;
}

/** A result with what is needed to draw it. */
export interface RecordingAnalysis {
  result: RecordingResult;
  picture: RecordingPicture | null;
}

export interface RecordingPicture {
  /** The whole recording, mixed down, at its own rate: for the waveform and for playback. */
  audio: MonoAudio;
  /** Before normalisation, log10 power or decibels as the manifest says; frames are hopSec apart. */
  logMel: LogMel;
  hopSec: number;
  /** Centre frequency of each mel band, hertz. */
  melCentresHz: Float32Array;
  /** Grad-CAM of the predicted class, one number in 0..1 per log-mel frame; null where there is none. */
  relevance: Float32Array | null;
}

export type ClassifyStage = 'decode' | 'quality' | 'features' | 'inference' | 'explain';
