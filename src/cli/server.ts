// A small static server for the built app, used by `npm start`, the command line and the tests.
// It holds the whole build in memory: there is no path to escape from, and a rebuild does not pull
// files away from a running page. Imports Node only.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { cacheControl, SECURITY_HEADERS } from './headers.ts';

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

const OTHER_TYPE = 'application/octet-stream';

/** Worth compressing: text, and WebAssembly, which shrinks to a third. */
const COMPRESSIBLE = /^(text\/|application\/(json|manifest|wasm)|image\/svg)/;

/** Brotli's effort: 5 of 11 takes a few milliseconds a file and is within some percent of the best. */
const BROTLI_QUALITY = 5;

/** Ports tried after one that is taken. */
const PORT_ATTEMPTS = 20;

/** Bytes handed to the page besides the build: the URL's path below the origin, or null if it is not ours. */
export type ExtraFiles = (path: string) => (() => Promise<Uint8Array>) | null;

export interface ServerOptions {
  /** Folder of the built app. */
  dist: string;
  /** Wanted port; the next free one is used when it is taken. 0: any free port. */
  port: number;
  /** Interface to listen on; other machines cannot reach the default. */
  host?: string;
  /** Local recordings and models for a page that knows where to ask. */
  extra?: ExtraFiles;
}

export interface RunningServer {
  port: number;
  /** Where a browser on this machine finds it: `http://localhost:PORT`, or the host that was asked for. */
  origin: string;
  close(): Promise<void>;
}

interface StoredFile {
  bytes: Buffer;
  type: string;
  etag: string;
  compressed: Map<string, Buffer>;
}

/**
 * Serves `dist` until closed.
 * @throws Error when the folder cannot be read or no port is free
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const files = readFolder(options.dist);
  const server = createServer((request, response) => {
    void respond(files, options.extra, request, response);
  });
  const port = await listen(server, options.port, options.host ?? 'localhost');
  return {
    port,
    origin: `http://${reachableName(options.host)}:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Addresses that mean every interface; the server is there under this machine's own name too. */
const EVERY_INTERFACE = ['', '0.0.0.0', '::'];

function reachableName(host = 'localhost'): string {
  if (EVERY_INTERFACE.includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function readFolder(folder: string): Map<string, StoredFile> {
  const files = new Map<string, StoredFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    files.set('/' + relative(folder, path).split(sep).join('/'), {
      bytes,
      type: MIME_TYPES[extname(path).toLowerCase()] ?? OTHER_TYPE,
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
      compressed: new Map(),
    });
  }
  const index = files.get('/index.html');
  if (index) files.set('/', index);
  return files;
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await listenOnce(server, port === 0 ? 0 : port + attempt, host);
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

function listenOnce(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function respond(
  files: Map<string, StoredFile>,
  extra: ExtraFiles | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = urlPath(request.url ?? '/');
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  const file = path === null ? undefined : files.get(path);
  if (path !== null && file !== undefined) {
    sendFile(file, path, request, response);
    return;
  }
  const read = path === null ? null : (extra?.(path) ?? null);
  if (read === null) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found\n');
    return;
  }
  try {
    const bytes = await read();
    response.writeHead(200, { 'Content-Type': OTHER_TYPE, 'Cache-Control': 'no-store' }).end(bytes);
  } catch (error) {
    // Gone or unreadable since it was listed: the page turns this into the recording's own error.
    const reason = error instanceof Error ? error.message : String(error);
    response.writeHead(410, { 'Content-Type': 'text/plain; charset=utf-8' }).end(reason);
  }
}

function sendFile(file: StoredFile, path: string, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Type', file.type);
  response.setHeader('Cache-Control', cacheControl(path));
  response.setHeader('ETag', file.etag);
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304).end();
    return;
  }
  const body = compress(file, request.headers['accept-encoding'] ?? '', response);
  response.setHeader('Content-Length', body.length);
  response.writeHead(200).end(request.method === 'HEAD' ? undefined : body);
}

/** The body as the client takes it best; each form is made once. */
function compress(file: StoredFile, accepted: string, response: ServerResponse): Buffer {
  if (!COMPRESSIBLE.test(file.type)) return file.bytes;
  response.setHeader('Vary', 'Accept-Encoding');
  const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : null;
  if (encoding === null) return file.bytes;
  let body = file.compressed.get(encoding);
  if (body === undefined) {
    body =
      encoding === 'br'
        ? brotliCompressSync(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })
        : gzipSync(file.bytes);
    file.compressed.set(encoding, body);
  }
  response.setHeader('Content-Encoding', encoding);
  return body;
}

/** The decoded path of a request, or null if it is not one. */
function urlPath(url: string): string | null {
  try {
    return decodeURIComponent(url.replace(/[?#].*$/, ''));
  } catch {
    return null;
  }
}
