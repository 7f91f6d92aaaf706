// A backup of a full device: how long it takes to write, to check and to restore it, and how free the page stays
// meanwhile. The file lies in the browser's own file system, as a person's lies on the disk.

import type { Browser, Page } from 'playwright';
import { emptyDevice, fillDevice } from './bench-device.ts';
import { figure, type Figure } from './bench-figures.ts';
import type { BenchPlan } from './bench-plan.ts';

/** A browser speaks of a long task from here on, milliseconds; shorter ones it does not tell. */
const LONG_TASK_MS = 50;
const PATIENCE_MS = 600_000;
const MB = 1_000_000;

interface Spent {
  seconds: number;
  longestTaskMs: number;
}

export async function measureBackup(
  browser: Browser,
  origin: string,
  { backup: size }: BenchPlan,
  log: (line: string) => void,
): Promise<Figure[]> {
  const page = await browser.newPage({ locale: 'en-GB' });
  page.setDefaultTimeout(PATIENCE_MS);
  try {
    await page.goto(`${origin}/?backend=wasm#/settings`);
    await page.getByRole('button', { name: 'Make a backup' }).waitFor();
    log(`A backup of ${String(size.recordings)} recordings and ${String(size.results)} results…`);
    await fillDevice(page, size);
    await page.reload();
    await page.getByRole('button', { name: 'Make a backup' }).waitFor();
    const steps: [name: string, spent: Spent][] = [
      ['written', await write(page)],
      ['checked', await check(page)],
    ];
    await emptyDevice(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await check(page);
    steps.push(['restored', await restore(page)]);
    const bytes = size.recordings * size.recordingBytes;
    const n = [size.recordings, `recordings of ${String(size.recordingBytes / 1000)} KB`] as const;
    return steps.flatMap(([name, { seconds, longestTaskMs }]) => [
      figure(`backup.${name}`, `a backup ${name}`, bytes / MB / seconds, 'MB a second', n),
      figure(
        `backup.${name}.longest-task`,
        `longest task of the page meanwhile (${String(LONG_TASK_MS)}: none was longer)`,
        Math.max(LONG_TASK_MS, longestTaskMs),
        'ms',
        n,
      ),
    ]);
  } finally {
    await page.context().close();
  }
}

async function write(page: Page): Promise<Spent> {
  await page.evaluate(() => {
    Reflect.set(window, 'showSaveFilePicker', async () =>
      (await navigator.storage.getDirectory()).getFileHandle('backup.zip', { create: true }),
    );
  });
  await watch(page);
  await page.getByRole('button', { name: 'Make a backup' }).click();
  await page.getByText('The backup is complete').waitFor();
  return spent(page);
}

async function check(page: Page): Promise<Spent> {
  const input = await page.locator('[data-pick="backup"]').elementHandle();
  await watch(page);
  await page.evaluate(async (element) => {
    const folder = await navigator.storage.getDirectory();
    const files = new DataTransfer();
    files.items.add(await (await folder.getFileHandle('backup.zip')).getFile());
    if (!(element instanceof HTMLInputElement)) throw new Error('There is no place for a file.');
    element.files = files.files;
    element.dispatchEvent(new Event('change', { bubbles: true }));
  }, input);
  await page.getByRole('region', { name: /^Backup of/ }).waitFor();
  return spent(page);
}

/** Ends with the page being loaded anew: what was seen until then counts. */
async function restore(page: Page): Promise<Spent> {
  await watch(page);
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await page.getByText(/^The backup of .* is restored/).waitFor();
  return spent(page);
}

/** From now on; kept beside the page, so that it outlives it. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const from = performance.now();
    const watched = {
      seconds: 0,
      longestTaskMs: 0,
      keep() {
        watched.seconds = (performance.now() - from) / 1000;
        sessionStorage.setItem('bench', JSON.stringify(watched));
      },
    };
    Reflect.set(window, 'watched', watched);
    addEventListener('pagehide', () => watched.keep());
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries())
        watched.longestTaskMs = Math.max(watched.longestTaskMs, duration);
    }).observe({ type: 'longtask' });
  });
}

async function spent(page: Page): Promise<Spent> {
  const kept = await page.evaluate(() => {
    (Reflect.get(window, 'watched') as { keep: () => void } | undefined)?.keep();
    return sessionStorage.getItem('bench') ?? '{}';
  });
  return JSON.parse(kept) as Spent;
}
