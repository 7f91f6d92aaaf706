// Puts a stream into a file of the person's: where the browser lends one, straight onto the disk and whole or not at
// all; else as a download, gathered in parts that the browser may keep on disk. May use the DOM.

import { AppError, isAbort } from '../core/errors.ts';
import { downloadBlob } from './download-blob.ts';
import { inputText as text } from './input-text.ts';

/** Written at a time: each write goes to another process. */
const CHUNK_BYTES = 2 ** 20;

/** A place for a file, chosen before there is anything to put there. */
export interface SaveTarget {
  /**
   * Takes the stream to its end. When the signal fires or the stream fails, there is no file, or the old one.
   * @returns the file's size in bytes
   * @throws AppError `file-unwritable`; what the stream throws; the reason of the signal
   */
  take(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<number>;
}

/** Not in every browser, and not in every version of the types. */
interface SavePicker {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
}

/** Not in every browser either. */
interface RemovableHandle extends FileSystemFileHandle {
  remove?: () => Promise<void>;
}

/** To be asked from a click. Null: the person wants none. */
export async function openSaveTarget(fileName: string): Promise<SaveTarget | null> {
  const picker = window as SavePicker;
  if (!picker.showSaveFilePicker) return downloadTarget(fileName);
  try {
    return fileTarget(await picker.showSaveFilePicker({ suggestedName: fileName }));
  } catch (error) {
    if (isAbort(error)) return null;
    // Forbidden in a frame, say: a download needs no leave.
    return downloadTarget(fileName);
  }
}

function fileTarget(handle: RemovableHandle): SaveTarget {
  return {
    async take(stream, signal) {
      const measured = measure();
      try {
        const file = await handle.createWritable();
        await stream.pipeThrough(measured.stream).pipeTo(file, { signal });
      } catch (error) {
        // Nothing of it is left to say that, and the reason is another.
        await removeEmpty(handle).catch(() => undefined);
        throw asUnwritable(error, signal);
      }
      return measured.sizeBytes();
    },
  };
}

/** The picker makes a new file at once; one that was there before has kept what it held. */
async function removeEmpty(handle: RemovableHandle): Promise<void> {
  if ((await handle.getFile()).size === 0) await handle.remove?.();
}

function downloadTarget(fileName: string): SaveTarget {
  return {
    async take(stream, signal) {
      const measured = measure();
      const parts: Blob[] = [];
      const gather = new WritableStream<Uint8Array<ArrayBuffer>>({
        write: (chunk) => void parts.push(new Blob([chunk])),
      });
      try {
        await stream.pipeThrough(measured.stream).pipeTo(gather, { signal });
      } catch (error) {
        throw asUnwritable(error, signal);
      }
      downloadBlob(fileName, new Blob(parts, { type: 'application/zip' }));
      return measured.sizeBytes();
    },
  };
}

/** Joins what comes into larger chunks, and counts it. */
function measure(): {
  stream: TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>;
  sizeBytes: () => number;
} {
  let waiting: Uint8Array[] = [];
  let nWaiting = 0;
  let total = 0;
  const joined = (): Uint8Array<ArrayBuffer> => {
    const whole = new Uint8Array(nWaiting);
    let at = 0;
    for (const chunk of waiting) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    waiting = [];
    nWaiting = 0;
    return whole;
  };
  const stream = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      waiting.push(chunk);
      nWaiting += chunk.length;
      total += chunk.length;
      if (nWaiting >= CHUNK_BYTES) controller.enqueue(joined());
    },
    flush: (controller) => controller.enqueue(joined()),
  });
  return { stream, sizeBytes: () => total };
}

function asUnwritable(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return error instanceof AppError
    ? error
    : new AppError(
        'file-unwritable',
        text.unwritable(error instanceof Error ? error.message : String(error)),
        {
          cause: error,
        },
      );
}
