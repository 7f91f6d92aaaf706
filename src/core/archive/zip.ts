// Reads zip archives that came from outside: bounded, never trusted. Nested archives are entries like others;
// what to do with them is the caller's business.

import { inflateSync, strFromU8 } from 'fflate';
import { AppError } from '../errors.ts';

/** Bytes all entries together may unpack to: 1 GiB, about 70 hours of 16-bit sound at 2 kHz. */
export const MAX_TOTAL_BYTES = 2 ** 30;

/** Unpacked size over packed size. Deflate reaches 1032; sound and text stay far below this. */
export const MAX_RATIO = 200;

/** Entries that are small anyway may be as repetitive as they like: silence packs well. */
export const RATIO_FREE_BYTES = 2 ** 24;

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
/** The end record is followed by a comment of at most 65,535 bytes. */
const MAX_COMMENT_BYTES = 0xffff;
const FLAG_ENCRYPTED = 1;
const METHOD_STORED = 0;
const METHOD_DEFLATED = 8;
const METHOD_AES = 99;
/** A size or offset of this value means that the true one is in a zip64 field. */
const ZIP64_MARK = 0xffffffff;
const ZIP64_EXTRA = 1;

export interface ZipEntry {
  /** Path inside the archive, forward slashes, never absolute and never upward. */
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A file that is unpacked when it is asked for. */
interface PackedEntry {
  path: string;
  /** @throws AppError `archive-invalid` when it is damaged */
  unpack: () => Uint8Array<ArrayBuffer>;
}

interface CentralEntry {
  path: string;
  flags: number;
  method: number;
  crc: number;
  packedSize: number;
  size: number;
  localOffset: number;
}

/**
 * All files of an archive, folders and the metadata folders of macOS left out.
 * @throws AppError `archive-encrypted`, or `archive-invalid` when it is damaged, leads out of its folder, or
 * would unpack to more than can be meant
 */
export function readZip(bytes: Uint8Array): ZipEntry[] {
  return listZip(bytes).map(({ path, unpack }) => ({ path, bytes: unpack() }));
}

/**
 * The same, each file unpacked when it is asked for: for a thread that must not be taken for long, and for
 * archives of which only some files are wanted.
 * @throws as `readZip`, here or when a file is unpacked
 */
export function listZip(bytes: Uint8Array): PackedEntry[] {
  return refuseDamage(() => {
    const wanted = readDirectory(bytes).filter(({ path }) => !path.endsWith('/') && !isMetadata(path));
    assertHarmless(wanted);
    return wanted.map((entry) => ({
      path: entry.path,
      unpack: () => refuseDamage(() => unpack(bytes, entry)),
    }));
  });
}

function refuseDamage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw invalid('it is damaged', error);
  }
}

function invalid(why: string, cause?: unknown): AppError {
  return new AppError('archive-invalid', `The zip archive cannot be read: ${why}.`, { cause });
}

function isMetadata(path: string): boolean {
  return path.startsWith('__MACOSX/') || path.endsWith('.DS_Store');
}

function assertHarmless(entries: CentralEntry[]): void {
  let total = 0;
  for (const { path, flags, method, packedSize, size } of entries) {
    if (flags & FLAG_ENCRYPTED || method === METHOD_AES)
      throw new AppError(
        'archive-encrypted',
        'The zip archive is protected by a password; unpack it yourself and drop the folder in.',
      );
    if (path.startsWith('/') || /^[a-z]:/i.test(path) || path.split('/').includes('..'))
      throw invalid(`the path "${path}" leads out of it`);
    if (size > RATIO_FREE_BYTES && size > MAX_RATIO * packedSize)
      throw invalid(`"${path}" would unpack to ${Math.round(size / Math.max(1, packedSize))} times its size`);
    total += size;
    if (total > MAX_TOTAL_BYTES) throw invalid('it would unpack to more than 1 GiB; split it');
  }
}

/** The central directory at the end of the archive, by which alone a zip is to be read. */
function readDirectory(bytes: Uint8Array): CentralEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const directorySize = view.getUint32(end + 12, true);
  const directoryOffset = view.getUint32(end + 16, true);
  if (directoryOffset === ZIP64_MARK || count === 0xffff)
    throw invalid('it is larger than 4 GiB or holds more than 65,534 files; unpack it yourself');
  // Bytes before the archive (a self-extractor) shift every offset.
  const shift = end - directorySize - directoryOffset;
  let offset = end - directorySize;
  return Array.from({ length: count }, () => {
    const { entry, next } = readCentralEntry(bytes, view, offset, shift);
    offset = next;
    return entry;
  });
}

function findEnd(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--)
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  throw invalid('it is cut short or no zip archive at all');
}

function readCentralEntry(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  shift: number,
): { entry: CentralEntry; next: number } {
  if (view.getUint32(offset, true) !== CENTRAL_SIGNATURE) throw invalid('its table of contents is damaged');
  const nameEnd = offset + CENTRAL_BYTES + view.getUint16(offset + 28, true);
  const extraEnd = nameEnd + view.getUint16(offset + 30, true);
  const entry: CentralEntry = {
    path: decodeName(bytes.subarray(offset + CENTRAL_BYTES, nameEnd)),
    flags: view.getUint16(offset + 8, true),
    method: view.getUint16(offset + 10, true),
    crc: view.getUint32(offset + 16, true),
    packedSize: view.getUint32(offset + 20, true),
    size: view.getUint32(offset + 24, true),
    localOffset: view.getUint32(offset + 42, true),
  };
  readZip64Extra(view, nameEnd, extraEnd, entry);
  entry.localOffset += shift;
  return { entry, next: extraEnd + view.getUint16(offset + 32, true) };
}

/** Writers that stream put 64-bit sizes here although the file is small; only marked fields are present. */
function readZip64Extra(view: DataView, start: number, end: number, entry: CentralEntry): void {
  const HEADER_BYTES = 4;
  const FIELD_BYTES = 8;
  for (let at = start; at + HEADER_BYTES <= end; at += HEADER_BYTES + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64_EXTRA) continue;
    let field = at + HEADER_BYTES;
    for (const key of ['size', 'packedSize', 'localOffset'] as const) {
      if (entry[key] !== ZIP64_MARK) continue;
      entry[key] = Number(view.getBigUint64(field, true));
      field += FIELD_BYTES;
    }
    return;
  }
}

/** UTF-8 whether the archive says so or not (many writers forget); Latin-1 where it is not valid UTF-8. */
function decodeName(name: Uint8Array): string {
  const text = strFromU8(name);
  return (text.includes('\uFFFD') ? strFromU8(name, true) : text).replaceAll('\\', '/');
}

function unpack(bytes: Uint8Array, entry: CentralEntry): Uint8Array<ArrayBuffer> {
  const { path, localOffset, packedSize, size, method } = entry;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(localOffset, true) !== LOCAL_SIGNATURE) throw invalid(`"${path}" is damaged`);
  const start =
    localOffset +
    LOCAL_BYTES +
    view.getUint16(localOffset + 26, true) +
    view.getUint16(localOffset + 28, true);
  if (start + packedSize > bytes.length) throw invalid(`"${path}" is cut short`);
  const packed = bytes.subarray(start, start + packedSize);
  const unpacked = new Uint8Array(size);
  if (method === METHOD_STORED && packedSize === size) unpacked.set(packed);
  // The output is as long as the table of contents said, so a lying entry cannot take more memory than that.
  else if (method === METHOD_DEFLATED) inflateSync(packed, { out: unpacked });
  else throw invalid(`"${path}" is packed in a way that is not read (method ${method})`);
  if (crc32(unpacked) !== entry.crc) throw invalid(`"${path}" is damaged`);
  return unpacked;
}

/** Reversed polynomial of CRC-32 (ISO 3309), as zip uses it. */
const CRC_POLYNOMIAL = 0xedb88320;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ CRC_POLYNOMIAL : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}
