// From whatever a person hands over (files, folders, zips, a drop, a paste) to a flat list of recordings
// and a list of what was left out, with the reason. Page side: may use the DOM and core/archive.
// A zip's reader is loaded only when there is a zip.

import { fileKind, NOT_A_SOUND_FILE } from '../core/archive/file-kind.ts';
import { AppError, toAppError } from '../core/errors.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import { breathe } from './breathe.ts';

/** A sound file and where it lay: `folder/sub/name.wav`. */
export interface CollectedRecording {
  file: File;
  path: string;
}

export interface Collection {
  recordings: CollectedRecording[];
  skipped: SkippedFile[];
}

/** Files from a picker; a folder picker's files carry their path. */
export function fromFileList(files: Iterable<File>): CollectedRecording[] {
  return Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/**
 * Files and folders of a drop. Call it in the event itself: the items are gone after the first await,
 * so every entry is taken hold of before that.
 */
export async function fromDataTransfer(transfer: DataTransfer): Promise<CollectedRecording[]> {
  const entries: FileSystemEntry[] = [];
  const loose: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory) entries.push(entry);
    else {
      const file = item.getAsFile();
      if (file) loose.push(file);
    }
  }
  const found = fromFileList(loose);
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry: FileSystemEntry, found: CollectedRecording[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    found.push({ file, path });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader hands out its entries in portions and says that it is done with an empty one.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (portion.length === 0) return;
    for (const child of portion) await walk(child, found);
  }
}

/**
 * Unpacks zips and sorts out what is no sound file. A single file is always tried, whatever its name.
 * @throws AppError `nothing-to-do` when nothing is left to listen to and nothing explains why
 */
export async function collectRecordings(found: CollectedRecording[]): Promise<Collection> {
  const collection: Collection = { recordings: [], skipped: [] };
  const only = found.length === 1;
  for (const item of found) {
    const kind = fileKind(item.path);
    if (kind === 'archive') await unpack(item, collection);
    else if (kind === 'sound' || only) collection.recordings.push(item);
    else if (kind === 'other') skip(collection, item.path, NOT_A_SOUND_FILE);
  }
  if (collection.recordings.length > 1) {
    // One collator for all comparisons: making one costs more than the whole sorting.
    const { compare } = new Intl.Collator(undefined, { numeric: true });
    collection.recordings.sort((a, b) => compare(a.path, b.path));
  }
  if (collection.recordings.length === 0 && collection.skipped.length === 0) {
    throw new AppError(
      'nothing-to-do',
      'There is no sound file in it. Choose a folder or zip that has some.',
    );
  }
  return collection;
}

async function unpack(archive: CollectedRecording, collection: Collection): Promise<void> {
  try {
    const { listZip, MAX_TOTAL_BYTES } = await import('../core/archive/zip.ts');
    // What is packed is hardly larger than what comes out: this one need not even be read.
    if (archive.file.size > MAX_TOTAL_BYTES)
      throw new AppError('archive-invalid', 'The zip archive is larger than 1 GiB; split it.');
    const entries = listZip(new Uint8Array(await archive.file.arrayBuffer()));
    let nSounds = 0;
    for (const entry of entries) {
      const path = `${archive.path}/${entry.path}`;
      const kind = fileKind(entry.path);
      if (kind === 'other' || kind === 'archive') skip(collection, path, NOT_A_SOUND_FILE);
      if (kind !== 'sound') continue;
      nSounds++;
      const name = entry.path.split('/').at(-1) ?? entry.path;
      try {
        collection.recordings.push({ file: new File([entry.unpack()], name), path });
      } catch (error) {
        skip(collection, path, toAppError(error).message);
      }
      // One recording at a time: the page stays usable while a large archive is unpacked.
      await breathe();
    }
    if (nSounds === 0) skip(collection, archive.path, 'There is no sound file in this zip.');
  } catch (error) {
    skip(collection, archive.path, toAppError(error).message);
  }
}

function skip(collection: Collection, fileName: string, reason: string): void {
  collection.skipped.push({ fileName, reason });
}
