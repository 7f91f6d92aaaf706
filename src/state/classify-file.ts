// One file, from disk to answer: wait for the model, read the file, ask the worker. The opened recording and
// the list both go through here, so that they give the same numbers.

import { isAbort } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import { backendInUse } from '../core/tensor/backend-report.ts';
import { blankResult, failedResult } from '../core/report/blank-result.ts';
import type { ClassifyStage, RecordingAnalysis, RecordingResult } from '../core/types.ts';
import type { ModelState } from './model.svelte.ts';
import type { Classifier, PrepareRecording } from './ports.ts';

/** What a person waits for: the model to be ready, the file to be read, then the worker's stages. */
export type AnalysisStage = 'model' | 'read' | ClassifyStage;

export interface ClassifyDependencies {
  classifier: Classifier;
  model: ModelState;
  prepare: PrepareRecording;
  appVersion: string;
  /** ISO 8601, UTC. */
  timestamp: () => string;
}

/** A file to be heard, and the name it goes by on screen and in exports. */
export interface RecordingFile {
  read(): Promise<File>;
  fileName: string;
  /** Made by this program for a demonstration. */
  isSimulated: boolean;
}

/**
 * Never rejects for a bad recording: that is a result with status `error`, like the worker's own.
 * @param threshold on the calibrated probability, 0..1; null: the model's own
 * @throws AbortError when cancelled; AppError when no model can be started
 */
export async function classifyFile(
  dependencies: ClassifyDependencies,
  recording: RecordingFile,
  threshold: number | null,
  withPicture: boolean,
  onStage: (stage: AnalysisStage) => void,
  signal: AbortSignal,
): Promise<RecordingAnalysis> {
  const { classifier, model, prepare, appVersion } = dependencies;
  onStage('model');
  const manifest = await untilAborted(model.ready(), signal);
  try {
    onStage('read');
    const source = await untilAborted(recording.read().then(prepare), signal);
    const request = { fileName: recording.fileName, source, threshold, withPicture, appVersion };
    return await classifier.classify(request, onStage, signal);
  } catch (error) {
    if (isAbort(error)) throw error;
    return { result: unheard(dependencies, recording, threshold, manifest, error), picture: null };
  } finally {
    model.refreshReport();
  }
}

/** A row for a file that never reached the worker, or whose worker died: it is counted like any other. */
function unheard(
  { appVersion, timestamp, classifier }: ClassifyDependencies,
  recording: RecordingFile,
  threshold: number | null,
  manifest: ModelManifest,
  error: unknown,
): RecordingResult {
  const origin = {
    fileName: recording.fileName,
    threshold,
    appVersion,
    timestamp: timestamp(),
    backend: classifier.report && backendInUse(classifier.report),
  };
  return failedResult(blankResult(origin, manifest), error);
}

/** Gives up waiting when asked to; what was waited for goes on by itself and is not missed. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
