// Tells what a file is from its first bytes; names and media types of files are not to be trusted.

import type { AudioContainer } from '../types.ts';

const ID3_HEADER_BYTES = 10;

function hasText(bytes: Uint8Array, offset: number, text: string): boolean {
  if (offset + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Length of a leading ID3v2 tag (28-bit size, seven bits a byte), 0 without one. */
export function id3TagLength(bytes: Uint8Array): number {
  if (!hasText(bytes, 0, 'ID3') || bytes.length < ID3_HEADER_BYTES) return 0;
  let size = 0;
  for (let i = 6; i < ID3_HEADER_BYTES; i++) size = (size << 7) | ((bytes[i] ?? 0) & 0x7f);
  return ID3_HEADER_BYTES + size;
}

/** MPEG audio frame header: 11 sync bits, then version, layer, bit rate and rate that are not reserved. */
function isMpegFrame(bytes: Uint8Array): boolean {
  const [sync = 0, kind = 0, rates = 0] = bytes;
  const version = (kind >> 3) & 3;
  const layer = (kind >> 1) & 3;
  return (
    sync === 0xff &&
    kind >= 0xe0 &&
    version !== 1 &&
    layer !== 0 &&
    rates >> 4 !== 15 &&
    ((rates >> 2) & 3) !== 3
  );
}

/** AAC in ADTS frames: 12 sync bits and layer 0. It is AAC like that of an m4a file, and read by the same decoder. */
function isAdtsFrame(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xf6) === 0xf0;
}

/**
 * The container of a sound file by its magic bytes, or null when it is none of ours.
 * @param bytes the file, or its beginning; behind an ID3 tag, FLAC is recognised only if the tag is included
 */
export function sniffContainer(bytes: Uint8Array): AudioContainer | null {
  if (
    (hasText(bytes, 0, 'RIFF') || hasText(bytes, 0, 'RF64') || hasText(bytes, 0, 'BW64')) &&
    hasText(bytes, 8, 'WAVE')
  )
    return 'wav';
  if (hasText(bytes, 0, 'fLaC')) return 'flac';
  if (hasText(bytes, 0, 'ID3')) return hasText(bytes, id3TagLength(bytes), 'fLaC') ? 'flac' : 'mp3';
  if (hasText(bytes, 0, 'OggS')) return 'ogg';
  if (hasText(bytes, 4, 'ftyp')) return 'm4a';
  if (bytes[0] === 0x1a && bytes[1] === 0x45 && bytes[2] === 0xdf && bytes[3] === 0xa3) return 'webm';
  if (isMpegFrame(bytes)) return 'mp3';
  if (isAdtsFrame(bytes)) return 'm4a';
  return null;
}
