// The service worker: keeps the whole app on the device, so that it opens and trains without a network. Glue only:
// the build writes the list of files, Workbox keeps them. A new version waits until the last tab is closed, so that
// nothing under way loses the code it was begun with.

import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
  type PrecacheEntry,
} from 'workbox-precaching';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] };

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();

/** Every page is the one page: its address is behind the `#`. */
const entry = createHandlerBoundToURL('index.html');

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.mode === 'navigate' && isApp(new URL(request.url)))
    event.respondWith(entry({ request, event, url: new URL(request.url) }));
});

// The first visit works offline, too, without a reload.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

function isApp({ origin, pathname }: URL): boolean {
  return origin === self.location.origin && pathname === new URL(self.registration.scope).pathname;
}
