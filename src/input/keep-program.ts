// The service worker as the page sees it: registered, it keeps every file of the program for use without a network,
// and a newer version beside it until somebody takes that. See workers/service-worker.ts for what it does.
// May use the DOM.

import type { Workbox } from 'workbox-window';
import { inputText } from './input-text.ts';

export interface ProgramNews {
  /** A newer version is on this device, whole, and waits. */
  onWaiting(): void;
  /** A newer version has taken over, in whichever tab that was wanted. */
  onReplaced(): void;
}

export interface ProgramKeeper {
  /** Before `keep`. */
  listen(news: ProgramNews): void;
  /** Resolves when all of the program is on this device. @throws Error when it could not be fetched */
  keep(): Promise<void>;
  /** Looks for a newer version; true: there is one, here or on its way. @throws Error without a network */
  check(): Promise<boolean>;
  /** The waiting version takes over; `onReplaced` tells of it. */
  take(): void;
}

/** Of the version that this page is of; null at the first visit. */
const controllerAtStart = (navigator.serviceWorker as ServiceWorkerContainer | undefined)?.controller ?? null;

class ServiceWorkerKeeper implements ProgramKeeper {
  #news: ProgramNews | null = null;
  #workbox: Workbox | null = null;
  #registration: ServiceWorkerRegistration | undefined;

  listen(news: ProgramNews): void {
    this.#news = news;
  }

  async keep(): Promise<void> {
    const { Workbox } = await import('workbox-window');
    const workbox = new Workbox(`${import.meta.env.BASE_URL}service-worker.js`);
    const failed = new Promise<never>((_, reject) => {
      workbox.addEventListener('redundant', () => reject(new Error(inputText.programNotKept)));
    });
    // What rejects after the program was kept is an update that failed: it is tried again.
    failed.catch(() => undefined);
    workbox.addEventListener('waiting', () => this.#news?.onWaiting());
    // The first version takes over a page that had none: that is no change.
    let isControlled = navigator.serviceWorker.controller !== null;
    workbox.addEventListener('controlling', () => {
      if (isControlled) this.#news?.onReplaced();
      isControlled = true;
    });
    this.#registration = await workbox.register({ immediate: true });
    // A page that was loaded past the service worker has none either, although a version was there.
    if (this.#registration?.active) isControlled = true;
    await Promise.race([navigator.serviceWorker.ready, failed]);
    this.#workbox = workbox;
    // Files of earlier versions go when no tab needs them any more. A page that was replaced meanwhile still does.
    if (navigator.serviceWorker.controller === controllerAtStart)
      controllerAtStart?.postMessage({ type: 'TIDY' });
  }

  async check(): Promise<boolean> {
    await this.#workbox?.update();
    return Boolean(this.#registration?.installing ?? this.#registration?.waiting);
  }

  take(): void {
    this.#workbox?.messageSkipWaiting();
  }
}

/** Null where there are no service workers, as in an insecure context, and while developing. */
export const programKeeper: ProgramKeeper | null =
  'serviceWorker' in navigator && import.meta.env.PROD ? new ServiceWorkerKeeper() : null;
