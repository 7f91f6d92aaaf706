// What a browser does to a tab that nobody looks at, as far as the page can tell: hidden, it has neither frames nor
// timers (browsers leave it a few); frozen, it has nothing at all for a while: the page needs `page.clock.install()`.
// And what the system gives to an installed program: a window of its own.

import type { Page } from 'playwright/test';

/** Until `show`. */
export async function hide(page: Page): Promise<void> {
  await tell(page, 'hidden');
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1000);
}

/** In a hidden page. @param span `hh:mm:ss`; timers that were due meanwhile fire once, as after a sleep. */
export async function freeze(page: Page, span: string): Promise<void> {
  await page.evaluate(() => document.dispatchEvent(new Event('freeze')));
  await page.clock.fastForward(span);
  await page.evaluate(() => document.dispatchEvent(new Event('resume')));
}

export async function show(page: Page): Promise<void> {
  await page.clock.resume();
  await tell(page, 'visible');
}

async function tell(page: Page, state: DocumentVisibilityState): Promise<void> {
  await page.evaluate((visibilityState) => {
    Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
    Object.defineProperty(document, 'hidden', { value: visibilityState === 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}

/** The window of an installed program, from the next load on: no headless browser has one. */
export async function asInstalled(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const ask = globalThis.matchMedia.bind(globalThis);
    globalThis.matchMedia = (query) =>
      query.includes('standalone')
        ? Object.assign(new EventTarget(), ask(query), { matches: true })
        : ask(query);
  });
}
