// All that lies outside this machine, as the browsers of the suite see it: a proxy that lets nothing through and writes
// down what was asked for, by pages, workers, service workers and the commands' browsers alike. Addresses of this
// machine never go through a proxy.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What Chromium asks for on its own account, whatever page is open; a page that did is seen by its context. */
const OF_THE_BROWSER = /(^|[/.])(google|googleapis|gvt1)\.com([:/]|$)/;

/**
 * Opens it for every process that is started from now on. Browsers on Linux find it in their environment; those that
 * the suite starts itself are told by `outsideArguments`.
 */
export async function openOutside(): Promise<Server> {
  let requests: string[] = [];
  const note = (method = '', url = ''): void => {
    if (!OF_THE_BROWSER.test(url)) requests.push(`${method} ${url}`);
  };
  const server = createServer((request, response) => {
    // A path alone is meant for us, not for another server.
    if (request.url === '/requests') {
      // A test that waits for a command lets a kept connection grow too old.
      response.setHeader('Connection', 'close');
      response.end(JSON.stringify(requests));
      requests = [];
      return;
    }
    note(request.method, request.url);
    response.writeHead(403).end();
  });
  // Safe connections and sockets.
  server.on('connect', (request, socket) => {
    note(request.method, request.url);
    socket.on('error', () => undefined).end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  Object.assign(process.env, { E2E_OUTSIDE: address, all_proxy: address, no_proxy: 'localhost,127.0.0.1' });
  return server;
}

const address = (): string => process.env['E2E_OUTSIDE'] ?? '';

/** Flags of a browser that is to be watched. */
export function outsideArguments(): string[] {
  return address() === '' ? [] : [`--proxy-server=${address()}`];
}

/** What other machines were asked for since the last call: method and address. */
export async function takeOutsideRequests(): Promise<string[]> {
  const response = await fetch(`${address()}/requests`);
  return (await response.json()) as string[];
}
