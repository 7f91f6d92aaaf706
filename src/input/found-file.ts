// What a person handed over, before it is sorted: each file with the path it lay at. Nothing is read here;
// a file is read when it is its turn, so that memory does not grow with their number. May use the DOM.

import { plainText } from '../core/plain-text.ts';
import type { SkippedFile } from '../core/report/results-json.ts';

/** A file that can be read when it is its turn. */
export interface FoundFile {
  /** As it is shown and looked up; with the dropped folder's name, and the zip's where it lies in one: `ward/set.zip/normal/a.wav`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970; of a file in a zip, the zip's. */
  readonly lastModified: number;
  /** @throws AppError `archive-invalid`, `file-unreadable`; may be called again */
  read(): Promise<File>;
}

export interface HandOver {
  readonly files: readonly FoundFile[];
  /** What could not even be looked at. */
  readonly skipped: readonly SkippedFile[];
  /** Of the dropped files and folders, where the browser lends them for later; else none. */
  readonly handles: readonly FileSystemHandle[];
}

/** A file that lies on disk, or that the program made. */
export function foundFile(file: File, path: string = file.webkitRelativePath || file.name): FoundFile {
  return new DiskFile(file, plainText(path));
}

/** A class, because there may be thousands: each would have a closure of its own. */
class DiskFile implements FoundFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly lastModified: number;
  readonly #file: File;

  constructor(file: File, path: string) {
    this.path = path;
    this.sizeBytes = file.size;
    this.lastModified = file.lastModified;
    this.#file = file;
  }

  read(): Promise<File> {
    return Promise.resolve(this.#file);
  }
}
