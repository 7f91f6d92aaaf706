// The header that lies before a file in a zip. A zip is read by its table of contents, but programs that read it from
// its beginning go by these: where the two do not agree, somebody is to see one thing and unpack another. Pure.

import { archiveText } from './archive-text.ts';
import {
  EXTRA_HEADER_BYTES,
  invalidZip,
  ZIP64_EXTRA,
  ZIP64_MARK,
  type CentralEntry,
} from './zip-directory.ts';
import { decodeName } from './zip-names.ts';

/** Without name and extra fields. */
export const LOCAL_BYTES = 30;
export const FLAG_ENCRYPTED = 1;
/** Checksum and sizes were not known when the header was written: they follow the file. */
const FLAG_DESCRIPTOR = 8;
const LOCAL_SIGNATURE = 0x04034b50;
/** Of 64-bit sizes, here always two: unpacked, then packed. */
const ZIP64_SIZES_BYTES = 16;

/**
 * Names count as equal in whatever letters each is written: what says that they are UTF-8 differs among writers.
 * @param head from the header on, as far as it was read
 * @returns bytes from the beginning of the header to the packed ones
 * @throws AppError `archive-invalid` where it is none, or does not agree with the table of contents; RangeError
 */
export function readLocalHeader(head: Uint8Array<ArrayBuffer>, entry: CentralEntry): number {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE) throw invalidZip(archiveText.why.entryDamaged(entry.path));
  const nameEnd = LOCAL_BYTES + view.getUint16(26, true);
  const end = nameEnd + view.getUint16(28, true);
  const flags = view.getUint16(6, true);
  const isAgreed =
    decodeName(head.subarray(LOCAL_BYTES, nameEnd)) === entry.name &&
    view.getUint16(8, true) === entry.method &&
    ((flags ^ entry.flags) & FLAG_ENCRYPTED) === 0 &&
    (((flags | entry.flags) & FLAG_DESCRIPTOR) !== 0 || isMeasured(view, nameEnd, end, entry));
  if (!isAgreed) throw invalidZip(archiveText.why.otherHeader(entry.path));
  return end;
}

function isMeasured(view: DataView, extraStart: number, extraEnd: number, entry: CentralEntry): boolean {
  const large = findZip64Sizes(view, extraStart, extraEnd);
  const isSize = (at: number, largeAt: number, bytes: number): boolean => {
    const size = view.getUint32(at, true);
    if (size !== ZIP64_MARK) return size === bytes;
    // Some writers mark it without need, and nothing says what it is.
    return !large || Number(large.getBigUint64(largeAt, true)) === bytes;
  };
  return (
    view.getUint32(14, true) === entry.crc && isSize(18, 8, entry.packedSize) && isSize(22, 0, entry.size)
  );
}

/** Null where there are none, or not within what was read: what else is there may be padding of any kind. */
function findZip64Sizes(view: DataView, start: number, end: number): DataView | null {
  for (let at = start; at + EXTRA_HEADER_BYTES <= Math.min(end, view.byteLength);) {
    const fieldStart = at + EXTRA_HEADER_BYTES;
    const fieldEnd = fieldStart + view.getUint16(at + 2, true);
    const isThere = fieldEnd <= Math.min(end, view.byteLength) && fieldEnd - fieldStart >= ZIP64_SIZES_BYTES;
    if (view.getUint16(at, true) === ZIP64_EXTRA)
      return isThere ? new DataView(view.buffer, view.byteOffset + fieldStart, ZIP64_SIZES_BYTES) : null;
    at = fieldEnd;
  }
  return null;
}
