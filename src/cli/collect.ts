// From the paths of a command line to recordings in a stable order: files as they are, folders of any depth,
// zips, whose entries are unpacked when they are read. What is left out is listed with its reason, tables that may
// name labels are kept apart. Imports Node and core/archive.

import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { fileKind, isArchive, MAX_TABLE_BYTES, type FileKind } from '../core/archive/file-kind.ts';
import { leftOutText } from '../core/archive/left-out-text.ts';
import { openZip, type ByteSource } from '../core/archive/zip.ts';
import { AppError, toAppError } from '../core/errors.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import type { LabelFile } from '../core/training/labels.ts';
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
  /** Every CSV in a folder or zip, whether it names labels or not. */
  labelFiles: LabelFile[];
  /** Archives and folders that should have been opened and could not be: also among the skipped. */
  unopened: number;
}

/** Reading from a pipe or a device might never end. */
const NOT_A_REGULAR_FILE = 'Neither a file nor a folder: pipes and devices are not read.';

/**
 * Walks the paths in the order given, each folder in the order of its names' code units.
 * A file that is named itself is always tried, whatever its ending, and a zip opened, whatever it begins with.
 * @throws UsageError for a path that is not there or is no file, or when there is no recording in any
 */
export async function collectRecordings(paths: readonly string[]): Promise<Collection> {
  if (paths.length === 0) throw new UsageError('Name a recording, a folder or a zip');
  const collection: Collection = { recordings: [], skipped: [], labelFiles: [], unopened: 0 };
  for (const path of paths) {
    const stats = await stat(path).catch(() => null);
    if (stats === null) throw new UsageError(`There is no file or folder "${path}"`);
    if (stats.isDirectory()) await collectFolder(path, collection);
    else if (!stats.isFile()) throw new UsageError(`"${path}" is neither a file nor a folder`);
    else if (isArchive(path)) await collectZip(path, basename(path), collection);
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
    if (kind === 'archive') await collectZip(path, fileName, collection);
    else await collectFile(onDisk(path, fileName), kind, () => stat(path), collection);
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
      const target = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
      if (entry.isDirectory()) await walk(root, path, found, collection);
      else if (target?.isFile()) found.push({ path, fileName: name(path) });
      else if (target !== null && !target.isDirectory())
        collection.skipped.push({ fileName: name(path), reason: NOT_A_REGULAR_FILE });
    }
  } catch (error) {
    unopened(collection, name(folder) || folder, error);
  }
}

/** @param kind any but an archive */
async function collectFile(
  file: LocalRecording,
  kind: FileKind,
  measure: () => Promise<{ size: number }>,
  { recordings, skipped, labelFiles }: Collection,
): Promise<void> {
  const { fileName } = file;
  if (kind === 'sound') recordings.push(file);
  else if (kind === 'other') skipped.push({ fileName, reason: leftOutText.noSoundFile });
  if (kind !== 'table') return;
  try {
    if ((await measure()).size > MAX_TABLE_BYTES)
      skipped.push({ fileName, reason: leftOutText.tableTooLarge });
    else labelFiles.push({ path: fileName, text: new TextDecoder().decode(await file.read()) });
  } catch (error) {
    skipped.push({ fileName, reason: toAppError(error).message });
  }
}

async function collectZip(path: string, fileName: string, collection: Collection): Promise<void> {
  const nBefore = collection.recordings.length + collection.labelFiles.length;
  try {
    for (const entry of await openZip(await slicesOf(path), () => new DecompressionStream('deflate-raw'))) {
      const inside = { fileName: `${fileName}/${entry.path}`, path: null, read: () => entry.unpack() };
      const kind = fileKind(entry.path);
      if (kind === 'archive')
        collection.skipped.push({ fileName: inside.fileName, reason: leftOutText.nestedZip });
      else await collectFile(inside, kind, () => Promise.resolve({ size: entry.sizeBytes }), collection);
    }
    if (collection.recordings.length + collection.labelFiles.length === nBefore)
      collection.skipped.push({ fileName, reason: leftOutText.emptyZip });
  } catch (error) {
    unopened(collection, fileName, error);
  }
}

/** Opened anew for each read: a handle would have to be closed by somebody who knows of no further read. */
async function slicesOf(path: string): Promise<ByteSource> {
  const { size: sizeBytes } = await stat(path);
  const read = async (from: number, to: number): Promise<Uint8Array<ArrayBuffer>> => {
    const file = await open(path);
    try {
      const bytes = new Uint8Array(to - from);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      if (bytesRead === bytes.length) return bytes;
      throw new AppError('file-unreadable', `"${path}" was changed meanwhile.`);
    } finally {
      await file.close();
    }
  };
  return { sizeBytes, read };
}

function unopened(collection: Collection, fileName: string, error: unknown): void {
  collection.skipped.push({ fileName, reason: toAppError(error).message });
  collection.unopened++;
}
