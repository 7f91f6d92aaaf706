// The built app, open in a headless browser, with local files within its reach: what predict, evaluate and
// train drive. Files are read when the page asks for them, under a prefix nobody can guess.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import type { Automation, AutomationListener, FileAddress, ModelAddress } from '../automation.ts';
import { launchBrowser } from './browser.ts';
import { DIST, ensureBuilt } from './build.ts';
import { startServer, type RunningServer } from './server.ts';

type Log = (line: string) => void;

/** A file that the page may ask for: read anew each time, so that memory holds only what is in flight. */
export interface LocalFile {
  fileName: string;
  read(): Promise<Uint8Array>;
}

/** Bits that make the prefix unguessable: 128, in bytes. */
const PREFIX_BYTES = 16;

/** The app has to be there within this; building is done before. */
const START_TIMEOUT_MS = 60_000;

export interface SessionOptions {
  /** Lets WebGPU be probed in headless Linux; other backends do not need it. */
  webgpu?: boolean;
  log?: Log;
  /** Where several sessions are to run one and the same build; without it the session serves its own. */
  app?: ServedApp;
}

/** The built app in memory: a build that is made meanwhile does not change it. */
export interface ServedApp {
  server: RunningServer;
  shelf: Shelf;
}

/** Builds the app if needed and serves it on a free port. The caller closes the server. */
export async function serveApp(log: Log = () => {}): Promise<ServedApp> {
  await ensureBuilt(log);
  const shelf = new Shelf();
  return { shelf, server: await startServer({ dist: DIST, port: 0, extra: (path) => shelf.find(path) }) };
}

export class AppSession {
  readonly page: Page;
  readonly #browser: Browser;
  /** Closed with the session; null where it serves others too. */
  readonly #ownServer: RunningServer | null;
  readonly #shelf: Shelf;

  private constructor(browser: Browser, page: Page, shelf: Shelf, ownServer: RunningServer | null) {
    this.#browser = browser;
    this.page = page;
    this.#shelf = shelf;
    this.#ownServer = ownServer;
  }

  /** Opens the app in a browser of its own, served first where no app is given. */
  static async open({ webgpu = false, log = () => {}, app }: SessionOptions = {}): Promise<AppSession> {
    const { server, shelf } = app ?? (await serveApp(log));
    const ownServer = app === undefined ? server : null;
    try {
      const browser = await launchBrowser({ webgpu }, log);
      try {
        const page = await browser.newPage();
        page.on('pageerror', (error) => {
          log(`The app reported: ${error.message}`);
        });
        await page.goto(`${server.origin}/?automation`);
        await page.waitForFunction(() => globalThis.heartbeatAutomation !== undefined, undefined, {
          timeout: START_TIMEOUT_MS,
        });
        return new AppSession(browser, page, shelf, ownServer);
      } catch (error) {
        await browser.close();
        throw error;
      }
    } catch (error) {
      await ownServer?.close();
      throw error;
    }
  }

  /** Puts a file within the page's reach. */
  offer(file: LocalFile): FileAddress {
    return { url: this.#shelf.put(() => file.read()), fileName: file.fileName };
  }

  /** Takes files out of the page's reach that it will not ask for again: nothing of them is kept. */
  withdraw(...addresses: readonly FileAddress[]): void {
    for (const { url } of addresses) this.#shelf.remove(url);
  }

  /** Puts a model folder within the page's reach. */
  offerModel(folder: string): ModelAddress {
    return this.#shelf.putFolder(folder);
  }

  /** Calls one method of the page's automation. A rejection arrives as an Error with its sentence. */
  async call<Name extends keyof Automation>(
    name: Name,
    ...args: Parameters<Automation[Name]>
  ): Promise<Awaited<ReturnType<Automation[Name]>>> {
    const answer = await this.page.evaluate(
      async ([method, values]) => {
        const automation = globalThis.heartbeatAutomation as unknown as Record<
          string,
          (...args: unknown[]) => unknown
        >;
        try {
          return { value: await automation[method]?.(...values) };
        } catch (error) {
          return { failure: error instanceof Error ? error.message : String(error) };
        }
      },
      [name, args] as [string, unknown[]],
    );
    if (answer.failure !== undefined) throw new Error(answer.failure);
    return answer.value as Awaited<ReturnType<Automation[Name]>>;
  }

  /** Hears of every event of training. Call once, before training. */
  async listen(listener: AutomationListener): Promise<void> {
    await this.page.exposeFunction('heartbeatListener', listener);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#ownServer?.close();
  }
}

/** What the server gives this page and no other. */
class Shelf {
  readonly #prefix = `/local/${randomBytes(PREFIX_BYTES).toString('hex')}/`;
  readonly #readers = new Map<string, () => Promise<Uint8Array>>();
  #count = 0;

  put(read: () => Promise<Uint8Array>): string {
    const path = `${this.#prefix}${String(this.#count++)}`;
    this.#readers.set(path, read);
    return path;
  }

  putFolder(folder: string): string {
    const path = `${this.#prefix}${String(this.#count++)}/`;
    for (const name of ['manifest.json', 'model.json', 'weights.bin'])
      this.#readers.set(path + name, () => readFile(join(folder, name)));
    return path;
  }

  remove(path: string): void {
    this.#readers.delete(path);
  }

  find(path: string): (() => Promise<Uint8Array>) | null {
    return this.#readers.get(path) ?? null;
  }
}
