// The service worker: keeps the whole app on the device, so that it opens and trains without a network, and takes what
// other programs share with it. Glue only: the build writes the list of files, Workbox keeps them.
// A new version waits until a person takes it. Then a tab of the earlier version may still be open, with work under way
// and code that it has not loaded yet: files of earlier versions stay until no such tab is left.

import { PrecacheController, type PrecacheEntry } from 'workbox-precaching';
import { SHARE_PATH } from '../src/core/share-address.ts';
import { forgetOldShares, receiveShare } from './receive-share.ts';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] };

const program = new PrecacheController();
program.addToCacheList(self.__WB_MANIFEST);
/** Every page is the one page: its address is behind the `#`. */
const entry = program.createHandlerBoundToURL('index.html');

self.addEventListener('install', (event) => event.waitUntil(program.install(event)));

// The first visit works offline, too, without a reload.
self.addEventListener('activate', (event) =>
  event.waitUntil(Promise.all([self.clients.claim(), forgetOldShares()])),
);

self.addEventListener('message', (event) => {
  const { type } = (event.data ?? {}) as { type?: unknown };
  if (type === 'SKIP_WAITING') event.waitUntil(self.skipWaiting());
  else if (type === 'TIDY') event.waitUntil(tidy(event));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const path = pathOf(url);
  if (path === null) return;
  const cacheKey = program.getCacheKeyForURL(url.href);
  if (request.method === 'POST' && path === SHARE_PATH) event.respondWith(takeShare(event));
  else if (request.method !== 'GET') return;
  else if (request.mode === 'navigate' && path === '') event.respondWith(entry({ request, event, url }));
  else if (cacheKey !== undefined)
    event.respondWith(program.strategy.handle({ request, event, params: { cacheKey } }));
  else if (path.startsWith('assets/')) event.respondWith(earlier(request));
});

/** In Chromium `clientId` is the page that the answer would take the place of, whoever asked for it. */
async function takeShare({ request, clientId }: FetchEvent): Promise<Response> {
  const client = clientId === '' ? undefined : await self.clients.get(clientId);
  const isOurs = client?.type === 'window' && pathOf(new URL(client.url)) !== null;
  return receiveShare(request, self.registration.scope, isOurs ? client : null);
}

/** Below the program's own address; null: not ours. */
function pathOf({ origin, pathname }: URL): string | null {
  const scope = new URL(self.registration.scope);
  const isOurs = origin === scope.origin && pathname.startsWith(scope.pathname);
  return isOurs ? pathname.slice(scope.pathname.length) : null;
}

/** A file of an earlier version: its name changes with its content, so it is the right one for whoever asks. */
async function earlier(request: Request): Promise<Response> {
  const cache = await caches.open(program.strategy.cacheName);
  return (await cache.match(request)) ?? fetch(request);
}

/** Asked for by a page of this version: where it is the only one, nobody needs files of other versions. */
async function tidy(event: ExtendableEvent): Promise<void> {
  await forgetOldShares();
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const { installing, waiting } = self.registration;
  // A newer version that is here or on its way keeps its files in the same cache.
  if (windows.length === 1 && !installing && !waiting) await program.activate(event);
}
