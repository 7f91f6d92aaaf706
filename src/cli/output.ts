// Files that a command writes: whole or not at all, and refused before the work when they cannot be written.

import { access, constants, open, rename, stat, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from './args.ts';

/** Text did not reach the place where it was to go: shown as one line. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/** Where text goes piece by piece. */
export interface Output {
  /** @throws OutputError */
  write(text: string): Promise<void>;
  /** There is no more to write. Call once, also after a write that failed. @throws OutputError */
  finish(): Promise<void>;
}

/** @throws UsageError when a file cannot be made there; called before hours are spent on its content */
export async function checkWritable(path: string): Promise<void> {
  const stats = await stat(path).catch(() => null);
  if (stats?.isDirectory()) throw new UsageError(`"${path}" is a folder, not a file to write to`);
  // It would be replaced by a file of its name: bad for a device.
  if (stats?.isFile() === false) throw new UsageError(`"${path}" is not a file to write to`);
  const folder = dirname(resolve(path));
  try {
    await access(folder, constants.W_OK);
  } catch {
    throw new UsageError(`"${path}" cannot be written: there is no writable folder "${folder}"`);
  }
}

/** Beside its place, so that moving it there is one step and nobody ever reads half of it. */
const partialPath = (path: string): string => `${path}.${String(process.pid)}.partial`;

/** Writes beside the file and moves it in place. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const partial = partialPath(path);
  try {
    await writeFile(partial, content);
    await rename(partial, path);
  } catch (error) {
    await unlink(partial).catch(() => undefined);
    throw error;
  }
}

/** A file that grows beside its place and is moved there when it is finished; after a failure it is left where it is. */
export class GrowingFile implements Output {
  readonly #path: string;
  readonly #file: FileHandle;
  /** Once a write failed there is a hole: nothing more is written. */
  #failure: OutputError | null = null;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** @throws OutputError */
  static async create(path: string): Promise<GrowingFile> {
    try {
      return new GrowingFile(path, await open(partialPath(path), 'w'));
    } catch (error) {
      throw new OutputError(`"${path}" could not be written (${messageOf(error)}).`);
    }
  }

  async write(text: string): Promise<void> {
    await this.#attempt(() => this.#file.writeFile(text));
  }

  async finish(): Promise<void> {
    try {
      await this.#attempt(() => this.#file.sync());
    } finally {
      await this.#file.close();
    }
    await this.#attempt(() => rename(partialPath(this.#path), this.#path));
  }

  async #attempt(step: () => Promise<void>): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    try {
      await step();
    } catch (error) {
      this.#failure = new OutputError(
        `"${this.#path}" could not be written (${messageOf(error)}); what was is in "${partialPath(this.#path)}".`,
      );
      throw this.#failure;
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Standard output, at its reader's pace. */
export class StandardOutput implements Output {
  constructor() {
    // A reader that went away is told to whoever writes next; without a listener it would end the process.
    process.stdout.on('error', () => undefined);
  }

  write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => {
        if (error) reject(new OutputError(`Standard output could not be written (${error.message}).`));
        else resolve();
      });
    });
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }
}
