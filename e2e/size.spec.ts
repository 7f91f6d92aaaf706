// What a visitor downloads: little before the first paint, no tensor library in the page, a small model, and all of it
// together less than a few photographs.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DIST } from '../src/cli/build.ts';
import { firstPaintFiles, staticImports } from '../src/cli/first-paint.ts';
import { expect, test as base } from './app-test.ts';
import { openRelay, type Relay } from './relay.ts';

/** Bytes that a browser needs before it can paint. */
const FIRST_PAINT_LIMIT = 100_000;
const MODEL_LIMIT = 1_000_000;
/** Everything that a first visit leaves on the device, bundled model and WASM with it. */
const INSTALL_LIMIT = 2_000_000;

/** A sentence that only tfjs-core says. */
const TFJS_MARK = 'Tensor is disposed';

const test = base.extend<{ relay: Relay }>({
  relay: async ({}, use) => {
    const relay = await openRelay(process.env['E2E_ORIGIN'] ?? '');
    await use(relay);
    relay.close();
  },
});

const read = (path: string): string => readFileSync(join(DIST, path), 'utf8');

test('the first paint needs less than 100 KB, and no tensors', () => {
  const files = firstPaintFiles();
  expect(files.length, files.join(' ')).toBeGreaterThan(1);
  const bytes = files.map((path) => gzipSync(readFileSync(join(DIST, path))).length);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_PAINT_LIMIT);
  for (const path of files) expect(read(path).includes(TFJS_MARK), path).toBe(false);
});

test('the tensor library is found where it belongs, in a worker', () => {
  const workers = readdirSync(join(DIST, 'assets')).filter((name) => /^compute\.worker-.*\.js$/.test(name));
  expect(workers).toHaveLength(1);
  const scripts = staticImports(workers.map((name) => `assets/${name}`));
  expect(scripts.some((path) => read(path).includes(TFJS_MARK))).toBe(true);
});

test('a model is at most 1 MB to download', () => {
  const weights = readdirSync(join(DIST, 'assets')).filter((name) => /^weights-.*\.bin$/.test(name));
  expect(weights.length).toBeGreaterThan(0);
  for (const name of weights)
    expect(statSync(join(DIST, 'assets', name)).size).toBeLessThanOrEqual(MODEL_LIMIT);
});

test('all that is kept for use without a network is at most 2 MB to download', () => {
  const kept = [...read('service-worker.js').matchAll(/"url":"([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(kept).toContain('index.html');
  expect(kept.filter((path) => path.endsWith('.wasm'))).toHaveLength(1);
  const sizes = kept.map((path) => gzipSync(readFileSync(join(DIST, path))).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(INSTALL_LIMIT);
});

test.describe('a first visit', () => {
  test.use({ serviceWorkers: 'allow', baseURL: async ({ relay }, use) => use(relay.origin) });

  test('transfers at most 2 MB until everything is kept', async ({ page, relay }) => {
    await page.goto('/#/settings');
    await expect(page.getByText('Ready: the program is kept on this device')).toBeVisible();
    // Less than the model and its WASM would mean that something went past the relay.
    expect(relay.bytes()).toBeGreaterThan(MODEL_LIMIT);
    expect(relay.bytes()).toBeLessThanOrEqual(INSTALL_LIMIT);
  });
});
