// The nouns of the labelled collection: recordings that a person keeps on this device to train on. Plain data.

import type { Quality } from '../types.ts';

/** Where the stethoscope lay: aortic, pulmonary, tricuspid and mitral valve, another place, or not known. */
export const AUSCULTATION_SITES = ['AV', 'PV', 'TV', 'MV', 'other'] as const;
export type AuscultationSite = (typeof AUSCULTATION_SITES)[number];

/** What the signal path says of a file when it is added: no network is asked. */
export interface SoundSurvey {
  /** Of the file's bytes, lower-case hex. */
  sha256: string;
  /** Of the decoded samples: equal for the same sound in another lossless file; lower-case hex. */
  soundSha256: string;
  /** For telling the same sound after lossy encoding; see core/collection/fingerprint.ts. */
  fingerprint: Uint32Array;
  durationSec: number;
  sampleRateHz: number;
  quality: Quality;
  heartRateBpm: number | null;
}

/** What a person says of a recording. */
export interface RecordingFacts {
  /** Null: not yet labelled; it takes no part in training. */
  label: string | null;
  /** Patient pseudonym: what a split may never cut through. Null: not known, the recording is its own group. */
  group: string | null;
  /** Where it was recorded, or which archive it comes from. */
  source: string;
  site: AuscultationSite | null;
  /** The side of the split that a person put it on; null: the seed decides. */
  side: 'training' | 'validation' | null;
}

/** One recording of the collection. Its bytes lie apart, under the same id. */
export interface CollectedRecording extends RecordingFacts, Omit<SoundSurvey, 'sha256'> {
  /** SHA-256 of the file's bytes: the same file cannot be there twice. */
  id: string;
  /** Path as it was handed over. */
  fileName: string;
  sizeBytes: number;
  /** ISO 8601, UTC. */
  addedAt: string;
}
