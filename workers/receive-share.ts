// Files that another program shares with this one, as the system posts them to the service worker: put where the page
// finds them, and the page opened on them. Nothing is sent to any server. See src/input/shared-files.ts.

import {
  readShareAddress,
  SHARE_CACHE,
  SHARE_FIELD,
  SHARE_LOST,
  SHARE_PARAMETER,
  shareAddress,
} from '../src/core/share-address.ts';

/** What no page has fetched within this time, milliseconds, is never fetched. */
const FORGOTTEN_AFTER_MS = 3_600_000;

/** @param scope address of the program, ending in `/` */
export async function receiveShare(request: Request, scope: string): Promise<Response> {
  const open = (id: string): Response => Response.redirect(`${scope}?${SHARE_PARAMETER}=${id}#/predict`, 303);
  try {
    const fields = (await request.formData()).getAll(SHARE_FIELD);
    const files = fields.filter((field) => field instanceof File);
    return open(files.length === 0 ? SHARE_LOST : await keep(files, scope));
  } catch {
    // The form is damaged, or there is no room for it: the page says so and offers its picker.
    return open(SHARE_LOST);
  }
}

async function keep(files: readonly File[], scope: string): Promise<string> {
  const cache = await caches.open(SHARE_CACHE);
  const sharedAt = Date.now();
  for (const { url } of await cache.keys())
    // Either way: a clock that was set back makes nothing immortal.
    if (Math.abs(sharedAt - readShareAddress(url).sharedAt) > FORGOTTEN_AFTER_MS) await cache.delete(url);
  const id = crypto.randomUUID();
  for (const [index, file] of files.entries()) {
    const { name: fileName, lastModified } = file;
    await cache.put(
      shareAddress(scope, { id, index, fileName, lastModified, sharedAt }),
      new Response(file, { headers: { 'Content-Type': file.type } }),
    );
  }
  return id;
}
