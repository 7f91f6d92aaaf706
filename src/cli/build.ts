// The built app that the command line drives: where it is, whether it is older than its sources,
// and how to make it anew without taking it away from whoever is using it.

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folder of the built app. */
export const DIST = join(ROOT, 'dist');

const VITE = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');

/** What the build is made from; the command line and the bench are not part of it. */
const SOURCES = ['src', 'workers', 'models', 'public', 'index.html', 'vite.config.ts', 'package.json'];
const NOT_BUILT = /(^|[\\/])(cli[\\/](?!headers\.ts)|(bench|fixtures)[\\/])|\.test\.ts$|tsconfig/;

/** Builds the app if it is missing or older than any source. Says so through `log` when it does. */
export async function ensureBuilt(log: (line: string) => void): Promise<void> {
  if (!isStale()) return;
  log('Building the app…');
  // Built beside and moved in place: another command may be reading the old one.
  const fresh = join(ROOT, '.cache', `dist-${String(process.pid)}`);
  // By a process of its own: what a build fills of memory, some 700 MB, would stay with a run of hours.
  await run(process.execPath, [VITE, 'build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'error'], {
    cwd: ROOT,
  });
  const old = `${fresh}-old`;
  // Of several commands that found it stale, the first to be ready puts its own there.
  if (isStale()) {
    if (existsSync(DIST)) renameSync(DIST, old);
    renameSync(fresh, DIST);
  }
  for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
}

function isStale(): boolean {
  const built = statSync(join(DIST, 'index.html'), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  return SOURCES.some((source) => newest(join(ROOT, source)) > built);
}

/** Time of the newest source below a path, milliseconds; 0 where there is none. */
function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (stat.isFile()) return stat.mtimeMs;
  let latest = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || NOT_BUILT.test(file.slice(ROOT.length))) continue;
    latest = Math.max(latest, statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  }
  return latest;
}
