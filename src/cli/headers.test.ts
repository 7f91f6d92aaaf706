// Other servers are told what ours sends: the file for Netlify and Cloudflare, and the examples of the README, which
// are run where their server is there.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cacheControl, SECURITY_HEADERS } from './headers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Under both prefixes the same is wanted. */
const PATHS = [
  '',
  'index.html',
  'service-worker.js',
  'manifest.webmanifest',
  'icon.svg',
  'assets/app-abc123.js',
];

/** Long enough to be worth compressing. */
const SCRIPT = '/* heart */'.repeat(500);

/** A build in small, at the root and below a prefix. */
function writeSite(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headers-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const prefix of ['', 'some/prefix/']) {
    mkdirSync(join(folder, prefix, 'assets'), { recursive: true });
    for (const path of PATHS) writeFileSync(join(folder, prefix, path === '' ? 'index.html' : path), SCRIPT);
    writeFileSync(join(folder, prefix, 'assets', 'kernels-abc123.wasm'), SCRIPT);
  }
  return folder;
}

function exampleFor(language: string): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const found = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'm').exec(readme)?.[1];
  if (found === undefined) throw new Error(`the README has no ${language} example`);
  return found;
}

const isThere = (command: string): boolean =>
  spawnSync(command, [command === 'nginx' ? '-v' : 'version'], { stdio: 'ignore' }).status === 0;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Runs a server until the test ends. */
async function run(command: string, args: string[], origin: string): Promise<void> {
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.kill()) await ended;
  });
  await expect
    .poll(
      () =>
        fetch(origin).then(
          (response) => response.status,
          () => said,
        ),
      { timeout: 5000 },
    )
    .toBe(200);
}

async function expectOurHeaders(origin: string): Promise<void> {
  for (const prefix of ['/', '/some/prefix/'])
    for (const path of [...PATHS, 'not-there']) {
      const response = await fetch(origin + prefix + path);
      const sent = Object.fromEntries(
        Object.keys(SECURITY_HEADERS).map((name) => [name, response.headers.get(name)]),
      );
      expect(sent, prefix + path).toEqual(SECURITY_HEADERS);
      if (path !== 'not-there')
        expect(response.headers.get('cache-control'), prefix + path).toBe(cacheControl(prefix + path));
    }
  for (const path of ['assets/app-abc123.js', 'assets/kernels-abc123.wasm', ''])
    expect((await fetch(`${origin}/${path}`)).headers.get('content-encoding'), path).toMatch(
      /^(gzip|br|zstd)$/,
    );
  const typeOf = async (path: string) => (await fetch(`${origin}/${path}`)).headers.get('content-type');
  expect(await typeOf('assets/app-abc123.js')).toMatch(/^(text|application)\/javascript/);
  expect(await typeOf('assets/kernels-abc123.wasm')).toBe('application/wasm');
  expect(await typeOf('manifest.webmanifest')).toMatch(/^application\/manifest\+json/);
}

describe('the headers of other servers', () => {
  it('Netlify and Cloudflare Pages are told the same', () => {
    const rules = new Map<string, Record<string, string>>();
    let rule: Record<string, string> = {};
    for (const line of readFileSync(join(ROOT, 'public/_headers'), 'utf8').split('\n')) {
      if (/^(#|$)/.test(line)) continue;
      const [, name, value = ''] = /^ {2}([\w-]+): (.*)$/.exec(line) ?? [];
      if (name === undefined) rules.set(line, (rule = {}));
      else rule[name] = value;
    }
    const { '/*': everywhere, ...caching } = Object.fromEntries(rules);
    expect(everywhere).toEqual(SECURITY_HEADERS);
    // No two of these hold for one path: both hosts would join their values.
    expect(Object.keys(caching)).toContain('/assets/*');
    for (const [path, headers] of Object.entries(caching))
      expect(headers, path).toEqual({ 'Cache-Control': cacheControl(path.replace('*', 'app-abc123.js')) });
  });

  it.skipIf(!isThere('nginx'))('nginx sends them with the example of the README', async () => {
    const [site, port] = [writeSite(), await freePort()];
    const example = exampleFor('nginx')
      .replace(/listen [^;]*;/, `listen 127.0.0.1:${String(port)};`)
      .replace(/root [^;]*;/, `root ${site};`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${site}/${name};`)
      .join(' ');
    const [config, user] = [join(site, 'nginx.conf'), process.getuid?.() === 0 ? 'user root;' : ''];
    writeFileSync(
      config,
      `daemon off; ${user} pid ${site}/nginx.pid; error_log stderr; events {}
       http { include /etc/nginx/mime.types; access_log off; ${temporary} ${example} }`,
    );
    const origin = `http://127.0.0.1:${String(port)}`;
    await run('nginx', ['-e', 'stderr', '-c', config], origin);
    await expectOurHeaders(origin);
  });

  it.skipIf(!isThere('caddy'))('Caddy sends them with the example of the README', async () => {
    const [site, port] = [writeSite(), await freePort()];
    const origin = `http://127.0.0.1:${String(port)}`;
    const example = exampleFor('caddyfile')
      .replace(/^\S+ \{/m, `${origin} {`)
      .replace(/root \* .*/, `root * ${site}`);
    const config = join(site, 'Caddyfile');
    writeFileSync(config, `{\n\tadmin off\n}\n${example}`);
    await run('caddy', ['run', '--adapter', 'caddyfile', '--config', config], origin);
    await expectOurHeaders(origin);
  });
});
