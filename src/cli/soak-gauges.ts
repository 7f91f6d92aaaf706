// What a soak reads off after each round: everything that would grow if something were kept that nobody needs any more.
// By the debugging protocol, by the page's own words and, where the system tells, by its list of processes.

import { readFile } from 'node:fs/promises';
import type { BrowserContext, CDPSession } from 'playwright';
import {
  bufferBytes,
  codeBytes,
  collectedHeaps,
  collectedServiceWorkers,
  scriptBytes,
  type HeapUsage,
} from './heap.ts';
import { collectedRenderers } from './renderer-memory.ts';
import type { SoakPage } from './soak-page.ts';

/** Until what a round began has ended: transactions, workers on their way out. */
const SETTLING_MS = 1_500;

/** Bytes where nothing else is said; null where this system does not tell. */
export interface Reading {
  /** Of scripts, without what was compiled. */
  pageHeap: number;
  /** What the browser holds for the page: nodes, streams. */
  pageObjects: number;
  pageBuffers: number;
  /** Without what was compiled. */
  workerHeaps: number;
  /** With what was compiled; 0 where the browser has put it to sleep. */
  serviceWorkerHeap: number;
  /** What the engine has compiled and learned of the scripts of page and workers. */
  code: number;
  workerBuffers: number;
  /** What the Monitor page says of the worker that listens: bytes and tensors. */
  tensors: string;
  /** Workers by name, in order. */
  workers: string;
  nodes: number;
  /** Nodes outside the document that a script holds. */
  detachedNodes: number;
  listeners: number;
  documents: number;
  /** Parts of the Web Audio API. */
  audioNodes: number;
  /** Addresses of blobs that were made and not taken back. */
  objectUrls: number;
  /** Records of each store of the database that has any. */
  records: string;
  databaseBytes: number;
  cacheEntries: number;
  localStorage: number;
  /** Web Locks that are held or waited for. */
  locks: number;
  /** Of the renderers outside the heaps of scripts. */
  allocated: number;
  /** Resident, of the renderers, less what the browser holds unused. */
  rendererMemory: number | null;
  browserMemory: number | null;
}

/** Counts addresses of blobs. For every page of the context, before it is opened. */
export async function countObjectUrls(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const live = new Set<string>();
    globalThis.heartbeatObjectUrls = live;
    const make = URL.createObjectURL.bind(URL);
    const revoke = URL.revokeObjectURL.bind(URL);
    URL.createObjectURL = (object) => {
      const url = make(object);
      live.add(url);
      return url;
    };
    URL.revokeObjectURL = (url) => {
      live.delete(url);
      revoke(url);
    };
  });
}

declare global {
  var heartbeatObjectUrls: Set<string> | undefined;
}

/** Of an app that has nothing to do, open on its empty start page when this ends. */
export async function readGauges(app: SoakPage): Promise<Reading> {
  await app.visit('Monitor');
  const memory = app.page
    .locator('dl > div')
    .filter({ has: app.page.getByText('Memory of the listening worker') });
  const tensors = memory.locator('dd').filter({ hasText: 'tensor' });
  const told = (await tensors.textContent())?.trim() ?? '';
  await app.visit('Predict');
  await app.page.waitForTimeout(SETTLING_MS);
  const { page } = app;
  // A session of its own: what it has seen of the page it would hold on to.
  const session = await page.context().newCDPSession(page);
  const workers = await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.name)));
  const heaps = await collectedHeaps(session);
  const sum = (bytes: (usage: HeapUsage) => number): number =>
    heaps.workers.reduce((total, usage) => total + bytes(usage), 0);
  const counted = await counters(session);
  const code = await codeBytes(session);
  await session.detach();
  return {
    pageHeap: heaps.page.usedSize - code.page,
    pageObjects: heaps.page.embedderHeapUsedSize ?? 0,
    pageBuffers: bufferBytes(heaps.page),
    workerHeaps: sum(scriptBytes) - code.workers,
    code: code.page + code.workers,
    workerBuffers: sum(bufferBytes),
    tensors: told,
    workers: workers.sort().join(', '),
    ...counted,
    ...(await page.evaluate(kept)),
    ...(await ofBrowser(app)),
  };
}

async function counters(
  session: CDPSession,
): Promise<Pick<Reading, 'nodes' | 'detachedNodes' | 'listeners' | 'documents' | 'audioNodes'>> {
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const { detachedNodes } = await session.send('DOM.getDetachedDomNodes');
  const metric = (name: string): number => metrics.find((each) => each.name === name)?.value ?? NaN;
  return {
    nodes: metric('Nodes'),
    detachedNodes: detachedNodes.length,
    listeners: metric('JSEventListeners'),
    documents: metric('Documents'),
    audioNodes: metric('AudioHandlers'),
  };
}

/**
 * Runs in the page. Inner functions are methods: a named one would be given a name by a function of this side.
 */
async function kept(): Promise<
  Pick<Reading, 'objectUrls' | 'records' | 'databaseBytes' | 'cacheEntries' | 'localStorage' | 'locks'>
> {
  const read = {
    answer<T>(request: IDBRequest<T>): Promise<T> {
      return new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(new Error('The database could not be read.')));
      });
    },
  };
  const db = await read.answer(indexedDB.open('heartbeat'));
  const records: string[] = [];
  for (const store of db.objectStoreNames) {
    const count = await read.answer(db.transaction(store).objectStore(store).count());
    if (count > 0) records.push(`${store} ${String(count)}`);
  }
  db.close();
  let cacheEntries = 0;
  for (const name of await caches.keys()) cacheEntries += (await (await caches.open(name)).keys()).length;
  const estimate: StorageEstimate & { usageDetails?: { indexedDB?: number } } =
    await navigator.storage.estimate();
  const { held = [], pending = [] } = await navigator.locks.query();
  return {
    objectUrls: globalThis.heartbeatObjectUrls?.size ?? NaN,
    records: records.join(', '),
    databaseBytes: estimate.usageDetails?.indexedDB ?? 0,
    cacheEntries,
    localStorage: Object.entries(localStorage).reduce((sum, entry) => sum + entry.join('').length, 0),
    locks: held.length + pending.length,
  };
}

type OfBrowser = Pick<Reading, 'serviceWorkerHeap' | 'allocated' | 'rendererMemory' | 'browserMemory'>;

/** What no page can tell; what processes hold for themselves, only Linux tells. */
async function ofBrowser({ page }: SoakPage): Promise<OfBrowser> {
  const browser = page.context().browser();
  if (browser === null)
    return { serviceWorkerHeap: NaN, allocated: NaN, rendererMemory: null, browserMemory: null };
  const session = await browser.newBrowserCDPSession();
  try {
    const serviceWorkerHeap = (await collectedServiceWorkers(session)).reduce(
      (sum, usage) => sum + scriptBytes(usage),
      0,
    );
    const { allocated, unused } = await collectedRenderers(session);
    if (process.platform !== 'linux')
      return { serviceWorkerHeap, allocated, rendererMemory: null, browserMemory: null };
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const resident = async (type: string): Promise<number> => {
      const own = processInfo.filter((each) => each.type === type);
      return (await Promise.all(own.map(({ id }) => ownBytes(id)))).reduce((sum, bytes) => sum + bytes, 0);
    };
    return {
      serviceWorkerHeap,
      allocated,
      rendererMemory: (await resident('renderer')) - unused,
      browserMemory: await resident('browser'),
    };
  } finally {
    await session.detach();
  }
}

/** Without pages of files, which the system takes back when it wants; 0 for a process that has just ended. */
async function ownBytes(id: number): Promise<number> {
  const status = await readFile(`/proc/${String(id)}/status`, 'utf8').catch(() => '');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
}
