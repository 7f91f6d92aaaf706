// The service worker as the page sees it: registered, it keeps every file of the program for use without a network.
// See workers/service-worker.ts for what it does. May use the DOM.

import type { Workbox } from 'workbox-window';
import { inputText } from './input-text.ts';

/** Null where there are no service workers, as in an insecure context, and while developing. */
export const keepProgram =
  'serviceWorker' in navigator && import.meta.env.PROD
    ? async (): Promise<void> => {
        const { Workbox } = await import('workbox-window');
        await register(new Workbox(`${import.meta.env.BASE_URL}service-worker.js`));
      }
    : null;

/** Resolves when the worker that is registered has everything. @throws Error when its installation fails */
async function register(workbox: Workbox): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    workbox.addEventListener('redundant', () => reject(new Error(inputText.programNotKept)));
  });
  await workbox.register({ immediate: true });
  await Promise.race([navigator.serviceWorker.ready, failed]);
}
