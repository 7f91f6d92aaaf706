// A folder (or zip) of labelled recordings, as train and evaluate want it: what to read, and its labels.
// Imports Node, core/training/labels and this folder's collect.ts.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../core/errors.ts';
import { readLabels, type LabelFile, type LabelReading } from '../core/training/labels.ts';
import { UsageError } from './args.ts';
import { collectRecordings, type LocalRecording } from './collect.ts';

export interface LabelledFolder {
  labels: LabelReading;
  /** The file of each labelled recording, by its id. */
  files: Map<string, LocalRecording>;
  /** Archives and folders that could not be opened. */
  unopened: number;
}

/**
 * @param labelsPath a label file that wins over those in the folder
 * @throws UsageError, one line, for a path that is not there and for labels that cannot be understood
 */
export async function openLabelledFolder(
  path: string,
  labelsPath: string | undefined,
): Promise<LabelledFolder> {
  const chosen = labelsPath === undefined ? null : await readChosen(labelsPath);
  const { recordings, labelFiles, unopened } = await collectRecordings([path]);
  try {
    const labels = readLabels(
      recordings.map((recording) => recording.fileName),
      chosen ? [chosen] : labelFiles,
    );
    return {
      labels,
      files: new Map(recordings.map((recording) => [recording.fileName, recording])),
      unopened,
    };
  } catch (error) {
    if (error instanceof AppError) throw new UsageError(error.message.replace(/\.$/, ''));
    throw error;
  }
}

/** SHA-256 of every file by its id; one that cannot be read has none. */
export async function hashFiles(folder: LabelledFolder): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const { id } of folder.labels.recordings) {
    const bytes = await folder.files
      .get(id)
      ?.read()
      .catch(() => undefined);
    if (bytes !== undefined) hashes.set(id, createHash('sha256').update(bytes).digest('hex'));
  }
  return hashes;
}

async function readChosen(path: string): Promise<LabelFile> {
  try {
    return { path: basename(path), text: await readFile(path, 'utf8'), chosen: true };
  } catch {
    throw new UsageError(`The label file "${path}" cannot be read`);
  }
}
