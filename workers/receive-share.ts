// Files that another program shares with this one, as the system posts them to the service worker: put where the page
// finds them, and a page told of them, which asks before it listens. Nothing is sent to any server.
// See src/input/shared-files.ts.

import {
  readShareAddress,
  SHARE_CACHE,
  SHARE_FIELD,
  SHARE_MESSAGE,
  SHARE_PARAMETER,
  shareAddress,
  type ShareMessage,
  type ShareRefusal,
} from '../src/core/share-address.ts';

/** What nobody has answered for within this time, milliseconds, goes. */
const FORGOTTEN_AFTER_MS = 86_400_000;

/** A page that is open says within this time, milliseconds, that it has heard of the share. */
const HEARD_WITHIN_MS = 2000;

/**
 * @param scope address of the program, ending in `/`
 * @param page of the program, in the window that the share came to: it stays, with what is under way in it; null: none
 */
export async function receiveShare(request: Request, scope: string, page: Client | null): Promise<Response> {
  const outcome = await keepShare(request, scope);
  if (page && (await hears(page, outcome))) return new Response(null, { status: 204 });
  return Response.redirect(`${scope}?${SHARE_PARAMETER}=${outcome}#/predict`, 303);
}

/** Removes what has waited for too long. Never rejects: what cannot be removed now is removed another time. */
export async function forgetOldShares(): Promise<void> {
  try {
    if (!(await caches.has(SHARE_CACHE))) return;
    const cache = await caches.open(SHARE_CACHE);
    const now = Date.now();
    for (const { url } of await cache.keys())
      // Either way: a clock that was set back makes nothing immortal.
      if (Math.abs(now - readShareAddress(url).sharedAt) > FORGOTTEN_AFTER_MS) await cache.delete(url);
  } catch {
    // A browser that is short of room, or clears its storage just now.
  }
}

/** @returns the id of what waits now, or a `ShareRefusal` */
async function keepShare(request: Request, scope: string): Promise<string> {
  try {
    if (isForeign(request, scope)) return 'foreign' satisfies ShareRefusal;
    const fields = (await request.formData()).getAll(SHARE_FIELD);
    const files = fields.filter((field) => field instanceof File);
    if (files.length === 0) return 'lost' satisfies ShareRefusal;
    await forgetOldShares();
    return await keep(files, scope);
  } catch (error) {
    // There is no room for it, or the form is damaged: the page says so and offers its picker.
    const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
    return (isFull ? 'full' : 'lost') satisfies ShareRefusal;
  }
}

/**
 * The system says nothing of where a share comes from. A website says it, unless it hides that: then it looks like
 * the system, which is why a tab of the browser asks.
 */
function isForeign({ headers, referrer }: Request, scope: string): boolean {
  const own = new URL(scope).origin;
  return [headers.get('Origin') ?? '', referrer].some(
    (from) => /^https?:/.test(from) && new URL(from).origin !== own,
  );
}

/** All of them, or none. @returns the id of the share */
async function keep(files: readonly File[], scope: string): Promise<string> {
  const cache = await caches.open(SHARE_CACHE);
  const sharedAt = Date.now();
  const id = crypto.randomUUID();
  const kept: string[] = [];
  try {
    for (const [index, file] of files.entries()) {
      const { name: fileName, lastModified } = file;
      const address = shareAddress(scope, { id, index, fileName, lastModified, sharedAt });
      await cache.put(address, new Response(file, { headers: { 'Content-Type': file.type } }));
      kept.push(address);
    }
    return id;
  } catch (error) {
    for (const address of kept) await cache.delete(address);
    throw error;
  }
}

/** Whether the page answers: one of an earlier version of the program, or one that is frozen, does not. */
async function hears(page: Client, outcome: string): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<boolean>((resolve) => {
    port1.onmessage = () => resolve(true);
    setTimeout(() => resolve(false), HEARD_WITHIN_MS);
  });
  page.postMessage({ type: SHARE_MESSAGE, outcome } satisfies ShareMessage, [port2]);
  const isHeard = await answer;
  port1.close();
  return isHeard;
}
