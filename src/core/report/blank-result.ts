// A result before there is an answer, and the result of a recording that never gets one. Both realms make
// them: the worker around its signal path, the page for a file that it could not even read.

import { toAppError } from '../errors.ts';
import { PIPELINE_VERSION, type ModelManifest } from '../model/manifest.ts';
import type { BackendInUse, RecordingResult } from '../types.ts';

/** What is known about a recording before it is heard. */
export interface ResultOrigin {
  fileName: string;
  /** On the calibrated probability; null: the manifest's own. */
  threshold: number | null;
  appVersion: string;
  /** ISO 8601, UTC. */
  timestamp: string;
  /** Null where no worker got as far. */
  backend: BackendInUse | null;
}

/** A result that has everything but an answer. */
export function blankResult(
  origin: ResultOrigin,
  manifest: Pick<ModelManifest, 'id' | 'version' | 'sha256' | 'threshold'>,
): RecordingResult {
  return {
    fileName: origin.fileName,
    sha256: null,
    status: 'error',
    inconclusiveReasons: [],
    predictedClass: null,
    confidence: null,
    probabilities: {},
    threshold: origin.threshold ?? manifest.threshold,
    durationSec: null,
    sampleRateHz: null,
    quality: null,
    heartRateBpm: null,
    windows: [],
    model: { id: manifest.id, version: manifest.version, sha256: manifest.sha256 },
    pipelineVersion: PIPELINE_VERSION,
    backend: origin.backend?.name ?? null,
    backendReason: origin.backend?.reason ?? null,
    processingMs: { decode: 0, features: 0, inference: 0, total: 0 },
    timestamp: origin.timestamp,
    appVersion: origin.appVersion,
    error: null,
  };
}

/** What was known so far, turned into the row of a recording that failed: no answer, a code and a sentence. */
export function failedResult(known: RecordingResult, error: unknown): RecordingResult {
  const { code, message } = toAppError(error);
  return { ...known, status: 'error', predictedClass: null, confidence: null, error: { code, message } };
}
