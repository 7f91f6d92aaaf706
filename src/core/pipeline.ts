// The signal path from bytes to answer, the one that everyone uses: decode, mix down, resample, judge the
// quality, cut windows, log-mel, CNN, aggregate. Runs in the inference worker; reads top to bottom.

import { assessSound, readSound, type ReadSound } from './audio/assess.ts';
import { assertDuration } from './audio/limits.ts';
import { AppError, isAbort, toAppError } from './errors.ts';
import { aggregateLogits, calibratedProbabilities, decide } from './model/aggregate.ts';
import type { Classifier } from './model/classifier.ts';
import { explainFrames } from './model/explain.ts';
import type { ModelManifest } from './model/manifest.ts';
import { recordingFeatures, type NetworkInput } from './model/model-input.ts';
import { blankResult, failedResult } from './report/blank-result.ts';
import type {
  BackendInUse,
  ClassifyStage,
  MonoAudio,
  PcmAudio,
  RecordingAnalysis,
  RecordingPicture,
  RecordingResult,
} from './types.ts';

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
  /** Lets messages in, a cancellation above all. */
  yieldControl?(): Promise<void>;
}

/** A platform on which a network runs. */
export interface NetworkPlatform extends Platform {
  backend(): BackendInUse;
}

/** Checked before every stage; its cancellation rejects with an AbortError. */
export interface CancelSignal {
  throwIfAborted(): void;
}

/** A recording on its way to the network. Plain data: it crosses from the worker that heard it to the one that judges. */
export interface HeardRecording {
  /** All that is known so far; with status `error` and a reason when the recording cannot be judged. */
  result: RecordingResult;
  /** What the network is given; null when there is nothing to judge. */
  input: NetworkInput | null;
}

/** What a picture is drawn from; only where one is asked for. */
type HeardPicture = Omit<RecordingPicture, 'relevance'>;

/**
 * One recording, answered. A recording that cannot be judged is a result with status `error`, not a throw;
 * only cancellation and a lost device throw, because the next recording would meet them too.
 */
export async function classifyRecording(
  request: ClassifyRequest,
  classifier: Classifier,
  platform: NetworkPlatform,
  onStage: (stage: ClassifyStage) => void = () => undefined,
  signal?: CancelSignal,
): Promise<RecordingAnalysis> {
  const stages = new Stages(platform, onStage, signal);
  const { heard, picture } = await hear(request, classifier.manifest, platform, stages);
  const [result = heard.result] = await judge([heard], classifier, platform, stages);
  if (picture === null || heard.input === null || result.status === 'error') return { result, picture: null };
  const { input } = heard;
  const relevance = await stages.run('explain', result, 'inference', () =>
    relevanceOf(result, classifier, input, picture.logMel.nFrames, stages),
  );
  return { result, picture: { ...picture, relevance } };
}

/** From bytes to the network's input: everything that needs no network. */
export async function hearRecording(
  request: ClassifyRequest,
  manifest: ModelManifest,
  platform: Platform,
  signal?: CancelSignal,
): Promise<HeardRecording> {
  return (await hear(request, manifest, platform, new Stages(platform, () => undefined, signal))).heard;
}

/** From the network's input to answers, in order; windows of several recordings go through the network together. */
export function judgeRecordings(
  heard: readonly HeardRecording[],
  classifier: Classifier,
  platform: NetworkPlatform,
  signal?: CancelSignal,
): Promise<RecordingResult[]> {
  return judge(heard, classifier, platform, new Stages(platform, () => undefined, signal));
}

type TimedPart = keyof RecordingResult['processingMs'];

/** One stage after another: before each, messages are let in and a cancellation is obeyed; its time is noted. */
class Stages {
  readonly #platform: Platform;
  readonly #onStage: (stage: ClassifyStage) => void;
  readonly #signal: CancelSignal | undefined;

  constructor(platform: Platform, onStage: (stage: ClassifyStage) => void, signal: CancelSignal | undefined) {
    this.#platform = platform;
    this.#onStage = onStage;
    this.#signal = signal;
  }

  async run<T>(
    name: ClassifyStage,
    { processingMs }: Pick<RecordingResult, 'processingMs'>,
    part: Exclude<TimedPart, 'total'>,
    work: () => T | Promise<T>,
  ): Promise<T> {
    await this.breathe();
    this.#onStage(name);
    const from = this.#platform.now();
    try {
      return await work();
    } finally {
      const ms = this.#platform.now() - from;
      processingMs[part] += ms;
      processingMs.total += ms;
    }
  }

  async breathe(): Promise<void> {
    if (this.#signal) await this.#platform.yieldControl?.();
    this.#signal?.throwIfAborted();
  }
}

async function hear(
  request: ClassifyRequest,
  manifest: ModelManifest,
  platform: Platform,
  stages: Stages,
): Promise<{ heard: HeardRecording; picture: HeardPicture | null }> {
  const { fileName, threshold, appVersion } = request;
  const origin = { fileName, threshold, appVersion, timestamp: platform.timestamp(), backend: null };
  const result = blankResult(origin, manifest);
  try {
    const audio = await readAudio(result, request.source, manifest, platform, stages);
    const resampled = await stages.run('quality', result, 'features', () => assess(result, audio, manifest));
    const features = await stages.run('features', result, 'features', () =>
      recordingFeatures(resampled, manifest, request.withPicture),
    );
    const { picture, ...input } = features;
    return { heard: { result, input }, picture: picture && { audio: audio.sound, ...picture } };
  } catch (error) {
    if (endsAll(error)) throw error;
    return { heard: { result: failedResult(result, error), input: null }, picture: null };
  }
}

async function readAudio(
  result: RecordingResult,
  source: RecordingSource,
  manifest: ModelManifest,
  platform: Platform,
  stages: Stages,
): Promise<ReadSound> {
  if (source.kind === 'pcm') {
    result.processingMs.decode += source.decodeMs;
    result.processingMs.total += source.decodeMs;
  }
  const { sound, flaws } = await stages.run('decode', result, 'decode', async () => {
    result.sha256 = source.kind === 'pcm' ? source.sha256 : await platform.sha256(source.bytes);
    return await readSound(source);
  });
  result.durationSec = sound.samples.length / sound.sampleRateHz;
  result.sampleRateHz = sound.sampleRateHz;
  assertDuration(result.durationSec);
  // Without these frequencies the network answers confidently and wrongly.
  if (sound.sampleRateHz / 2 < manifest.features.fMaxHz) flaws.push('band-limited');
  return { sound, flaws };
}

/** Quality and heart rate, noted in the result; returns the sound at the model's rate. */
function assess(result: RecordingResult, read: ReadSound, manifest: ModelManifest): MonoAudio {
  const { quality, heartRateBpm, resampled } = assessSound(read, manifest.sampleRateHz);
  result.quality = quality;
  result.heartRateBpm = heartRateBpm;
  return resampled;
}

async function judge(
  heard: readonly HeardRecording[],
  classifier: Classifier,
  platform: NetworkPlatform,
  stages: Stages,
): Promise<RecordingResult[]> {
  const { name: backend, reason: backendReason } = platform.backend();
  const inputs = heard.flatMap(({ input }) => input ?? []);
  const nWindows = inputs.reduce((sum, { windows }) => sum + windows.length, 0);
  // The network's time is shared out by windows; recordings that never reach it have no part in it.
  const shared = { processingMs: { decode: 0, features: 0, inference: 0, total: 0 } };
  const queue = (await predictAll(inputs, classifier, shared, stages)).values();
  return heard.map(({ result, input }) => {
    const known = { ...result, backend, backendReason };
    if (input === null) return known;
    const ms = (shared.processingMs.inference * input.windows.length) / nWindows;
    const { processingMs: spent } = result;
    const processingMs = { ...spent, inference: spent.inference + ms, total: spent.total + ms };
    return answered({ ...known, processingMs }, input, queue.next().value ?? [], classifier.manifest);
  });
}

/** Logits or the reason why there are none, recording by recording: what fails for all is tried for each alone. */
async function predictAll(
  inputs: readonly NetworkInput[],
  classifier: Classifier,
  shared: Pick<RecordingResult, 'processingMs'>,
  stages: Stages,
): Promise<(number[][] | AppError)[]> {
  if (inputs.length === 0) return [];
  const predict = (): Promise<(number[][] | AppError)[]> =>
    classifier.predictAll(inputs, () => stages.breathe());
  try {
    return await stages.run('inference', shared, 'inference', predict);
  } catch (error) {
    if (endsAll(error)) throw error;
    if (inputs.length === 1) return [toAppError(error)];
    const alone: (number[][] | AppError)[] = [];
    for (const input of inputs) alone.push(...(await predictAll([input], classifier, shared, stages)));
    return alone;
  }
}

/** @param windowLogits of the recording, or why the network gave none */
function answered(
  known: RecordingResult,
  input: NetworkInput,
  windowLogits: number[][] | AppError,
  manifest: ModelManifest,
): RecordingResult {
  if (windowLogits instanceof AppError) return failedResult(known, windowLogits);
  const windows = input.windows.map(({ startSec, endSec }, w) => ({
    startSec,
    endSec,
    probabilities: calibratedProbabilities(windowLogits[w] ?? [], manifest),
  }));
  const probabilities = calibratedProbabilities(aggregateLogits(windowLogits, manifest), manifest);
  return {
    ...known,
    windows,
    probabilities,
    ...decide(probabilities, known.threshold, known.quality, manifest),
  };
}

/** Grad-CAM for the class that was answered; a picture is an extra, so its failure costs only itself. */
async function relevanceOf(
  result: RecordingResult,
  classifier: Classifier,
  input: NetworkInput,
  nFrames: number,
  stages: Stages,
): Promise<Float32Array | null> {
  const { labels, output } = classifier.manifest;
  const index = labels.indexOf(result.predictedClass ?? '');
  const direction = output.startsWith('sigmoid')
    ? { unit: 0, sign: index === 1 ? (1 as const) : (-1 as const) }
    : { unit: Math.max(0, index), sign: 1 as const };
  try {
    return await explainFrames(classifier, input, nFrames, direction, () => stages.breathe());
  } catch (error) {
    if (endsAll(error)) throw error;
    return null;
  }
}

/** Cancellation and a lost device, which the next recording would meet too. */
function endsAll(error: unknown): boolean {
  return isAbort(error) || (error instanceof AppError && error.code === 'gpu-lost');
}
