// Faults of the storage as browsers make them, put into a page before the program starts and switched on and off by
// the test: no room for chosen stores, a connection that closes underneath, a database that cannot be opened.

import type { BrowserContext, Page } from 'playwright/test';

declare global {
  interface Window {
    faults: {
      /** Names of object stores, and `localStorage`, that have no room. */
      full: string[];
      /** The database cannot be opened. */
      isForbidden: boolean;
      opened: IDBDatabase[];
    };
  }
}

/** Driven from outside, the program draws nothing and opens no database. */
const ORIGIN_PAGE = '/?automation';

export class StorageFaults {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Before the page is opened. @param isForbidden from the start */
  async install(isForbidden = false): Promise<void> {
    await this.page.addInitScript((forbidden) => {
      const faults: Window['faults'] = { full: [], isForbidden: forbidden, opened: [] };
      window.faults = faults;
      const aborting = new WeakSet<IDBTransaction>();
      const noRoom = (): DOMException => new DOMException('No room.', 'QuotaExceededError');
      for (const name of ['put', 'add'] as const) {
        const write: unknown = Reflect.get(IDBObjectStore.prototype, name);
        IDBObjectStore.prototype[name] = function (this: IDBObjectStore, ...parts) {
          const request = (write as IDBObjectStore['put']).apply(this, parts);
          const { transaction } = this;
          // As a browser does it: the reason is on the transaction, which aborts a little later.
          if (faults.full.includes(this.name) && !aborting.has(transaction)) {
            aborting.add(transaction);
            Object.defineProperty(transaction, 'error', { get: noRoom });
            queueMicrotask(() => transaction.abort());
          }
          return request;
        };
      }
      const setItem: unknown = Reflect.get(Storage.prototype, 'setItem');
      Storage.prototype.setItem = function (this: Storage, key, value) {
        if (faults.full.includes('localStorage')) throw noRoom();
        (setItem as Storage['setItem']).call(this, key, value);
      };
      const open: unknown = Reflect.get(IDBFactory.prototype, 'open');
      IDBFactory.prototype.open = function (this: IDBFactory, ...parts) {
        if (faults.isForbidden) throw new DOMException('Not here.', 'SecurityError');
        const request = (open as IDBFactory['open']).apply(this, parts);
        request.addEventListener('success', () => faults.opened.push(request.result));
        return request;
      };
    }, isForbidden);
  }

  /** From now on these have no room; none: there is room again. */
  async fill(...stores: string[]): Promise<void> {
    await this.page.evaluate((full) => {
      window.faults.full = full;
    }, stores);
  }

  async forbid(isForbidden: boolean): Promise<void> {
    await this.page.evaluate((value) => {
      window.faults.isForbidden = value;
    }, isForbidden);
  }

  /** The browser closes the connection, as for memory or a disk that is gone, and tells it. */
  async close(): Promise<void> {
    await this.page.evaluate(() => {
      const db = window.faults.opened.at(-1);
      db?.close();
      db?.dispatchEvent(new Event('close'));
    });
  }
}

/** Another tab of the same origin that does not run the program, and so does what a test wants of it. */
export async function bareTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(ORIGIN_PAGE);
  return page;
}

/**
 * Opens the database at a version, and holds it whatever others want until the tab is closed. One that is not there
 * is made as version 1 was.
 */
export async function holdDatabase(page: Page, version: number): Promise<void> {
  await page.evaluate(
    (wanted) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open('heartbeat', wanted);
        request.onupgradeneeded = ({ oldVersion }) => {
          if (oldVersion > 0) return;
          request.result.createObjectStore('batches', { keyPath: 'id' });
          request.result.createObjectStore('batch-files');
          request.result.createObjectStore('batch-names', { keyPath: 'id' });
          request.result.createObjectStore('batch-results', { keyPath: ['batchId', 'index'] });
        };
        request.onsuccess = () => resolve();
        request.onerror = () => reject(new Error('the database did not open'));
      }),
    version,
  );
}

export async function deleteDatabase(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase('heartbeat');
        request.onsuccess = () => resolve();
        request.onerror = () => reject(new Error('the database was not deleted'));
      }),
  );
}

/** Everything that lies in the browser for this program, the program's own files aside: name → how many. */
export async function everythingKept(page: Page): Promise<Record<string, number>> {
  return await page.evaluate(async () => {
    const kept: Record<string, number> = {};
    const tell = (name: string, n: number): void => {
      if (n > 0) kept[name] = n;
    };
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('heartbeat');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error('the database did not open'));
    });
    for (const name of db.objectStoreNames) {
      const request = db.transaction(name).objectStore(name).count();
      await new Promise((resolve) => (request.onsuccess = resolve));
      tell(name, request.result);
    }
    db.close();
    const databases = (await indexedDB.databases()).filter(({ name }) => name !== 'heartbeat');
    tell('other databases', databases.length);
    tell('localStorage', localStorage.length);
    tell('sessionStorage', sessionStorage.length);
    for (const name of await caches.keys())
      if (!name.startsWith('workbox-precache')) tell(name, (await (await caches.open(name)).keys()).length);
    return kept;
  });
}
