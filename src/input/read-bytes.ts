// Reads a file or a part of it, and says so in words when it is not there any more. May use the DOM and core.

import { AppError, isAbort } from '../core/errors.ts';
import { inputText } from './input-text.ts';

/** @throws AppError `file-unreadable` */
export async function readBytes(blob: Blob, name: string): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer();
  } catch (cause) {
    if (isAbort(cause)) throw cause;
    throw new AppError('file-unreadable', inputText.unreadableFile(name), { cause });
  }
}
