// How the program is asked for something from outside its page: by its address (a shortcut, a share), by the system's
// launch queue (a file opened with the program or dropped on its icon) and by the service worker (a share, where a
// window is open). May use the DOM.

import { AppError } from '../core/errors.ts';
import { SHARE_MESSAGE, SHARE_PARAMETER, type ShareMessage } from '../core/share-address.ts';
import { foundFile, type HandOver } from './found-file.ts';
import { inputText } from './input-text.ts';

/** What an address asks for beyond a page. */
export interface Errand {
  /** What came of a share, as in a `ShareMessage` where nobody has written the address by hand; null: nothing was shared. */
  share: string | null;
  /** A recording from the microphone is to begin. */
  record: boolean;
  /** The page itself: the part from `#` on, empty where there is none. */
  hash: string;
  /** The address without what is asked for once: a reload does not ask again. */
  rest: string;
}

/** The manifest's shortcut points there. */
const RECORD_HASH = '#/predict/record';
const PREDICT_HASH = '#/predict';

export function errandOf(address: string): Errand {
  const url = new URL(address);
  const share = url.searchParams.get(SHARE_PARAMETER);
  const record = url.hash === RECORD_HASH;
  url.searchParams.delete(SHARE_PARAMETER);
  if (record) url.hash = PREDICT_HASH;
  return { share, record, hash: url.hash, rest: url.href };
}

/** Chromium's: not in the types yet. */
interface LaunchParams {
  readonly files?: readonly FileSystemFileHandle[];
  readonly targetURL?: string | null;
}
interface LaunchQueue {
  setConsumer(consumer: (params: LaunchParams) => void): void;
}

export interface LaunchListener {
  onFiles(handOver: Promise<HandOver>): void;
  /** @param outcome as in a `ShareMessage` */
  onShare(outcome: string): void;
  onAddress(errand: Errand): void;
}

/** Takes what waits in the queue and what comes later. Nothing happens where the browser has none of it. */
export function listenForLaunches(openedAt: string, listener: LaunchListener): void {
  listenForShares(listener);
  const { launchQueue } = globalThis as { launchQueue?: LaunchQueue };
  let isFirst = true;
  launchQueue?.setConsumer(({ files = [], targetURL }) => {
    // A page that was loaded anew may be handed the launch that opened it once more.
    const isAgain = isFirst && isReload();
    // The launch that opened this page: its address has been followed.
    const isKnown = isFirst && targetURL === openedAt;
    isFirst = false;
    if (isAgain) return;
    if (files.length > 0) listener.onFiles(fromHandles(files));
    else if (targetURL && !isKnown) listener.onAddress(errandOf(targetURL));
  });
}

/** Shared while this window is open: the service worker learns that it was heard, else it opens the page anew. */
function listenForShares({ onShare }: Pick<LaunchListener, 'onShare'>): void {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  serviceWorker?.addEventListener('message', ({ data, ports }) => {
    const { type, outcome } = (data ?? {}) as Partial<ShareMessage>;
    if (type !== SHARE_MESSAGE || outcome === undefined) return;
    ports[0]?.postMessage(null);
    onShare(outcome);
  });
}

function isReload(): boolean {
  const [navigation] = performance.getEntriesByType('navigation');
  return (navigation as PerformanceNavigationTiming | undefined)?.type === 'reload';
}

/** @throws AppError `file-unreadable` */
async function fromHandles(handles: readonly FileSystemFileHandle[]): Promise<HandOver> {
  try {
    const files = await Promise.all(handles.map((handle) => handle.getFile()));
    return { files: files.map((file) => foundFile(file)), skipped: [], handles };
  } catch (cause) {
    throw new AppError('file-unreadable', inputText.launchedUnreadable, { cause });
  }
}
