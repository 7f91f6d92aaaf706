// An evaluation as it is downloaded and written by the command line, and whether it says anything: figures on the
// recordings that a model was trained on tell how well it remembers. May import: core types, core/training types.

import type { ModelManifest } from '../model/manifest.ts';
import type { RecordingResult } from '../types.ts';
import type { EvaluationReport } from './evaluate.ts';
import type { LabelledRecording } from './labels.ts';
import type { EvaluationMethod } from './model-card.ts';

/** The report, and what it is about. */
export type EvaluationDocument = EvaluationReport & {
  model: RecordingResult['model'];
  trainedOnTheseRecordings: boolean;
  /** Labelled recordings without an answer, which count in no figure. */
  nFailed: number;
};

export function formatEvaluationJson(
  report: EvaluationReport,
  model: RecordingResult['model'],
  trainedOnTheseRecordings: boolean,
  nFailed: number,
): string {
  const { id, version, sha256 } = model;
  const document: EvaluationDocument = {
    ...report,
    model: { id, version, sha256 },
    trainedOnTheseRecordings,
    nFailed,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Ids and labels in order of id, to be hashed: equal for equal data, wherever the folder lies. */
export function recordingsText(recordings: readonly Pick<LabelledRecording, 'id' | 'label'>[]): string {
  const told = recordings.map(({ id, label }) => [id, label] as const).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return JSON.stringify(told);
}

/**
 * By the recordings themselves where the model says which they were, else by the name of the data set.
 * @param metrics figures that came with the model, from whatever version; null where there are none
 * @param recordingsSha256 of `recordingsText`, lower-case hex
 * @param folders `folderNames` of the recordings
 */
export function hasTrainedOn(
  manifest: Pick<ModelManifest, 'trainedOn'>,
  metrics: { method?: Partial<Pick<EvaluationMethod, 'recordingsSha256'>> } | null,
  recordingsSha256: string,
  folders: readonly string[],
): boolean {
  const isSameData = metrics?.method?.recordingsSha256 === recordingsSha256;
  return isSameData || folders.includes(manifest.trainedOn.dataset);
}

/** Names of all folders and zips in some paths, each once; a zip goes by its name without the ending. */
export function folderNames(paths: readonly string[]): string[] {
  const parents = new Set(paths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))));
  const names = [...parents].flatMap((parent) => parent.split('/'));
  return [...new Set(names.map((name) => name.replace(/\.zip$/i, '')))].filter((name) => name !== '');
}
