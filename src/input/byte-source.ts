// A file on disk as archives are read: where it lies, a part at a time. May use the DOM.

import type { ByteSource } from '../core/archive/zip.ts';
import { readBytes } from './read-bytes.ts';

export function byteSource(file: File): ByteSource {
  return {
    sizeBytes: file.size,
    read: async (from, to) => new Uint8Array(await readBytes(file.slice(from, to), file.name)),
  };
}
