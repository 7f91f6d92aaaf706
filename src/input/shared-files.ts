// Files that were shared with the program, where workers/receive-share.ts has put them until it is said whether they are
// listened to: listed, taken from there by one page and by no other, or removed. May use the DOM.

import { plainText } from '../core/plain-text.ts';
import { readShareAddress, SHARE_CACHE } from '../core/share-address.ts';
import { foundFile, type FoundFile, type HandOver } from './found-file.ts';

export interface SharedFile {
  /** Where it lies. */
  address: string;
  /** Of all files that were shared together. */
  shareId: string;
  /** Fit to be shown. */
  name: string;
}

/** What waits, in the order in which it was shared. @throws Error when the browser does not say */
export async function listSharedFiles(): Promise<SharedFile[]> {
  const cache = await caches.open(SHARE_CACHE);
  const waiting = (await cache.keys()).map(({ url }) => ({ address: url, ...readShareAddress(url) }));
  waiting.sort((a, b) => a.sharedAt - b.sharedAt || a.index - b.index);
  return waiting.map(({ address, id, fileName }) => ({ address, shareId: id, name: plainText(fileName) }));
}

/** Those of them that no other page has taken or removed. @throws Error like `listSharedFiles` */
export async function takeSharedFiles(shared: readonly SharedFile[]): Promise<HandOver> {
  const cache = await caches.open(SHARE_CACHE);
  const read: [address: string, file: File][] = [];
  for (const { address } of shared) {
    const blob = await (await cache.match(address))?.blob();
    const { fileName, lastModified } = readShareAddress(address);
    if (blob) read.push([address, new File([blob], fileName, { type: blob.type, lastModified })]);
  }
  const files: FoundFile[] = [];
  // Of two pages that take it, one gets it.
  for (const [address, file] of read) if (await cache.delete(address)) files.push(foundFile(file));
  return { files, skipped: [], handles: [] };
}

/** @throws Error like `listSharedFiles` */
export async function removeSharedFiles(shared: readonly SharedFile[]): Promise<void> {
  const cache = await caches.open(SHARE_CACHE);
  for (const { address } of shared) await cache.delete(address);
}
