// The build lies where people put it: the same files work below any prefix, on a server that knows nothing of them.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { DIST } from '../src/cli/build.ts';
import { expect, test } from './app-test.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound } from './recordings.ts';

const PREFIX = '/some/prefix/';

/** All that a file server has to know: without it browsers run no script. */
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** Files below PREFIX and nothing else: no headers, no compression. */
const server: Server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  const name = path === PREFIX ? 'index.html' : path.slice(PREFIX.length);
  const found = path.startsWith(PREFIX)
    ? readFile(join(DIST, normalize(`/${name}`)))
    : Promise.reject(new Error());
  found.then(
    (bytes) =>
      response.setHeader('Content-Type', TYPES[extname(name)] ?? 'application/octet-stream').end(bytes),
    () => response.writeHead(404).end(),
  );
});

function stop(): void {
  server.close();
  server.closeAllConnections();
}

test.use({
  serviceWorkers: 'allow',
  baseURL: async ({}, use) => {
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    await use(`http://localhost:${String((server.address() as AddressInfo).port)}`);
    stop();
  },
});

test('below a prefix, on a plain file server, the program answers and is kept', async ({ page }) => {
  const predict = new PredictPage(page);
  await page.goto(`${PREFIX}?backend=wasm`);
  await predict.choose(heartSound('prefix.wav'));
  expect((await predict.result()).status).toBe('ok');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByText('Ready: the program is kept on this device')).toBeVisible();

  // What was not asked for before is there without the server, too.
  stop();
  await page.reload();
  await page.getByRole('link', { name: 'Predict' }).click();
  await predict.choose(heartSound('offline.wav'));
  expect(await predict.result()).toMatchObject({ status: 'ok', backend: 'wasm' });
  await page.getByRole('link', { name: 'Train' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Train' })).toBeVisible();
});
