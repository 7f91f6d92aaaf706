// Makes the checksums of altered files right again, as somebody who means harm would: behind them lies the code that
// trusts what it reads. In place; what is too damaged to be found is left as it is.
// May import: core/archive/crc32, core/audio/flac-bits.

import { crc32 } from '../core/archive/crc32.ts';
import { crc16, crc8 } from '../core/audio/flac-bits.ts';

/** Frames are taken to end where the next one begins. */
export function refitFlac(bytes: Uint8Array): void {
  const starts: number[] = [];
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1))
    if (((bytes[at + 1] ?? 0) & 0xfe) === 0xf8 && at > 42) starts.push(at);
  for (const [i, start] of starts.entries()) {
    const headEnd = start + flacHeadBytes(bytes, start);
    const end = (starts[i + 1] ?? bytes.length) - 2;
    if (headEnd >= end) continue;
    bytes[headEnd] = crc8(bytes, start, headEnd);
    const crc = crc16(bytes, start, end);
    bytes[end] = crc >> 8;
    bytes[end + 1] = crc & 0xff;
  }
}

/** Up to its checksum: four bytes, the coded number, and what the codes of block size and rate leave to be told. */
function flacHeadBytes(bytes: Uint8Array, start: number): number {
  const [, , codes = 0, , first = 0] = bytes.subarray(start, start + 5);
  const numberBytes = Math.max(1, Math.clz32(~(first << 24)));
  const [block, rate] = [codes >> 4, codes & 15];
  const blockBytes = block === 6 ? 1 : block === 7 ? 2 : 0;
  const rateBytes = rate === 12 ? 1 : rate === 13 || rate === 14 ? 2 : 0;
  return 4 + numberBytes + blockBytes + rateBytes;
}

const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/** Where the header of a file says what the table of contents says: method, time, checksum and sizes, in that order. */
const [CENTRAL_FACTS, LOCAL_FACTS, FACTS_BYTES] = [10, 8, 18];

/** Entries that are stored as they are; each header agrees with the table of contents afterwards. */
export function refitZip(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 46 <= bytes.length; at++) {
    if (bytes[at] !== 0x50 || view.getUint32(at, true) !== CENTRAL || view.getUint16(at + 10, true) !== 0)
      continue;
    const local = view.getUint32(at + 42, true);
    if (local + 30 > bytes.length || view.getUint32(local, true) !== LOCAL) continue;
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const size = view.getUint32(at + 20, true);
    if (start + size <= bytes.length)
      view.setUint32(at + 16, crc32(bytes.subarray(start, start + size)), true);
    bytes.copyWithin(local + LOCAL_FACTS, at + CENTRAL_FACTS, at + CENTRAL_FACTS + FACTS_BYTES);
    const nameBytes = view.getUint16(at + 28, true);
    if (nameBytes === view.getUint16(local + 26, true))
      bytes.copyWithin(local + 30, at + 46, Math.min(bytes.length, at + 46 + nameBytes));
  }
}

/** The header has no record within it: it ends with the first brace. */
export function refitReplay(bytes: Uint8Array): void {
  if (bytes.length < 12) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.indexOf('}'.charCodeAt(0));
  if (end > 12) view.setUint32(4, end + 1 - 12, true);
  view.setUint32(8, crc32(bytes.subarray(12)), true);
}
