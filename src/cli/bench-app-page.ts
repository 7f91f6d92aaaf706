// The real page as a person uses it: files dropped on it as from a file manager, a watch on how free it stays, a click
// on Cancel. Imports Playwright's types.

import type { Browser, CDPSession, JSHandle, Page } from 'playwright';
import { heapBytes } from './heap.ts';

/** What a recording may take at most before the bench gives up, milliseconds, and what all may take besides. */
const PATIENCE_PER_RECORDING_MS = 5_000;
const PATIENCE_MS = 60_000;

/** How often the page is asked whether it is ready: rarely, because asking takes its time. */
const POLL_MS = 250;

/** After the last answer, until what was answered is stored and workers that are not needed have gone, milliseconds. */
const SETTLING_MS = 1_500;

/** Anywhere in the window: all of it takes a drop. */
const DROP_AT = { x: 200, y: 200 };

/** How free the page was. */
export interface Freedom {
  /** Of all tasks that the browser calls long, milliseconds; 0 where there was none. */
  longestTaskMs: number;
  /** Between one picture and the next, milliseconds. */
  frameGapsMs: number[];
  /** How long it was watched. */
  seconds: number;
}

/** The app as a person opens it. */
export class AppPage {
  readonly page: Page;
  readonly #session: CDPSession;

  private constructor(page: Page, session: CDPSession) {
    this.page = page;
    this.#session = session;
  }

  static async open(browser: Browser, origin: string): Promise<AppPage> {
    const page = await browser.newPage({ locale: 'en-GB' });
    await page.goto(`${origin}/?backend=wasm`);
    await page.locator('h1').waitFor();
    return new AppPage(page, await page.context().newCDPSession(page));
  }

  async drop(paths: readonly string[]): Promise<void> {
    await drop(this.#session, paths);
  }

  /** Waits until so many of a batch are answered. @throws Error when that takes too long */
  async answered(total: number, atLeast: number): Promise<void> {
    await this.page.waitForFunction(
      ([all, wanted]) => {
        const text = document.querySelector('.progress [role="status"]')?.textContent ?? '';
        const [done = -1, of = -1] = text.split(' of ').map((words) => Number(words.replace(/\D/g, '')));
        return of === all && done >= wanted;
      },
      [total, atLeast] as const,
      { polling: POLL_MS, timeout: PATIENCE_MS + total * PATIENCE_PER_RECORDING_MS },
    );
  }

  /** Bytes that scripts hold, in the page and its workers, once all is quiet. */
  async heap(): Promise<number> {
    await this.page.waitForTimeout(SETTLING_MS);
    return heapBytes(this.#session);
  }

  async watch(): Promise<Watch> {
    return new Watch(await this.page.evaluateHandle(startWatch));
  }

  /** Clicks on Cancel. @returns milliseconds from the click until the page says that it has stopped */
  async cancel(): Promise<number> {
    const answer = await this.page.evaluateHandle(awaitStop, PATIENCE_MS);
    await this.page.locator('.progress').getByRole('button', { name: 'Cancel', exact: true }).click();
    return answer.evaluate(({ stopped }) => stopped);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** Drags files or folders from the disk over the page and lets go. */
export async function drop(session: CDPSession, paths: readonly string[]): Promise<void> {
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', {
      type,
      ...DROP_AT,
      data: { items: [], files: [...paths], dragOperationsMask: 1 },
    });
}

export class Watch {
  readonly #handle: JSHandle<{ end(): Freedom }>;

  constructor(handle: JSHandle<{ end(): Freedom }>) {
    this.#handle = handle;
  }

  async end(): Promise<Freedom> {
    // Long tasks are told with the next turn of the page's loop.
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    return this.#handle.evaluate((watch) => watch.end());
  }
}

// What follows runs in the page: inner functions are methods or arguments, because a named one would be given a name by
// a function of this side.

function startWatch(): { end(): Freedom } {
  const from = performance.now();
  const watch = {
    longestTaskMs: 0,
    frameGapsMs: [] as number[],
    last: from,
    isOver: false,
    frame(now: number): void {
      watch.frameGapsMs.push(now - watch.last);
      watch.last = now;
      if (!watch.isOver) requestAnimationFrame((next) => watch.frame(next));
    },
    end(): Freedom {
      watch.isOver = true;
      const { longestTaskMs, frameGapsMs } = watch;
      return { longestTaskMs, frameGapsMs: frameGapsMs.slice(1), seconds: (performance.now() - from) / 1000 };
    },
  };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries())
      watch.longestTaskMs = Math.max(watch.longestTaskMs, duration);
  }).observe({ type: 'longtask' });
  requestAnimationFrame((now) => watch.frame(now));
  return watch;
}

/** Until the button that the next click hits is gone: in place of Cancel the page then offers to hear the rest. */
function awaitStop(patienceMs: number): { stopped: Promise<number> } {
  const stopped = new Promise<number>((resolve, reject) => {
    addEventListener(
      'click',
      ({ timeStamp, target }) => {
        setTimeout(() => reject(new Error('Cancel was not obeyed.')), patienceMs);
        new MutationObserver((_, observer) => {
          if (!(target instanceof Node) || target.isConnected) return;
          observer.disconnect();
          resolve(performance.now() - timeStamp);
        }).observe(document.body, { subtree: true, childList: true });
      },
      { capture: true, once: true },
    );
  });
  return { stopped };
}
