// Nothing leaves the device: no browser of the suite asks another machine for anything (the recorders around every test
// see to that), and if some code ever tried, the browser would refuse it in the page, its workers and the service
// worker. The same attempts are made where no policy forbids them, so that the recorder is known to see each.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright/test';
import { DIST } from '../src/cli/build.ts';
import { POLICY_IN_PAGE, SECURITY_HEADERS } from '../src/cli/headers.ts';
import { expect, test } from './app-test.ts';
import { takeOutsideRequests } from './outside.ts';

/** What each attempt of a page is known by: it asks `KIND.example`. */
const IN_PAGE = [
  'fetch',
  'xhr',
  'events',
  'beacon',
  'socket',
  'image',
  'style-image',
  'audio',
  'frame',
  'object',
  'script',
  'stylesheet',
  'font',
  'prefetch',
  'import',
  'form',
  'ping',
];
const IN_WORKER = ['worker-fetch', 'worker-socket', 'worker-import'];
const IN_SERVICE_WORKER = ['service-worker-fetch', 'service-worker-socket'];

/** How long a refused attempt could hide at most: an allowed one has been seen long before, milliseconds. */
const SETTLED_MS = 1000;

/** Every way a page has of asking another server, short of leaving for it. */
async function tryEverything(page: Page): Promise<void> {
  await page.evaluate(() => {
    const at = (kind: string): string => `http://${kind}.example/x`;
    const add = (tag: string, attributes: Record<string, string>): HTMLElement => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      return document.body.appendChild(element);
    };
    fetch(at('fetch')).catch(() => undefined);
    const xhr = new XMLHttpRequest();
    xhr.open('POST', at('xhr'));
    xhr.send('sound');
    new EventSource(at('events'));
    navigator.sendBeacon(at('beacon'), 'sound');
    new WebSocket('ws://socket.example/x');
    add('img', { src: at('image') });
    add('p', {}).style.backgroundImage = `url(${at('style-image')})`;
    add('audio', { src: at('audio') });
    add('iframe', { src: at('frame') });
    add('object', { data: at('object') });
    add('script', { src: at('script') });
    add('link', { rel: 'stylesheet', href: at('stylesheet') });
    new FontFace('x', `url(${at('font')})`).load().catch(() => undefined);
    add('link', { rel: 'prefetch', href: at('prefetch') });
    import(at('import')).catch(() => undefined);
    add('iframe', { name: 'target' });
    (add('form', { action: at('form'), method: 'post', target: 'target' }) as HTMLFormElement).submit();
    add('a', { href: '#', ping: at('ping') }).click();
  });
}

/** Runs in a worker or a service worker, whose own response has brought its policy. */
function tryFromWorker(name: string): void {
  fetch(`http://${name}-fetch.example/x`).catch(() => undefined);
  new WebSocket(`ws://${name}-socket.example/x`);
  import(`http://${name}-import.example/x`).catch(() => undefined);
}

async function tryFromEverywhere(page: Page, context: BrowserContext): Promise<void> {
  await tryEverything(page);
  await expect.poll(() => page.workers().length).toBeGreaterThan(0);
  await page.workers()[0]?.evaluate(tryFromWorker, 'worker');
  await expect.poll(() => context.serviceWorkers().length).toBeGreaterThan(0);
  await context.serviceWorkers()[0]?.evaluate(tryFromWorker, 'service-worker');
}

/** The first labels of the hosts that were asked. */
async function asked(): Promise<string[]> {
  const requests = await takeOutsideRequests();
  return requests.map((request) => /([\w-]+)\.example/.exec(request)?.[1] ?? request);
}

test('where nothing forbids it, the recorder sees every attempt to ask another machine', async ({
  browser,
}) => {
  const bodies: Record<string, string> = {
    '/worker.js': '',
    '/service-worker.js': 'onactivate = (event) => event.waitUntil(clients.claim())',
    '/': '<!doctype html><title>x</title><body>',
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    response.setHeader('Content-Type', path.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.end(bodies[path] ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const context = await browser.newContext({ serviceWorkers: 'allow' });
  try {
    const page = await context.newPage();
    await page.goto(`http://localhost:${String((server.address() as AddressInfo).port)}/`);
    await page.evaluate(async () => {
      Object.assign(globalThis, { worker: new Worker('/worker.js', { type: 'module' }) });
      await navigator.serviceWorker.register('/service-worker.js');
    });
    await tryFromEverywhere(page, context);
    const seen = new Set<string>();
    const expected = [...IN_PAGE, ...IN_WORKER, ...IN_SERVICE_WORKER].sort();
    await expect
      .poll(async () => {
        for (const kind of await asked()) seen.add(kind);
        return [...seen].sort();
      })
      .toEqual(expected);
  } finally {
    await context.close();
    server.closeAllConnections();
    server.close();
  }
});

test('the policy refuses every one of them in the page, in its workers and in the service worker', async ({
  browser,
  baseURL,
}) => {
  const context = await browser.newContext({ serviceWorkers: 'allow' });
  try {
    const page = await context.newPage();
    const response = await page.goto(`${baseURL ?? ''}/#/settings`);
    expect(response?.headers()).toMatchObject(
      Object.fromEntries(
        Object.entries(SECURITY_HEADERS).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    );
    await expect(page.getByText('Ready: the program is kept on this device')).toBeVisible();
    await tryFromEverywhere(page, context);
    await page.waitForTimeout(SETTLED_MS);
    expect(await asked()).toEqual([]);
  } finally {
    await context.close();
  }
});

test('no script can be put into the page', async ({ browser, baseURL }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(baseURL ?? '');
  const ran = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.injected = true';
    document.head.append(script);
    const handler = document.createElement('img');
    handler.setAttribute('onerror', 'globalThis.injected = true');
    handler.src = './not-there.png';
    document.body.append(handler);
    await new Promise((resolve) => setTimeout(resolve, 50));
    let evaluated = true;
    try {
      (0, eval)('1');
    } catch {
      evaluated = false;
    }
    return { injected: 'injected' in globalThis, evaluated };
  });
  await context.close();
  expect(ran).toEqual({ injected: false, evaluated: false });
});

test('the build carries no script in its page, and nothing that a policy does not hold', () => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  const scripts = html.match(/<script\b[^>]*>[^]*?<\/script>/g) ?? [];
  expect(scripts).toHaveLength(1);
  expect(scripts[0]).toMatch(/ src="[^"]+"><\/script>$/);
  expect(html).not.toMatch(/\son\w+=|\sstyle=|<style/);
  // Before all that it holds, for servers that send no headers of ours.
  const policy =
    /^<!doctype html>\s*<html[^>]*>\s*<head>\s*<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(
      html,
    );
  expect(policy?.[1]?.replaceAll('&#39;', "'")).toBe(POLICY_IN_PAGE);
  // Connections between browsers are out of a content policy's reach.
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  );
  expect(files.length).toBeGreaterThan(10);
  for (const name of files)
    expect(/RTCPeerConnection/.test(readFileSync(join(DIST, name), 'utf8')), name).toBe(false);
});
