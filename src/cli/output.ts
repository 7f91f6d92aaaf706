// Files that a command writes: whole or not at all, and refused before the work when they cannot be written.

import { access, constants, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from './args.ts';

/** @throws UsageError when a file cannot be made there; called before hours are spent on its content */
export async function checkWritable(path: string): Promise<void> {
  const stats = await stat(path).catch(() => null);
  if (stats?.isDirectory()) throw new UsageError(`"${path}" is a folder, not a file to write to`);
  const folder = dirname(resolve(path));
  try {
    await access(folder, constants.W_OK);
  } catch {
    throw new UsageError(`"${path}" cannot be written: there is no writable folder "${folder}"`);
  }
}

/** Writes beside the file and moves it in place, so that nobody ever reads half of it. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const partial = `${path}.${String(process.pid)}.partial`;
  try {
    await writeFile(partial, content);
    await rename(partial, path);
  } catch (error) {
    await unlink(partial).catch(() => undefined);
    throw error;
  }
}
