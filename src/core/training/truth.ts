// What was handed over may hold the truth beside the recordings: then a batch is an evaluation, too. Unlike training
// and evaluating a labelled folder, nobody asked for labels here: what is no label of the model is no truth, and
// never a failure. May import: core/errors, core/report types, core/sliced, ./label-table, ./labels.

import { AppError } from '../errors.ts';
import type { SkippedFile } from '../report/results-json.ts';
import type { Sliced } from '../sliced.ts';
import { labelsNamedIn } from './label-table.ts';
import { labelsText } from './labels-text.ts';
import { readLabelsSliced, type LabelFile, type LabelReading } from './labels.ts';

export interface Truth {
  /** Ids are the paths as given; null where nothing says what the recordings are. */
  reading: LabelReading | null;
  /** Tables that name no labels, or not the model's, with the reason. */
  refused: SkippedFile[];
}

/**
 * The same recordings, order, groups and sources as the command line reads from the same folder.
 * @param paths of the recordings, each with the name of the folder or zip that was dropped
 * @param labelFiles every table beside or among them
 * @param modelLabels names of the classes that the model tells apart
 */
export function* readTruth(
  paths: readonly string[],
  labelFiles: readonly LabelFile[],
  modelLabels: readonly string[],
): Sliced<Truth> {
  const folder = droppedFolder(paths);
  const refused: SkippedFile[] = [];
  const usable: LabelFile[] = [];
  for (const file of labelFiles) {
    const reason = yield* refusal(file, modelLabels);
    if (reason === null) usable.push({ ...file, path: withoutFolder(file.path, folder) });
    else refused.push({ fileName: file.path, reason });
  }
  try {
    const reading = yield* readLabelsSliced(
      paths.map((path) => withoutFolder(path, folder)),
      usable,
    );
    const isTruth = reading.from !== 'folders' || areClassFolders(reading, modelLabels);
    return { reading: isTruth ? insideFolder(reading, folder, paths) : null, refused };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // Tables that contradict each other: which of them is wrong, a person has to say.
    const contradicting = labelFiles.filter(({ path }) => !refused.some(({ fileName }) => fileName === path));
    refused.push(...contradicting.map(({ path }) => ({ fileName: path, reason: error.message })));
    return { reading: null, refused };
  }
}

/**
 * `ward/` where everything lies in the one dropped folder of that name, else nothing. A path without it is what the
 * command line calls the same recording.
 */
export function droppedFolder(paths: readonly string[]): string {
  const folder = /^[^/]+\//.exec(paths[0] ?? '')?.[0] ?? '';
  // The command line, too, keeps the name of a zip.
  return !/\.zip\/$/i.test(folder) && paths.every((path) => path.startsWith(folder)) ? folder : '';
}

function withoutFolder(path: string, folder: string): string {
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}

/** Groups stay as they are: only whether two are the same counts, and their order. Paths are the ones given, not copies. */
function insideFolder(reading: LabelReading, folder: string, paths: readonly string[]): LabelReading {
  const given = new Map(paths.map((path) => [withoutFolder(path, folder), path]));
  const inside = (id: string): string => given.get(id) ?? folder + id;
  return {
    ...reading,
    recordings: reading.recordings.map((recording) => ({ ...recording, id: inside(recording.id) })),
    unmatched: reading.unmatched.map((recording) => ({ ...recording, path: inside(recording.path) })),
  };
}

/** Why a table is not used; null where it is. */
function* refusal(file: LabelFile, modelLabels: readonly string[]): Sliced<string | null> {
  try {
    const named = yield* labelsNamedIn(file);
    if (named === null) return labelsText.noTable;
    const strange = [...named].find((label) => !modelLabels.includes(label));
    if (strange === undefined) return null;
    return labelsText.unknownLabel(strange, modelLabels);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** Folders have all kinds of names: they are labels only where each recording lies right in one of the model's. */
function areClassFolders({ recordings, unmatched }: LabelReading, modelLabels: readonly string[]): boolean {
  const isRightIn = (id: string, label: string): boolean =>
    id.split('/').at(-2)?.toLowerCase() === label.toLowerCase();
  return (
    unmatched.length === 0 &&
    recordings.every(({ id, label }) => modelLabels.includes(label) && isRightIn(id, label))
  );
}
