// Reads zip archives that came from outside: bounded, never trusted, and where they lie. Only the table of contents
// is read when one is opened, and only a file's own bytes when that file is unpacked, so an archive of any size
// costs the memory of the one file in hand. Nested archives are entries like others. Pure.

import { AppError } from '../errors.ts';
import { archiveText } from './archive-text.ts';
import { crc32 } from './crc32.ts';
import {
  invalidZip,
  readDirectory,
  SLICE_BYTES,
  type ByteSource,
  type CentralEntry,
} from './zip-directory.ts';
import { FLAG_ENCRYPTED, LOCAL_BYTES, readLocalHeader } from './zip-local.ts';

export type { ByteSource };

/** Bytes one file may unpack to: 1 GiB, more than is listened to. Nothing unpacked is kept here, so there is no limit on all. */
export const MAX_ENTRY_BYTES = 2 ** 30;

/** Unpacked size over packed size. Deflate reaches 1032; sound and text stay far below this. */
export const MAX_RATIO = 200;

/** Entries that are small anyway may be as repetitive as they like: silence packs well. */
export const RATIO_FREE_BYTES = 2 ** 24;

/** Least bytes read at a time, however much they may unpack to. */
const MIN_SLICE_BYTES = 4096;

/** Extra fields that only the local header has; where they are longer, the rest is read apart. */
const LOCAL_EXTRA_BYTES = 64;
const METHOD_STORED = 0;
const METHOD_DEFLATED = 8;
const METHOD_AES = 99;

export interface ZipEntry {
  /** Path inside the archive, forward slashes, never absolute and never upward. */
  path: string;
  /** Unpacked, as the archive says; `unpack` gives so many bytes or none. */
  sizeBytes: number;
  /** @throws AppError `archive-invalid` when it is damaged or too large, `file-unreadable`, `out-of-memory` */
  unpack: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** `DecompressionStream('deflate-raw')` as far as it is needed: pages and Node have it, core has no platform. */
export interface Inflater {
  writable: {
    getWriter(): {
      write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
      close(): Promise<void>;
      abort(reason: unknown): Promise<void>;
    };
  };
  readable: {
    getReader(): {
      read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
      cancel(): Promise<void>;
    };
  };
}

/**
 * All files of an archive in its own order, folders and the metadata folders of macOS left out.
 * @throws AppError `archive-encrypted`, `file-unreadable`, or `archive-invalid` when its table of contents is
 *   damaged or leads out of its folder
 */
export async function openZip(source: ByteSource, createInflater: () => Inflater): Promise<ZipEntry[]> {
  const entries = await refuseDamage(() => readDirectory(source));
  const wanted = entries.filter(({ path }) => !path.endsWith('/') && !isMetadata(path));
  wanted.forEach(assertHarmless);
  return wanted.map((entry) => ({
    path: entry.path,
    sizeBytes: entry.size,
    unpack: () => refuseDamage(() => unpack(source, entry, createInflater)),
  }));
}

async function refuseDamage<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw invalidZip(archiveText.why.damaged, error);
  }
}

function isMetadata(path: string): boolean {
  return path.startsWith('__MACOSX/') || path.endsWith('.DS_Store');
}

function assertHarmless({ path, flags, method }: CentralEntry): void {
  if (flags & FLAG_ENCRYPTED || method === METHOD_AES)
    throw new AppError('archive-encrypted', archiveText.locked);
  if (path.startsWith('/') || /^[a-z]:/i.test(path) || path.split('/').includes('..'))
    throw invalidZip(archiveText.why.leadsOut(path));
}

async function unpack(
  source: ByteSource,
  entry: CentralEntry,
  createInflater: () => Inflater,
): Promise<Uint8Array<ArrayBuffer>> {
  const { path, method, size } = entry;
  assertReasonable(entry);
  if (method !== METHOD_STORED && method !== METHOD_DEFLATED)
    throw invalidZip(archiveText.why.packedOtherwise(path, method));
  // As long as the table of contents says, so a lying entry cannot take more memory than that.
  const unpacked = allocate(size, path);
  const packed = packedSlices(source, entry);
  let nBytes = 0;
  let crc = 0;
  for await (const chunk of method === METHOD_STORED ? packed : inflate(packed, createInflater())) {
    if (nBytes + chunk.length > size) throw invalidZip(archiveText.why.longer(path));
    unpacked.set(chunk, nBytes);
    crc = crc32(chunk, crc);
    nBytes += chunk.length;
  }
  if (nBytes !== size || crc !== entry.crc) throw invalidZip(archiveText.why.entryDamaged(path));
  return unpacked;
}

function assertReasonable({ path, packedSize, size }: CentralEntry): void {
  if (size > MAX_ENTRY_BYTES) throw invalidZip(archiveText.why.tooLarge(path));
  if (size > RATIO_FREE_BYTES && size > MAX_RATIO * packedSize)
    throw invalidZip(archiveText.why.bomb(path, Math.round(size / Math.max(1, packedSize))));
}

function allocate(sizeBytes: number, path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes);
  } catch (cause) {
    throw new AppError('out-of-memory', archiveText.noMemory(path), { cause });
  }
}

/**
 * An entry's packed bytes, as many at a time as unpack to about a slice; a small one's come with its header, in one
 * read.
 */
async function* packedSlices(
  source: ByteSource,
  entry: CentralEntry,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { path, localOffset, packedSize, size, headerBytes } = entry;
  const density = Math.min(1, packedSize / Math.max(1, size));
  const sliceBytes = Math.max(MIN_SLICE_BYTES, Math.floor(SLICE_BYTES * density));
  const isInside = localOffset >= 0 && localOffset + LOCAL_BYTES <= source.sizeBytes;
  if (!isInside) throw invalidZip(archiveText.why.entryCutShort(path));
  const headBytes = LOCAL_BYTES + headerBytes + LOCAL_EXTRA_BYTES + Math.min(packedSize, sliceBytes);
  const head = await source.read(localOffset, Math.min(localOffset + headBytes, source.sizeBytes));
  const start = localOffset + readLocalHeader(head, entry);
  const end = start + packedSize;
  if (end > source.sizeBytes) throw invalidZip(archiveText.why.entryCutShort(path));
  const first = head.subarray(start - localOffset, end - localOffset);
  if (first.length > 0) yield first;
  for (let at = start + first.length; at < end; at += sliceBytes)
    yield await source.read(at, Math.min(end, at + sliceBytes));
}

async function* inflate(
  packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
  { writable, readable }: Inflater,
): AsyncGenerator<Uint8Array> {
  const writer = writable.getWriter();
  const reader = readable.getReader();
  const feed = async (): Promise<void> => {
    for await (const slice of packed) await writer.write(slice);
    await writer.close();
  };
  const feeding = feed().then(
    () => null,
    async (error: unknown) => {
      await writer.abort(error).catch(() => undefined);
      return error instanceof Error ? error : new Error(String(error));
    },
  );
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      if (next.value) yield next.value;
  } catch (error) {
    // What went wrong while reading is the reason; what the stream says of it is not.
    throw (await feeding) ?? error;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  const unread = await feeding;
  if (unread !== null) throw unread;
}
