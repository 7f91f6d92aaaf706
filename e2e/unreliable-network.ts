// A network between the browser and the app's server that can be cut, wholly or for some files, while the page is
// on it: what a browser pretends when it is set offline does not reach every kind of worker in every way.

import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface UnreliableNetwork {
  origin: string;
  /** From now on connections of which this is false are broken off in silence. @param path without the query */
  allow(isAllowed: (path: string) => boolean): void;
  close(): Promise<void>;
}

export async function openNetwork(target: string): Promise<UnreliableNetwork> {
  let isAllowed: Parameters<UnreliableNetwork['allow']>[0] = () => true;
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', target);
    if (!isAllowed(url.pathname)) {
      incoming.socket.destroy();
      return;
    }
    const passed = request(url, { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => incoming.socket.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    origin: `http://localhost:${String((server.address() as AddressInfo).port)}`,
    allow: (next) => (isAllowed = next),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
