// From the paths of a command line to recordings in a stable order: files as they are, folders of any depth,
// zips, whose entries are unpacked when they are read. What is left out is listed with its reason. Imports Node and core/archive.

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { fileKind, NOT_A_SOUND_FILE } from '../core/archive/file-kind.ts';
import { listZip } from '../core/archive/zip.ts';
import { toAppError } from '../core/errors.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import { UsageError } from './args.ts';
import type { LocalFile } from './app-session.ts';

/** A file to be heard. `fileName` is its path below the folder or zip that was given, parts joined by `/`. */
export interface LocalRecording extends LocalFile {
  /** Where it lies on disk; null inside a zip. */
  path: string | null;
}

export interface Collection {
  recordings: LocalRecording[];
  skipped: SkippedFile[];
  /** Archives and folders that should have been opened and could not be: also among the skipped. */
  unopened: number;
}

/**
 * Walks the paths in the order given, each folder in the order of its names' code units.
 * A file that is named itself is always tried, whatever its ending.
 * @throws UsageError for a path that is not there, or when there is no recording in any
 */
export async function collectRecordings(paths: readonly string[]): Promise<Collection> {
  if (paths.length === 0) throw new UsageError('Name a recording, a folder or a zip');
  const collection: Collection = { recordings: [], skipped: [], unopened: 0 };
  for (const path of paths) {
    const stats = await stat(path).catch(() => null);
    if (stats === null) throw new UsageError(`There is no file or folder "${path}"`);
    if (stats.isDirectory()) await collectFolder(path, collection);
    else if (fileKind(basename(path)) === 'archive') await collectZip(path, basename(path), collection);
    else collection.recordings.push(onDisk(path, basename(path)));
  }
  if (collection.recordings.length === 0 && collection.unopened === 0)
    throw new UsageError(`There is no sound file in ${paths.map((path) => `"${path}"`).join(', ')}`);
  return collection;
}

function onDisk(path: string, fileName: string): LocalRecording {
  return { fileName, path, read: () => readFile(path) };
}

async function collectFolder(folder: string, collection: Collection): Promise<void> {
  const found: { path: string; fileName: string }[] = [];
  await walk(folder, folder, found, collection);
  found.sort((a, b) => (a.fileName < b.fileName ? -1 : a.fileName > b.fileName ? 1 : 0));
  for (const { path, fileName } of found) {
    const kind = fileKind(fileName);
    if (kind === 'sound') collection.recordings.push(onDisk(path, fileName));
    else if (kind === 'archive') await collectZip(path, fileName, collection);
    else if (kind === 'other') collection.skipped.push({ fileName, reason: NOT_A_SOUND_FILE });
  }
}

async function walk(
  root: string,
  folder: string,
  found: { path: string; fileName: string }[],
  collection: Collection,
): Promise<void> {
  const name = (path: string): string => relative(root, path).split(sep).join('/');
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      // A link to a file counts as the file; a link to a folder is not followed: it may lead back up.
      const isFile =
        entry.isFile() ||
        (entry.isSymbolicLink() && ((await stat(path).catch(() => null))?.isFile() ?? false));
      if (isFile) found.push({ path, fileName: name(path) });
      else if (entry.isDirectory()) await walk(root, path, found, collection);
    }
  } catch (error) {
    unopened(collection, name(folder) || folder, error);
  }
}

async function collectZip(path: string, fileName: string, collection: Collection): Promise<void> {
  try {
    for (const entry of listZip(await readFile(path))) {
      const inside = `${fileName}/${entry.path}`;
      const kind = fileKind(entry.path);
      if (kind === 'sound')
        collection.recordings.push({
          fileName: inside,
          path: null,
          read: () => Promise.resolve().then(() => entry.unpack()),
        });
      else if (kind !== 'system') collection.skipped.push({ fileName: inside, reason: NOT_A_SOUND_FILE });
    }
  } catch (error) {
    unopened(collection, fileName, error);
  }
}

function unopened(collection: Collection, fileName: string, error: unknown): void {
  collection.skipped.push({ fileName, reason: toAppError(error).message });
  collection.unopened++;
}
