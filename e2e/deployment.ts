// A place where the program is published twice: first as it is built, then as a build in which a page's code has
// another name and the old one is gone from the server, as after any release.

import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { DIST } from '../src/cli/build.ts';
import { startServer, type RunningServer } from '../src/cli/server.ts';

/** Loaded when they are first opened: after the release the server has them no more. */
const RENAMED = ['HistoryPage', 'MonitorPage'];
const TEXTS = ['.html', '.js'];

export class Deployment {
  readonly origin: string;
  #server: RunningServer;
  /** Where the second build is put. */
  readonly #folder: string;

  private constructor(server: RunningServer, folder: string) {
    this.#server = server;
    this.origin = server.origin;
    this.#folder = folder;
  }

  static async open(folder: string): Promise<Deployment> {
    return new Deployment(await startServer({ dist: DIST, port: 0 }), folder);
  }

  /** From now on the same address gives the second build, whose `<html>` says `data-build="2"`. */
  async release(): Promise<void> {
    makeSecondBuild(this.#folder);
    const { port } = this.#server;
    await this.#server.close();
    this.#server = await startServer({ dist: this.#folder, port });
    if (this.#server.port !== port) throw new Error(`port ${String(port)} was taken meanwhile`);
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

function makeSecondBuild(folder: string): void {
  cpSync(DIST, folder, { recursive: true });
  const assets = join(folder, 'assets');
  const names = readdirSync(assets).filter((name) =>
    RENAMED.some((page) => name.startsWith(`${page}-`) && name.endsWith('.js')),
  );
  if (names.length !== RENAMED.length) throw new Error('the build has no such pages of its own');
  const renamed = new Map(names.map((name) => [name, name.replace(/-[^.]+/, '-second')]));
  for (const [name, next] of renamed) renameSync(join(assets, name), join(assets, next));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !TEXTS.includes(extname(entry.name))) continue;
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path, 'utf8');
    let next = text;
    for (const [name, other] of renamed) next = next.replaceAll(name, other);
    if (entry.name === 'index.html') next = next.replace('<html ', '<html data-build="2" ');
    if (entry.name === 'service-worker.js')
      next = next.replace(
        /\{"?revision"?:"\w+","?url"?:"index\.html"\}/,
        '{"revision":"2","url":"index.html"}',
      );
    if (next !== text) writeFileSync(path, next);
  }
}
