// A wire between the browser and the server that counts: whoever asks, page, worker or service worker, every byte of
// every answer passes here.
import { connect, createServer, type AddressInfo } from 'node:net';

export interface Relay {
  origin: string;
  /** Bytes that the server has sent, with the heads of its answers. */
  bytes(): number;
  close(): void;
}

/** Stands in for the server at `target`, an origin of this machine. */
export async function openRelay(target: string): Promise<Relay> {
  const { hostname, port } = new URL(target);
  let bytes = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    upstream.on('data', (chunk) => (bytes += chunk.length));
    client.pipe(upstream).pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    origin: `http://localhost:${String((server.address() as AddressInfo).port)}`,
    bytes: () => bytes,
    close: () => void server.close(),
  };
}
