// A newer version is published while the program is open: taken when a person says so, never in mid-work, and a tab of
// the earlier version goes on working meanwhile.
import type { Locator, Page } from 'playwright/test';
import { test as base, expect } from './app-test.ts';
import { Deployment } from './deployment.ts';
import { HistoryPage } from './pages/history-page.ts';
import { PredictPage } from './pages/predict-page.ts';
import { RunPage } from './pages/run-page.ts';
import { TrainPage } from './pages/train-page.ts';
import { heartSound } from './recordings.ts';

const test = base.extend<{ deployment: Deployment }>({
  deployment: async ({}, use, info) => {
    const deployment = await Deployment.open(info.outputPath('second'));
    await use(deployment);
    await deployment.close();
  },
  baseURL: async ({ deployment }, use) => use(deployment.origin),
  serviceWorkers: 'allow',
});

const TAKE = 'Update now';
const NOTICE = 'Update';

/** `data-build` of the second build; null: the first. */
const build = (page: Page): Promise<string | null> => page.locator('html').getAttribute('data-build');

async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
  // The rail lies over the page while the pointer is on it.
  await page.mouse.move(700, 20);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

async function openKept(page: Page): Promise<void> {
  await page.goto('/?backend=wasm#/settings');
  await expect(page.getByText('Ready: the program is kept on this device')).toBeVisible();
}

async function findNewer(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Look for an update' }).click();
  await expect(page.getByText('An update is on this device')).toBeVisible();
}

const namesKept = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.includes('precache'));
    const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return lists.flat().map(({ url }) => url.replace(/^.*\//, ''));
  });

/** On a phone, at an entry of the history: what was deleted can be had back while the update is offered. */
async function isClearOfUndo(page: Page, notice: Locator): Promise<void> {
  const [history, size] = [new HistoryPage(page), page.viewportSize()];
  await page.setViewportSize({ width: 360, height: 640 });
  await history.entries.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const undo = page.getByRole('group').filter({ has: page.getByRole('button', { name: 'Undo' }) });
  const [above, below] = [await undo.boundingBox(), await notice.boundingBox()];
  expect(above && below && above.y >= 0 && above.y + above.height <= below.y).toBe(true);
  await history.undo();
  await expect(history.entries).toHaveCount(1);
  if (size) await page.setViewportSize(size);
}

test('a newer version waits for consent, comes at the same place, and what it does not need goes', async ({
  page,
  deployment,
}) => {
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await predict.choose(heartSound());
  await predict.drawn();
  const ready = page.getByRole('group', { name: 'Without a network' });
  await expect(ready).toContainText('Ready to work offline');
  await ready.getByRole('button', { name: 'Close' }).click();
  await expect(ready).toBeHidden();
  await goTo(page, 'Settings');
  await page.getByRole('button', { name: 'Look for an update' }).click();
  await expect(page.getByText('It is the newest.')).toBeVisible();
  await deployment.release();
  await findNewer(page);
  await goTo(page, 'Models');
  const notice = page.getByRole('group', { name: NOTICE });
  await notice.getByRole('button', { name: 'Not now' }).click();
  await expect(notice).toBeHidden();
  await page.reload();
  expect(await build(page)).toBe(null);
  // Said again at the next visit. The server has this page under its new name only.
  await expect(notice).toBeVisible();
  // That it works offline was said at the first visit.
  await expect(ready).toBeHidden();
  await goTo(page, 'History');
  expect(
    (await namesKept(page)).filter((name) => name.startsWith('HistoryPage') && name.endsWith('.js')),
  ).toHaveLength(2);
  await isClearOfUndo(page, notice);
  await notice.getByRole('button', { name: TAKE }).click();
  await expect(page.locator('html')).toHaveAttribute('data-build', '2');
  await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
  await expect
    .poll(async () => (await namesKept(page)).filter((name) => /^HistoryPage.*js$/.test(name)))
    .toEqual(['HistoryPage-second.js']);
  await expect(notice).toBeHidden();
});

test('a tab of the earlier version is not touched: it opens what the server has no more, and follows when it wants to', async ({
  page,
  context,
  deployment,
}) => {
  await openKept(page);
  const other = await context.newPage();
  await openKept(other);
  await deployment.release();
  await findNewer(page);
  await page.getByRole('button', { name: TAKE }).click();
  await expect(page.locator('html')).toHaveAttribute('data-build', '2');

  const notice = other.getByRole('group', { name: NOTICE });
  await expect(other.getByText('Another tab has taken an update')).toBeVisible();
  // What the browser itself has kept of the network may be gone any time.
  await (await context.newCDPSession(other)).send('Network.clearBrowserCache');
  for (const name of ['History', 'Monitor']) await goTo(other, name);
  expect(await build(other)).toBe(null);
  await notice.getByRole('button', { name: 'Load anew' }).click();
  await expect(other.locator('html')).toHaveAttribute('data-build', '2');
  await expect(other.getByRole('heading', { level: 1, name: 'Monitor' })).toBeVisible();
});

test('in mid-training nothing is changed, in no tab; the run ends well, and then it is offered', async ({
  page,
  context,
  deployment,
}) => {
  test.slow();
  const [train, run] = [new TrainPage(page), new RunPage(page)];
  await openKept(page);
  const other = await context.newPage();
  await openKept(other);
  await train.open();
  const sounds = (['normal', 'murmur'] as const).flatMap((kind) =>
    Array.from({ length: 8 }, (_, seed) => heartSound(`${kind}-${String(seed)}.wav`, seed + 1, kind)),
  );
  const labels = sounds.map(({ name }) => `${name},${name.replace(/-.*/, '')}`);
  const table = Buffer.from(['file,label', ...labels].join('\n'));
  await train.addFiles([...sounds, { name: 'labels.csv', mimeType: 'text/csv', buffer: table }]);
  await train.confirm();
  await run.plan();
  // More epochs than will be waited for; of so few recordings none is watched, and all epochs are run.
  await run.choose('The whole model', 400);
  await run.start();
  await run.reachEpoch(2);

  await deployment.release();
  await findNewer(other);
  await other.getByRole('button', { name: TAKE }).click();
  await expect(other.getByText('Not now: another tab of this program').first()).toBeVisible();
  await goTo(page, 'Settings');
  await expect(page.getByText('Not while something is under way')).toBeVisible();
  await expect(page.getByRole('button', { name: TAKE })).toBeDisabled();
  await expect(page.getByRole('group', { name: NOTICE })).toBeHidden();

  await page.goBack();
  await run.reachEpoch(4);
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await run.judged();
  expect([await build(page), await build(other)]).toEqual([null, null]);
  const notice = page.getByRole('group', { name: NOTICE });
  await notice.getByRole('button', { name: TAKE }).click();
  await expect(page.locator('html')).toHaveAttribute('data-build', '2');
  await run.keep();
});
