// The table of contents at the end of a zip archive, by which alone a zip is to be read; also of archives of more
// than 4 GiB or 65,535 files (zip64). Nothing in it is trusted: what is unpacked is checked against it. Pure.

import { AppError } from '../errors.ts';
import { archiveText } from './archive-text.ts';
import { crc32 } from './crc32.ts';
import { decodeName, decodeUtf8 } from './zip-names.ts';

/** An archive that is read where it lies: a file on the page, an open file on the command line. */
export interface ByteSource {
  readonly sizeBytes: number;
  /**
   * The bytes from `from` up to, not including, `to`; both lie in the archive.
   * @throws AppError `file-unreadable`
   */
  read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file as the table of contents announces it. */
export interface CentralEntry {
  path: string;
  /** As the entry itself spells it, here and where it lies; `path` may be from a field beside it. */
  name: string;
  flags: number;
  method: number;
  crc: number;
  packedSize: number;
  size: number;
  /** Where its local header lies in the archive. */
  localOffset: number;
  /** Of its name and extra fields here; those at the local header are about as long. */
  headerBytes: number;
}

/**
 * Bytes of an archive that are read at a time. Reading lets the page breathe, and what lies between two reads
 * must not hold it up: a slice is some thousand entries, or a large recording.
 */
export const SLICE_BYTES = 2 ** 18;

/** More files than anybody means to hear: an archive that holds more is made to fill the memory. */
const MAX_ENTRIES = 1_000_000;

const END_SIGNATURE = 0x06054b50;
const ZIP64_END_SIGNATURE = 0x06064b50;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const ZIP64_END_BYTES = 56;
const ZIP64_LOCATOR_BYTES = 20;
const CENTRAL_BYTES = 46;
/** The end record is followed by a comment of at most 65,535 bytes. */
const MAX_COMMENT_BYTES = 0xffff;
/** A size or offset of this value means that the true one is in a zip64 field. */
export const ZIP64_MARK = 0xffffffff;
export const EXTRA_HEADER_BYTES = 4;
export const ZIP64_EXTRA = 0x0001;
/** The name once more, in UTF-8: written where the name itself is in the letters of some system. */
const UNICODE_PATH_EXTRA = 0x7075;

export function invalidZip(why: string, cause?: unknown): AppError {
  return new AppError('archive-invalid', archiveText.invalid(why), { cause });
}

/** @throws AppError `archive-invalid`; RangeError where a record reaches beyond the bytes there are */
export async function readDirectory(source: ByteSource): Promise<CentralEntry[]> {
  const { start, end, shift, isCount } = await findDirectory(source);
  const entries: CentralEntry[] = [];
  let at = start;
  while (at < end) {
    const slice = viewOf(await source.read(at, Math.min(end, at + SLICE_BYTES)));
    let used = 0;
    for (let next = readCentralEntry(slice, used, shift); next; next = readCentralEntry(slice, used, shift)) {
      entries.push(next.entry);
      used = next.end;
    }
    if (entries.length > MAX_ENTRIES) throw invalidZip(archiveText.why.tooManyFiles);
    if (used === 0) break;
    // An entry that the slice cuts through begins the next one.
    at += used;
  }
  if (!isCount(entries.length)) throw invalidZip(archiveText.why.directoryDamaged);
  return entries;
}

interface Directory {
  /** Where the table of contents lies in the archive. */
  start: number;
  end: number;
  /** Bytes before the archive (a self-extractor): every offset in it is off by these. */
  shift: number;
  isCount: (nEntries: number) => boolean;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const tailBytes = END_BYTES + MAX_COMMENT_BYTES + ZIP64_LOCATOR_BYTES + ZIP64_END_BYTES;
  const tailStart = Math.max(0, source.sizeBytes - tailBytes);
  const view = viewOf(await source.read(tailStart, source.sizeBytes));
  const endRecord = findEnd(view);
  const zip64Record = endRecord - ZIP64_LOCATOR_BYTES - ZIP64_END_BYTES;
  const isZip64 =
    zip64Record >= 0 &&
    view.getUint32(endRecord - ZIP64_LOCATOR_BYTES, true) === ZIP64_LOCATOR_SIGNATURE &&
    view.getUint32(zip64Record, true) === ZIP64_END_SIGNATURE;
  const uint64 = (at: number): number => Number(view.getBigUint64(zip64Record + at, true));
  const uint32 = (at: number): number => view.getUint32(endRecord + at, true);
  const count = isZip64 ? uint64(32) : view.getUint16(endRecord + 10, true);
  const sizeBytes = isZip64 ? uint64(40) : uint32(12);
  const offset = isZip64 ? uint64(48) : uint32(16);
  const end = tailStart + (isZip64 ? zip64Record : endRecord);
  const start = end - sizeBytes;
  if (start < 0) throw invalidZip(archiveText.why.cutShort);
  // Writers that do not know zip64 count beyond 65,535 from 0 again.
  const isCount = (n: number): boolean => (isZip64 ? n === count : n % 2 ** 16 === count);
  return { start, end, shift: start - offset, isCount };
}

function findEnd(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--)
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  throw invalidZip(archiveText.why.noArchive);
}

/** Null where no whole entry lies at the offset. */
function readCentralEntry(
  view: DataView,
  offset: number,
  shift: number,
): { entry: CentralEntry; end: number } | null {
  if (offset + CENTRAL_BYTES > view.byteLength || view.getUint32(offset, true) !== CENTRAL_SIGNATURE)
    return null;
  const nameEnd = offset + CENTRAL_BYTES + view.getUint16(offset + 28, true);
  const extraEnd = nameEnd + view.getUint16(offset + 30, true);
  const end = extraEnd + view.getUint16(offset + 32, true);
  if (end > view.byteLength) return null;
  const name = new Uint8Array(
    view.buffer,
    view.byteOffset + offset + CENTRAL_BYTES,
    nameEnd - offset - CENTRAL_BYTES,
  );
  const path = decodeName(name);
  const entry: CentralEntry = {
    path,
    name: path,
    flags: view.getUint16(offset + 8, true),
    method: view.getUint16(offset + 10, true),
    crc: view.getUint32(offset + 16, true),
    packedSize: view.getUint32(offset + 20, true),
    size: view.getUint32(offset + 24, true),
    localOffset: view.getUint32(offset + 42, true),
    headerBytes: extraEnd - offset - CENTRAL_BYTES,
  };
  for (let at = nameEnd; at + EXTRA_HEADER_BYTES <= extraEnd;) {
    const bytes = view.getUint16(at + 2, true);
    const extra = new DataView(view.buffer, view.byteOffset + at + EXTRA_HEADER_BYTES, bytes);
    readExtra(view.getUint16(at, true), extra, name, entry);
    at += EXTRA_HEADER_BYTES + bytes;
  }
  entry.localOffset += shift;
  return { entry, end };
}

function readExtra(id: number, extra: DataView, name: Uint8Array, entry: CentralEntry): void {
  if (id === ZIP64_EXTRA) readZip64Sizes(extra, entry);
  else if (id === UNICODE_PATH_EXTRA) entry.path = readUnicodePath(extra, name) ?? entry.path;
}

/** Writers that stream put 64-bit sizes here although the file is small; only marked fields are present. */
function readZip64Sizes(extra: DataView, entry: CentralEntry): void {
  const FIELD_BYTES = 8;
  let field = 0;
  for (const key of ['size', 'packedSize', 'localOffset'] as const) {
    if (entry[key] !== ZIP64_MARK) continue;
    entry[key] = Number(extra.getBigUint64(field, true));
    field += FIELD_BYTES;
  }
}

/** Null where it belongs to another name: a program that knows nothing of it has renamed the file. */
function readUnicodePath(extra: DataView, name: Uint8Array): string | null {
  const NAME_OFFSET = 5;
  if (extra.byteLength <= NAME_OFFSET || extra.getUint32(1, true) !== crc32(name)) return null;
  const path = decodeUtf8(
    new Uint8Array(extra.buffer, extra.byteOffset + NAME_OFFSET, extra.byteLength - NAME_OFFSET),
  );
  return path?.replaceAll('\\', '/') ?? null;
}

function viewOf(bytes: Uint8Array<ArrayBuffer>): DataView<ArrayBuffer> {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
