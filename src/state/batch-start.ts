// What a batch begins with, and begins again with: its entry in the history, the columns of its files, what there is
// before anything is known, and the files found again.

import { AppError } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { LabelReading } from '../core/training/labels.ts';
import type { Collection } from '../input/collect-files.ts';
import type { FoundFile } from '../input/found-file.ts';
import type { PoolTask } from '../rpc/inference-pool.ts';
import type { BatchCounts, BatchEntry, BatchFiles } from '../storage/batch-record.ts';
import { BatchLedger } from './batch-ledger.ts';
import type { BatchProgress } from './batch-row.ts';
import type { RecordingFile } from './classify-file.ts';
import type { PrepareRecording } from './ports.ts';
import { stateText } from './state-text.ts';

export const NO_COUNTS: BatchCounts = { ok: 0, inconclusive: 0, error: 0, perClass: {} };
export const NO_PROGRESS: BatchProgress = {
  done: 0,
  total: 0,
  recordingsPerSec: 0,
  soundPerSec: 0,
  leftSec: null,
};

export function filesOf(
  { recordings, skipped, handles }: Collection,
  truth: LabelReading | null,
): BatchFiles {
  return {
    names: recordings.map(({ path }) => path),
    sizesBytes: Float64Array.from(recordings, ({ sizeBytes }) => sizeBytes),
    skipped: [...skipped],
    truth,
    handles: [...handles],
  };
}

/** @param createdAt ISO 8601, UTC */
export function newEntry(
  id: string,
  files: BatchFiles,
  manifest: ModelManifest,
  threshold: number,
  createdAt: string,
): BatchEntry {
  const { version, sha256, name, labels, threshold: own, inconclusiveBand } = manifest;
  return {
    id,
    title: titleOf(files.names),
    createdAt,
    updatedAt: createdAt,
    state: 'running',
    model: { id: manifest.id, version, sha256, name },
    judgement: { labels, threshold: own, inconclusiveBand },
    threshold,
    total: files.names.length,
    nLabelled: files.truth?.recordings.length ?? 0,
    counts: { ...NO_COUNTS, perClass: {} },
    soundSec: 0,
  };
}

/** The folder or zip that all lie in; else the first file, and how many more there are. */
function titleOf(names: readonly string[]): string {
  const [first = ''] = names;
  const folder = /^([^/]+)\//.exec(first)?.[1];
  if (folder !== undefined && names.every((name) => name.startsWith(`${folder}/`))) return folder;
  return names.length > 1 ? `${first} + ${names.length - 1}` : first;
}

/** A recording whose sound is at hand. */
export function recordingOf(file: FoundFile, isSimulated: boolean): RecordingFile {
  return { fileName: file.path, read: () => file.read(), isSimulated };
}

/** A recording of the history: its sound was not kept. */
export function notKept(fileName: string): RecordingFile {
  const read = (): Promise<File> =>
    Promise.reject(new AppError('file-unreadable', stateText.batch.soundNotKept));
  return { fileName, read, isSimulated: false };
}

/** The rows of a batch before any answer. */
export function ledgerOf(entry: BatchEntry, { names, truth }: BatchFiles): BatchLedger {
  const labels = new Map(truth?.recordings.map(({ id, label }) => [id, label]));
  return new BatchLedger(
    names,
    names.map((name) => labels.get(name) ?? null),
    entry.judgement,
    entry.threshold,
  );
}

/** The files of a batch in its order, found again by path and size. */
export function matched(files: BatchFiles, recordings: readonly FoundFile[]): (FoundFile | null)[] {
  const byPath = new Map<string, FoundFile[]>();
  for (const file of recordings) byPath.set(file.path, [...(byPath.get(file.path) ?? []), file]);
  return files.names.map((name, index) => {
    // Two folders of one name, dropped together, may hold two files of one path: each is found once.
    const alike = byPath.get(name) ?? [];
    const at = alike.findIndex(({ sizeBytes }) => sizeBytes === files.sizesBytes[index]);
    return at < 0 ? null : (alike.splice(at, 1)[0] ?? null);
  });
}

/** None of what was handed over again is in the batch. */
export function notThese(): AppError {
  return new AppError('nothing-to-do', stateText.batch.otherFiles);
}

/** Its other recordings were judged by a model that is not in use. */
export function otherModel(): AppError {
  return new AppError('model-missing', stateText.batch.otherModel);
}

/** Its answers are on the screen, and their whole results are nowhere any more. */
export function cleared(): AppError {
  return new AppError('storage-blocked', stateText.batch.cleared);
}

/** Recordings for the pool; those whose file is not at hand are left out. */
export function* tasksOf(
  indices: readonly number[],
  files: readonly (FoundFile | null)[],
  threshold: number,
  { prepare, appVersion }: { prepare: PrepareRecording; appVersion: string },
): Generator<PoolTask> {
  for (const index of indices) {
    const file = files[index];
    if (!file) continue;
    const read = async (): ReturnType<PoolTask['read']> => prepare(await file.read());
    yield { index, fileName: file.path, threshold, appVersion, read };
  }
}
