// Walks dropped folders of any depth: several at a time, because each answer of the browser takes a while, and
// bounded, because a drop may hold a hundred thousand. What cannot be read is listed, and the walk goes on.
// May use the DOM.

import type { SkippedFile } from '../core/report/results-json.ts';
import { breathe, createPace } from './breathe.ts';
import { foundFile, type FoundFile } from './found-file.ts';
import { inputText } from './input-text.ts';

/** What lies directly in a folder. */
interface FolderContents<Folder> {
  files: FoundFile[];
  folders: Folder[];
  skipped: SkippedFile[];
}

/** A folder that the File System Access API gave, and its path from the dropped one on. */
export interface FolderHandle {
  handle: FileSystemDirectoryHandle;
  path: string;
}

const FOLDERS_AT_A_TIME = 4;
/**
 * Files of one folder that are asked for at a time: the browser answers all of these in one task of the page's
 * thread, at about half a millisecond each.
 */
const FILES_AT_A_TIME = 8;

type Pace = ReturnType<typeof createPace>;

type Walked = Omit<FolderContents<never>, 'folders'>;

export function walkEntries(roots: readonly FileSystemDirectoryEntry[]): Promise<Walked> {
  return walk(roots, listEntry, (entry) => entry.fullPath.replace(/^\//, ''));
}

export function walkHandles(roots: readonly FolderHandle[]): Promise<Walked> {
  return walk(roots, listHandle, ({ path }) => path);
}

async function walk<Folder>(
  roots: readonly Folder[],
  list: (folder: Folder, pace: Pace) => Promise<FolderContents<Folder>>,
  pathOf: (folder: Folder) => string,
): Promise<Walked> {
  const walked: Walked = { files: [], skipped: [] };
  const pending = [...roots];
  const pace = createPace();
  const listOrSkip = (folder: Folder): Promise<FolderContents<Folder>> =>
    list(folder, pace).catch(() => ({
      files: [],
      folders: [],
      skipped: [{ fileName: pathOf(folder), reason: inputText.unreadable }],
    }));
  while (pending.length > 0) {
    const listed = await Promise.all(pending.splice(-FOLDERS_AT_A_TIME).map(listOrSkip));
    for (const { files, folders, skipped } of listed) {
      // One by one: a folder may hold more files than a call takes arguments.
      for (const file of files) walked.files.push(file);
      for (const folder of folders) pending.push(folder);
      walked.skipped.push(...skipped);
    }
  }
  return walked;
}

async function listEntry(
  folder: FileSystemDirectoryEntry,
  pace: Pace,
): Promise<FolderContents<FileSystemDirectoryEntry>> {
  const contents: FolderContents<FileSystemDirectoryEntry> = { files: [], folders: [], skipped: [] };
  const reader = folder.createReader();
  // A reader hands out its entries in portions and says that it is done with an empty one.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (portion.length === 0) return contents;
    const files: FileSystemFileEntry[] = [];
    for (const entry of portion) {
      if (entry.isDirectory) contents.folders.push(entry as FileSystemDirectoryEntry);
      else files.push(entry as FileSystemFileEntry);
    }
    await takeFiles(contents, pace, files, (entry) => ({
      path: entry.fullPath.replace(/^\//, ''),
      file: new Promise<File>((resolve, reject) => {
        entry.file(resolve, reject);
      }),
    }));
  }
}

async function listHandle({ handle, path }: FolderHandle, pace: Pace): Promise<FolderContents<FolderHandle>> {
  const contents: FolderContents<FolderHandle> = { files: [], folders: [], skipped: [] };
  let portion: FileSystemFileHandle[] = [];
  const takePortion = (): Promise<void> =>
    takeFiles(contents, pace, portion, (child) => ({ path: `${path}/${child.name}`, file: child.getFile() }));
  for await (const child of handle.values()) {
    if (child.kind === 'directory') contents.folders.push({ handle: child, path: `${path}/${child.name}` });
    else portion.push(child);
    if (portion.length < FILES_AT_A_TIME) continue;
    await takePortion();
    portion = [];
  }
  await takePortion();
  return contents;
}

async function takeFiles<Handle>(
  contents: Walked,
  pace: Pace,
  handles: readonly Handle[],
  open: (handle: Handle) => { path: string; file: Promise<File> },
): Promise<void> {
  for (let from = 0; from < handles.length; from += FILES_AT_A_TIME) {
    const opened = handles.slice(from, from + FILES_AT_A_TIME).map(open);
    const files = await Promise.allSettled(opened.map(({ file }) => file));
    for (const [i, outcome] of files.entries()) {
      const path = opened[i]?.path ?? '';
      // The browser asks the disk for each file's size.
      if (outcome.status === 'fulfilled') contents.files.push(foundFile(outcome.value, path));
      else contents.skipped.push({ fileName: path, reason: inputText.unreadable });
      await pace();
    }
    // As long as an answer is under way when the last one is taken, the browser stays in the same task.
    await breathe();
  }
}
