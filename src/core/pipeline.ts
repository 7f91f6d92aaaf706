// The signal path from bytes to answer, the one that everyone uses: decode, mix down, resample, judge the
// quality, cut windows, log-mel, CNN, aggregate. Runs in the inference worker; reads top to bottom.

import { decodeBytes } from './audio/decode.ts';
import { estimateHeartRate } from './audio/heart-rate.ts';
import { assertDuration } from './audio/limits.ts';
import { mixdown } from './audio/mixdown.ts';
import { assessQuality, withFlaws } from './audio/quality.ts';
import { resample } from './audio/resample.ts';
import { AppError, isAbort } from './errors.ts';
import { aggregateLogits, calibratedProbabilities, decide } from './model/aggregate.ts';
import type { Classifier } from './model/classifier.ts';
import { explainFrames } from './model/explain.ts';
import { recordingFeatures, type RecordingFeatures } from './model/model-input.ts';
import { blankResult, failedResult } from './report/blank-result.ts';
import type { BackendName, ClassifyStage, PcmAudio, RecordingAnalysis, RecordingResult } from './types.ts';

/** Bytes that are decoded here (wav, flac), or sound that only the browser's page could decode. */
export type RecordingSource =
  { kind: 'bytes'; bytes: ArrayBuffer } | { kind: 'pcm'; pcm: PcmAudio; sha256: string; decodeMs: number };

export interface ClassifyRequest {
  fileName: string;
  source: RecordingSource;
  /** On the calibrated probability; null: the manifest's own. */
  threshold: number | null;
  /** Waveform, spectrogram and relevance: wanted on screen, not in a batch. */
  withPicture: boolean;
  appVersion: string;
}

/** What the platform lends to the pure path: clocks, a hash, the name of the backend in use. */
export interface Platform {
  /** Milliseconds, monotonic. */
  now(): number;
  /** ISO 8601, UTC. */
  timestamp(): string;
  /** Lower-case hex. */
  sha256(bytes: ArrayBuffer): Promise<string>;
  backend(): BackendName;
  /** Lets messages in, a cancellation above all. */
  yieldControl?(): Promise<void>;
}

/** Checked before every stage; its cancellation rejects with an AbortError. */
export interface CancelSignal {
  throwIfAborted(): void;
}

/**
 * One recording, answered. A recording that cannot be judged is a result with status `error`, not a throw;
 * only cancellation and a lost device throw, because the next recording would meet them too.
 */
export async function classifyRecording(
  request: ClassifyRequest,
  classifier: Classifier,
  platform: Platform,
  onStage: (stage: ClassifyStage) => void = () => undefined,
  signal?: CancelSignal,
): Promise<RecordingAnalysis> {
  const started = platform.now();
  const { fileName, threshold, appVersion } = request;
  const origin = {
    fileName,
    threshold,
    appVersion,
    timestamp: platform.timestamp(),
    backend: platform.backend(),
  };
  const result = blankResult(origin, classifier.manifest);
  const finish = (): void => {
    result.processingMs.total =
      platform.now() - started + (request.source.kind === 'pcm' ? request.source.decodeMs : 0);
  };
  try {
    const picture = await judge(result, request, classifier, platform, onStage, signal);
    finish();
    return { result, picture };
  } catch (error) {
    if (endsAll(error)) throw error;
    finish();
    return { result: failedResult(result, error), picture: null };
  }
}

async function judge(
  result: RecordingResult,
  request: ClassifyRequest,
  classifier: Classifier,
  platform: Platform,
  onStage: (stage: ClassifyStage) => void,
  signal: CancelSignal | undefined,
): Promise<RecordingAnalysis['picture']> {
  const { manifest } = classifier;
  const { source } = request;
  const stage = async <T>(
    name: ClassifyStage,
    into: keyof RecordingResult['processingMs'],
    work: () => T | Promise<T>,
  ): Promise<T> => {
    if (signal) await platform.yieldControl?.();
    signal?.throwIfAborted();
    onStage(name);
    const from = platform.now();
    const value = await work();
    result.processingMs[into] += platform.now() - from;
    return value;
  };

  const flaws: ('damaged' | 'incomplete' | 'band-limited')[] = [];
  const original = await stage('decode', 'decode', async () => {
    result.sha256 = source.kind === 'pcm' ? source.sha256 : await platform.sha256(source.bytes);
    const pcm = source.kind === 'pcm' ? source.pcm : await decodeBytes(source.bytes);
    flaws.push(...(pcm.flaws ?? []));
    return mixdown(pcm);
  });
  if (source.kind === 'pcm') result.processingMs.decode += source.decodeMs;
  result.durationSec = original.samples.length / original.sampleRateHz;
  result.sampleRateHz = original.sampleRateHz;
  assertDuration(result.durationSec);
  // Without these frequencies the network answers confidently and wrongly.
  if (original.sampleRateHz / 2 < manifest.features.fMaxHz) flaws.push('band-limited');

  const audio = await stage('quality', 'features', () => {
    const resampled = resample(original, manifest.sampleRateHz);
    const { bpm, periodicity } = estimateHeartRate(resampled);
    result.quality = withFlaws(assessQuality(original, periodicity), flaws);
    result.heartRateBpm = result.quality.verdict === 'poor' ? null : bpm;
    return resampled;
  });
  const features = await stage('features', 'features', () => recordingFeatures(audio, manifest));
  const windowLogits = await stage('inference', 'inference', () => classifier.predict(features));

  result.windows = features.windows.map(({ startSec, endSec }, w) => ({
    startSec,
    endSec,
    probabilities: calibratedProbabilities(windowLogits[w] ?? [], manifest),
  }));
  result.probabilities = calibratedProbabilities(aggregateLogits(windowLogits, manifest), manifest);
  Object.assign(result, decide(result.probabilities, result.threshold, result.quality, manifest));
  if (result.status === 'inconclusive') result.confidence = null;
  if (!request.withPicture) return null;

  const relevance = await stage('explain', 'inference', () => relevanceOf(result, classifier, features));
  const { picture: logMel, hopSec, melCentresHz } = features;
  return { audio: original, logMel, hopSec, melCentresHz, relevance };
}

/** Grad-CAM for the class that was answered; a picture is an extra, so its failure costs only itself. */
async function relevanceOf(
  result: RecordingResult,
  classifier: Classifier,
  features: RecordingFeatures,
): Promise<Float32Array | null> {
  const { labels, output } = classifier.manifest;
  const index = labels.indexOf(result.predictedClass ?? '');
  const direction = output.startsWith('sigmoid')
    ? { unit: 0, sign: index === 1 ? (1 as const) : (-1 as const) }
    : { unit: Math.max(0, index), sign: 1 as const };
  try {
    return await explainFrames(classifier, features, direction);
  } catch (error) {
    if (endsAll(error)) throw error;
    return null;
  }
}

/** Cancellation and a lost device, which the next recording would meet too. */
function endsAll(error: unknown): boolean {
  return isAbort(error) || (error instanceof AppError && error.code === 'gpu-lost');
}
