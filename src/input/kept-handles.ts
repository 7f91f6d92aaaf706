// Files and folders that the browser lent at a drop, taken up again after a reload. Only Chromium lends them, and
// it asks the person before it gives them back. May use the DOM.

import { foundFile, type FoundFile, type HandOver } from './found-file.ts';
import { walkHandles, type FolderHandle } from './walk-folders.ts';

interface AskedHandle extends FileSystemHandle {
  queryPermission?(descriptor: { mode: 'read' }): Promise<PermissionState>;
  requestPermission?(descriptor: { mode: 'read' }): Promise<PermissionState>;
}

/**
 * The same list that the drop gave. Call it in a click: the browser asks for permission only then.
 * @returns null when it is not given, or one of them is not there any more: then they have to be dropped again
 */
export async function reopenHandles(handles: readonly FileSystemHandle[]): Promise<HandOver | null> {
  const folders: FolderHandle[] = [];
  const loose: FoundFile[] = [];
  for (const handle of handles) {
    if (!(await isReadable(handle))) return null;
    if (isFolder(handle)) folders.push({ handle, path: handle.name });
    else {
      const file = await (handle as FileSystemFileHandle).getFile().catch(() => null);
      if (file === null) return null;
      loose.push(foundFile(file, handle.name));
    }
  }
  const { files, skipped } = await walkHandles(folders);
  const isGone = (folder: FolderHandle): boolean => skipped.some(({ fileName }) => fileName === folder.path);
  if (folders.some(isGone)) return null;
  return { files: loose.concat(files), skipped, handles };
}

async function isReadable(handle: AskedHandle): Promise<boolean> {
  const mode = { mode: 'read' } as const;
  try {
    if ((await handle.queryPermission?.(mode)) === 'granted') return true;
    return (await handle.requestPermission?.(mode)) === 'granted';
  } catch {
    // Asked for outside a click.
    return false;
  }
}

function isFolder(handle: FileSystemHandle): handle is FileSystemDirectoryHandle {
  return handle.kind === 'directory';
}
