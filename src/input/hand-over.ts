// The moment in which files are handed over: by a picker, a drop or a paste. May use the DOM.

import { createPace } from './breathe.ts';
import { foundFile, type FoundFile, type HandOver } from './found-file.ts';
import { walkEntries } from './walk-folders.ts';

/** A person who drops more single things than this drops them again rather than waiting for their handles. */
const MAX_HANDLES = 100;

/** Where the browser can lend what was dropped beyond the event (Chromium). */
interface LendingItem extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** Files from a picker or a paste; a folder picker's files carry their path. The list is taken at once. */
export async function fromFileList(list: Iterable<File>): Promise<HandOver> {
  const taken = Array.from(list);
  const files: FoundFile[] = [];
  const pace = createPace();
  for (const file of taken) {
    // The browser asks the disk for each file's size.
    files.push(foundFile(file));
    await pace();
  }
  return { files, skipped: [], handles: [] };
}

/**
 * Files and folders of a drop. Call it in the event itself: the items are gone after the first await,
 * so every entry is taken hold of before that.
 */
export async function fromDataTransfer(transfer: DataTransfer): Promise<HandOver> {
  const folders: FileSystemDirectoryEntry[] = [];
  const loose: File[] = [];
  const lent: Promise<FileSystemHandle | null>[] = [];
  const items = Array.from(transfer.items).filter(({ kind }) => kind === 'file');
  for (const item of items) {
    if (items.length <= MAX_HANDLES) lent.push(borrow(item));
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory) folders.push(entry as FileSystemDirectoryEntry);
    else {
      const file = item.getAsFile();
      if (file) loose.push(file);
    }
  }
  const { files } = await fromFileList(loose);
  const walked = await walkEntries(folders);
  const handles = (await Promise.all(lent)).filter((handle) => handle !== null);
  return {
    files: files.concat(walked.files),
    skipped: walked.skipped,
    // Part of them would bring back part of the files.
    handles: handles.length === items.length ? handles : [],
  };
}

/** Null where the browser lends nothing. */
async function borrow(item: LendingItem): Promise<FileSystemHandle | null> {
  try {
    return (await item.getAsFileSystemHandle?.()) ?? null;
  } catch {
    return null;
  }
}
