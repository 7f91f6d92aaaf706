// The app as a person uses it for a day, control by control: what a soak does is made of these. Everything is found by
// what it says or by the marks that the program carries for its own use. Imports Playwright's types.

import type { BrowserContext, CDPSession, Download, Locator, Page } from 'playwright';
import { drop } from './bench-app-page.ts';

export type PageName = 'Predict' | 'Train' | 'Models' | 'History' | 'Monitor' | 'Settings';
export const PAGE_NAMES: readonly PageName[] = [
  'Predict',
  'Train',
  'Models',
  'History',
  'Monitor',
  'Settings',
];

/** The machine may be busy with other things: nothing here is timed. */
const PATIENCE_MS = 180_000;

/** After a drop that the page has not been told of. */
const DROPPING_MS = 10_000;

declare global {
  var heartbeatDropped: boolean | undefined;
}

export class SoakPage {
  readonly page: Page;
  /** Of this page, for what Playwright has no words for. */
  readonly session: CDPSession;
  readonly #origin: string;

  private constructor(page: Page, session: CDPSession, origin: string) {
    this.page = page;
    this.session = session;
    this.#origin = origin;
  }

  static async open(context: BrowserContext, origin: string): Promise<SoakPage> {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const app = new SoakPage(page, await context.newCDPSession(page), origin);
    await page.goto(`${origin}/?backend=wasm`);
    await app.#isReady();
    return app;
  }

  /** Another tab of the same browser. */
  another(): Promise<SoakPage> {
    return SoakPage.open(this.page.context(), this.#origin);
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.#isReady();
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  /** By the rail: what the page knows stays. */
  async visit(name: PageName): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
    // The rail lies over the page while the pointer is on it.
    await this.page.mouse.move(900, 300);
    await this.heading(name).waitFor();
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { level: 1, name });
  }

  async press(name: string | RegExp): Promise<void> {
    await this.button(name).click();
  }

  button(name: string | RegExp): Locator {
    const isExact = typeof name === 'string';
    return this.page.getByRole('main').getByRole('button', { name, exact: isExact }).first();
  }

  text(words: string | RegExp): Locator {
    return this.page.getByText(words).first();
  }

  /**
   * Everything is handed over by a drop: a file that Playwright puts into a picker ties the picker, and the page around
   * it, to the browser's debugger for good.
   */
  async drop(paths: readonly string[]): Promise<void> {
    // On a busy machine the browser now and then takes it for a leave: it is done again, as a person would.
    for (let isTaken = false; !isTaken;) {
      await this.page.evaluate(() => {
        globalThis.heartbeatDropped = false;
        addEventListener('drop', () => (globalThis.heartbeatDropped = true), { once: true, capture: true });
      });
      await drop(this.session, paths);
      isTaken = await this.page
        .waitForFunction(() => globalThis.heartbeatDropped, null, { timeout: DROPPING_MS })
        .then(
          () => true,
          () => false,
        );
    }
  }

  /** Presses what starts a download, and has it on disk. */
  async download(name: string | RegExp): Promise<Download> {
    const [saved] = await Promise.all([this.page.waitForEvent('download'), this.press(name)]);
    await saved.path();
    return saved;
  }

  /** Until the answer and all that belongs to it are drawn. */
  async isAnswered(): Promise<void> {
    await this.page.locator('section.answer').waitFor();
    await this.page.locator('summary').filter({ hasText: 'Technical details' }).waitFor();
    await this.button('Play').waitFor();
  }

  /** Back to the empty Predict page. */
  async putAway(): Promise<void> {
    await this.press('Close');
    await this.text('Drop a heart sound here').waitFor();
  }

  /** Until so many of a batch are answered. */
  async areAnswered(total: number, atLeast: number): Promise<void> {
    await this.page.waitForFunction(
      ([all, wanted]) => {
        const text = document.querySelector('.progress [role="status"]')?.textContent ?? '';
        const [done = -1, of = -1] = text.split(' of ').map((words) => Number(words.replace(/\D/g, '')));
        return of === all && done >= wanted;
      },
      [total, atLeast] as const,
    );
  }

  /** As when another tab is in front, and back again. */
  async hideAndShow(): Promise<void> {
    for (const state of ['hidden', 'visible'])
      await this.page.evaluate((visibility) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, value: visibility });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await this.page.evaluate(() => Reflect.deleteProperty(document, 'visibilityState'));
  }

  async #isReady(): Promise<void> {
    await this.page.locator('h1').first().waitFor();
    // The lamp of the rail: the model answers.
    await this.page.locator('.lamp.on').first().waitFor({ state: 'attached' });
  }
}
