// A model that was handed over as a zip or as a folder, from files to checked parts. Only files that a model folder
// has are read, each within its bound, whatever else lies there. Page side: may use the DOM, core/archive and core/model.

import type { ZipEntry } from '../core/archive/zip.ts';
import {
  importInvalid,
  MODEL_FILES,
  modelFileName,
  parseModelFolder,
  type ModelFileName,
  type ModelFolder,
} from '../core/model/model-folder.ts';
import type { FoundFile, HandOver } from './found-file.ts';
import { inputText } from './input-text.ts';
import { byteSource } from './byte-source.ts';
import { readBytes } from './read-bytes.ts';

/** A file that may be part of a model. */
interface Part {
  path: string;
  sizeBytes: number;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * @throws AppError `import-invalid`, `manifest-invalid`, `model-invalid`, `archive-invalid`, `archive-encrypted`,
 *   `file-unreadable`
 */
export async function readModel({ files }: HandOver): Promise<ModelFolder> {
  const parts = await partsOf(files);
  const contents = new Map<ModelFileName, Uint8Array<ArrayBuffer>>();
  for (const part of ofOneFolder(parts)) {
    const name = modelFileName(part.path);
    if (name === null) continue;
    refuseTooLarge(name, part.sizeBytes);
    contents.set(name, await part.read());
  }
  const decoder = new TextDecoder();
  return parseModelFolder(contents, (bytes) => decoder.decode(bytes));
}

async function partsOf(files: readonly FoundFile[]): Promise<Part[]> {
  const [only] = files;
  if (files.length === 1 && only && !only.path.endsWith('.json')) return await unzip(only);
  return files.map((file) => ({
    path: file.path,
    sizeBytes: file.sizeBytes,
    read: async () => new Uint8Array(await readBytes(await file.read(), file.path)),
  }));
}

async function unzip(archive: FoundFile): Promise<Part[]> {
  const { openZip } = await import('../core/archive/zip.ts');
  const file = await archive.read();
  const entries = await openZip(byteSource(file), () => new DecompressionStream('deflate-raw'));
  return entries.map(({ path, sizeBytes, unpack }: ZipEntry) => ({ path, sizeBytes, read: unpack }));
}

/** The files beside the one manifest: a zip may have a folder around them, and things beside that. */
function ofOneFolder(parts: readonly Part[]): readonly Part[] {
  const manifests = parts.filter(({ path }) => modelFileName(path) === 'manifest.json');
  const [manifest] = manifests;
  if (!manifest) throw importInvalid(inputText.model.none);
  if (manifests.length > 1) throw importInvalid(inputText.model.several(manifests.length));
  const folder = folderOf(manifest.path);
  const own = parts.filter(({ path }) => folderOf(path) === folder);
  const names = own.map(({ path }) => path);
  if (new Set(names).size < names.length) throw importInvalid(inputText.model.twoOfOneName);
  return own;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function refuseTooLarge(name: ModelFileName, sizeBytes: number): void {
  const most = MODEL_FILES[name];
  if (sizeBytes > most)
    throw importInvalid(inputText.model.tooLarge(name, Math.ceil(sizeBytes / 2 ** 20), most / 2 ** 20));
}
