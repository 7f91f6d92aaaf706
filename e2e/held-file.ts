// A file that is not read before the test lets it be: a batch stays in its middle, however fast the machine.

import type { Page } from 'playwright/test';

/** Call it before the page is opened; every page loaded in this tab holds the file anew. Returns what lets it be read. */
export async function holdFile(page: Page, name: string): Promise<() => Promise<void>> {
  await page.addInitScript((held) => {
    const letGo = new Promise<void>((resolve) => Object.assign(window, { letGo: resolve }));
    const read: unknown = Reflect.get(Blob.prototype, 'arrayBuffer');
    Blob.prototype.arrayBuffer = async function (this: Blob) {
      if (this instanceof File && this.name === held) await letGo;
      return await (read as Blob['arrayBuffer']).call(this);
    };
  }, name);
  return () => page.evaluate(() => (window as unknown as { letGo: () => void }).letGo());
}
