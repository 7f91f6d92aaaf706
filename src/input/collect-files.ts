// From whatever a person handed over to a list of recordings, the tables that may name their labels, and a list
// of what was left out, with the reason. Sound is not read here: thousands of files cost their names only.
// Page side: may use the DOM and core/archive. A zip's reader is loaded only when there is a zip.

import { fileKind, isArchive, MAX_TABLE_BYTES, type FileKind } from '../core/archive/file-kind.ts';
import { leftOutText } from '../core/archive/left-out-text.ts';
import type { ZipEntry } from '../core/archive/zip.ts';
import { AppError, toAppError } from '../core/errors.ts';
import { naturalOrder } from '../core/natural-order.ts';
import { plainText } from '../core/plain-text.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import type { LabelFile } from '../core/training/labels.ts';
import { breathe, createPace } from './breathe.ts';
import { byteSource } from './byte-source.ts';
import type { FoundFile, HandOver } from './found-file.ts';
import { inputText } from './input-text.ts';
import { readBytes } from './read-bytes.ts';

export interface Collection {
  /** In natural order of their paths. */
  recordings: FoundFile[];
  skipped: SkippedFile[];
  /** Every CSV among them, whether it names labels or not. */
  labelFiles: LabelFile[];
  /** As they were handed over: to go on after a reload. */
  handles: readonly FileSystemHandle[];
}

/**
 * Looks into zips and sorts out what is no sound file. A single file is always tried, whatever its name; of its name
 * only the ending counts.
 * @throws AppError `nothing-to-do` when nothing is left to listen to and nothing explains why
 */
export async function collectRecordings({ files, skipped, handles }: HandOver): Promise<Collection> {
  const collection: Collection = { recordings: [], skipped: [...skipped], labelFiles: [], handles };
  const pace = createPace();
  for (const file of files) {
    const isSingle = files.length === 1;
    const kind = fileKind(file.path);
    if (kind === 'archive' || (isSingle && isArchive(file.path))) await sortArchive(file, collection);
    else if (isSingle) collection.recordings.push(file);
    else await sortFile(file, kind, collection);
    await pace();
  }
  if (collection.recordings.length + collection.skipped.length === 0) {
    throw new AppError('nothing-to-do', inputText.noSound);
  }
  collection.recordings = await inNaturalOrder(collection.recordings);
  return collection;
}

/** @param kind any but an archive */
async function sortFile(file: FoundFile, kind: FileKind, collection: Collection): Promise<void> {
  if (kind === 'sound') collection.recordings.push(file);
  else if (kind === 'table') await readTable(file, collection);
  else if (kind === 'other') skip(collection, file.path, leftOutText.noSoundFile);
}

async function readTable(file: FoundFile, collection: Collection): Promise<void> {
  try {
    if (file.sizeBytes > MAX_TABLE_BYTES) skip(collection, file.path, leftOutText.tableTooLarge);
    else {
      const bytes = await readBytes(await file.read(), file.path);
      collection.labelFiles.push({ path: file.path, text: new TextDecoder().decode(bytes) });
    }
  } catch (error) {
    skip(collection, file.path, toAppError(error).message);
  }
}

async function sortArchive(archive: FoundFile, collection: Collection): Promise<void> {
  const pace = createPace();
  const nBefore = collection.recordings.length + collection.labelFiles.length;
  try {
    const { openZip } = await import('../core/archive/zip.ts');
    const source = byteSource(await archive.read());
    for (const entry of await openZip(source, () => new DecompressionStream('deflate-raw'))) {
      const file = packedFile(entry, archive);
      const kind = fileKind(entry.path);
      if (kind === 'archive') skip(collection, file.path, leftOutText.nestedZip);
      else await sortFile(file, kind, collection);
      await pace();
    }
    if (collection.recordings.length + collection.labelFiles.length === nBefore)
      skip(collection, archive.path, leftOutText.emptyZip);
  } catch (error) {
    skip(collection, archive.path, toAppError(error).message);
  }
}

function packedFile(entry: ZipEntry, { path, lastModified }: FoundFile): FoundFile {
  const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
  return {
    path: `${path}/${plainText(entry.path)}`,
    sizeBytes: entry.sizeBytes,
    lastModified,
    read: async () => new File([await entry.unpack()], name, { lastModified }),
  };
}

async function inNaturalOrder(files: readonly FoundFile[]): Promise<FoundFile[]> {
  const order = await naturalOrder(
    files.map(({ path }) => path),
    breathe,
  );
  return Array.from(order, (index) => files[index]).filter((file) => file !== undefined);
}

function skip(collection: Collection, fileName: string, reason: string): void {
  collection.skipped.push({ fileName, reason });
}
