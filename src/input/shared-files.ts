// Files that were shared with the program, where workers/receive-share.ts has put them: taken from there by the page
// that was opened on them, and by no other. May use the DOM.

import { AppError } from '../core/errors.ts';
import { readShareAddress, SHARE_CACHE } from '../core/share-address.ts';
import { foundFile, type FoundFile, type HandOver } from './found-file.ts';
import { inputText } from './input-text.ts';

/**
 * @param id of what was shared together
 * @throws AppError `share-lost` when nothing of it is there, or no more
 */
export async function takeSharedFiles(id: string): Promise<HandOver> {
  const files: FoundFile[] = [];
  try {
    const cache = await caches.open(SHARE_CACHE);
    const found = (await cache.keys())
      .map((request) => ({ request, ...readShareAddress(request.url) }))
      .filter((one) => one.id === id)
      .sort((a, b) => a.index - b.index);
    for (const { request, fileName, lastModified } of found) {
      const blob = await (await cache.match(request))?.blob();
      // Of two pages that were opened on it, one gets it.
      if (!blob || !(await cache.delete(request))) continue;
      files.push(foundFile(new File([blob], fileName, { type: blob.type, lastModified })));
    }
  } catch (cause) {
    throw new AppError('share-lost', inputText.shareLost, { cause });
  }
  if (files.length === 0) throw new AppError('share-lost', inputText.shareLost);
  return { files, skipped: [], handles: [] };
}
