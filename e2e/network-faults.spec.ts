// A network that dies: in the middle of the first visit, where a sentence says what is missing and the same wish is
// granted when it is back; and before the second, which needs none. See faults.spec.ts.
import type { Page } from 'playwright/test';
import { expect, test as base } from './app-test.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound } from './recordings.ts';
import { openNetwork, type UnreliableNetwork } from './unreliable-network.ts';

const test = base.extend<{ network: UnreliableNetwork }>({
  network: async ({}, use) => {
    const network = await openNetwork(process.env['E2E_ORIGIN'] ?? '');
    await use(network);
    await network.close();
  },
  baseURL: async ({ network }, use) => use(network.origin),
});

test.use({ tolerated: /ERR_|Failed to fetch|Failed to load|Unable to preload/ });

const PAGES = ['Predict', 'Train', 'Models', 'History', 'Monitor', 'Settings'];

async function go(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
  // The rail lies over the page while the pointer is on it.
  await page.getByRole('main').hover();
}

test('a network that dies on the first visit is told of, and what was wished is done when it is back', async ({
  page,
  network,
}) => {
  const predict = new PredictPage(page);
  const again = async (): Promise<void> => {
    await predict.problem.getByRole('button', { name: 'Try again' }).click();
    expect((await predict.result()).error).toBeNull();
  };

  const cache = await page.context().newCDPSession(page);

  // Nothing but the first answer comes through.
  network.allow((path) => path === '/');
  await page.goto('/');
  await expect(page.getByText('the network is slow or gone')).toBeVisible();
  network.allow(() => true);
  await page.getByRole('link', { name: 'load the page again' }).click();
  await expect(page.getByText('Drop a heart sound here')).toBeVisible();

  for (const missing of [/\.worker-/, /\.wasm$/, /dist-[\w-]+\.js$/, /weights-/]) {
    await page.goto('about:blank');
    await cache.send('Network.clearBrowserCache');
    network.allow((path) => !missing.test(path));
    await predict.open('backend=wasm');
    await predict.choose(heartSound());
    await expect(predict.problem).toContainText('Connect to the network');
    network.allow(() => true);
    await again();
  }

  network.allow((path) => !path.includes('HistoryPage'));
  await go(page, 'History');
  await expect(page.getByRole('alert')).toContainText('This page could not be loaded');
  network.allow(() => true);
  await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
  await expect(page.locator('[data-entry]')).toHaveCount(4);
});

test.describe('with a service worker', () => {
  test.use({ serviceWorkers: 'allow' });

  test('the second visit needs no network for any page and any backend', async ({
    context,
    network,
    page,
  }) => {
    const first = new PredictPage(page);
    await first.open('backend=wasm');
    await go(page, 'Settings');
    await expect(page.getByText(/^Ready/)).toBeVisible();
    await page.close();
    network.allow(() => false);

    const second = await context.newPage();
    const errors: string[] = [];
    second.on('requestfailed', (request) => errors.push(request.url()));
    await new PredictPage(second).open('backend=cpu');
    for (const name of PAGES) {
      await go(second, name);
      await expect(second.getByRole('heading', { level: 1, name })).toBeVisible();
    }
    for (const backend of ['cpu', 'wasm', 'webgl', 'webgpu']) {
      await second.goto('about:blank');
      await second.goto(`/?backend=${backend}`);
      const rail = second.getByRole('navigation', { name: 'Pages' });
      await expect(rail.getByText(backend.toUpperCase(), { exact: true }).first()).toBeAttached();
    }
    expect(errors).toEqual([]);
  });
});
