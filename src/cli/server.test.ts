// The server is asked over HTTP, like a browser asks it; raw sockets where a client would tidy the path.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from './server.ts';

const PAGE = '<!doctype html><title>app</title>';
let folder: string;
let server: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'server-test-'));
  const dist = join(folder, 'dist');
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(dist, 'index.html'), PAGE);
  writeFileSync(join(dist, 'assets', 'worker-abc123.js'), 'postMessage(1);');
  writeFileSync(join(dist, 'assets', 'weights-abc123.bin'), Uint8Array.of(1, 2, 3));
  server = await startServer({
    dist,
    port: 0,
    extra: (path) =>
      path === '/local/there'
        ? () => Promise.resolve(Uint8Array.of(7, 8))
        : path === '/local/gone'
          ? () => Promise.reject(new Error('it vanished'))
          : null,
  });
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** First line of the answer to a request line sent as it is. */
function rawStatus(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, 'localhost', () => {
      socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    });
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('end', () => {
      resolve(text);
    });
    socket.on('error', reject);
  });
}

describe('the server of the built app', () => {
  it('gives the page, to be asked for again each time', async () => {
    const response = await fetch(server.origin);
    expect(await response.text()).toBe(PAGE);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const again = await fetch(server.origin, {
      headers: { 'If-None-Match': response.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it('lets hashed files be kept for ever', async () => {
    const response = await fetch(`${server.origin}/assets/weights-abc123.bin`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3));
    expect(response.headers.get('cache-control')).toContain('immutable');
  });

  it.each(['/', '/assets/worker-abc123.js', '/local/there', '/nothing'])(
    'sends the security headers with %s',
    async (path) => {
      const { headers } = await fetch(server.origin + path);
      expect(headers.get('content-security-policy')).toContain("script-src 'self' 'wasm-unsafe-eval'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('permissions-policy')).toContain('microphone=(self)');
    },
  );

  it('compresses text for those who can read it', async () => {
    const text = await rawStatus('/assets/worker-abc123.js');
    expect(text).toContain('postMessage(1);');
    const response = await fetch(`${server.origin}/assets/worker-abc123.js`, {
      headers: { 'Accept-Encoding': 'gzip' },
    });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.text()).toBe('postMessage(1);');
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '//secret.txt',
    '/%',
  ])('gives nothing outside the build for %s', async (target) => {
    const answer = await rawStatus(target);
    expect(answer).toMatch(/^HTTP\/1\.1 404/);
    expect(answer).not.toContain('\r\nsecret');
  });

  it('gives local files only under their own paths, and says when one is gone', async () => {
    const there = await fetch(`${server.origin}/local/there`);
    expect(new Uint8Array(await there.arrayBuffer())).toEqual(Uint8Array.of(7, 8));
    expect(there.headers.get('cache-control')).toBe('no-store');
    const gone = await fetch(`${server.origin}/local/gone`);
    expect(gone.status).toBe(410);
    expect((await fetch(`${server.origin}/local/other`)).status).toBe(404);
  });

  it('takes no uploads', async () => {
    expect((await fetch(server.origin, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  it('says the host that it was asked to listen on, or one that reaches it', async () => {
    const dist = join(folder, 'dist');
    for (const [host, name] of [
      ['127.0.0.1', '127.0.0.1'],
      ['0.0.0.0', 'localhost'],
    ] as const) {
      const other = await startServer({ dist, port: 0, host });
      expect(other.origin).toBe(`http://${name}:${other.port}`);
      await other.close();
    }
  });

  it('moves to the next free port when the wanted one is taken', async () => {
    const second = await startServer({ dist: join(folder, 'dist'), port: server.port });
    expect(second.port).toBeGreaterThan(server.port);
    expect((await fetch(second.origin)).status).toBe(200);
    await second.close();
  });
});
