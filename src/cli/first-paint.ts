// What a browser needs of the built app before it can paint: the page, its styles, and the scripts that run before the
// first of them does. Imports Node.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST } from './build.ts';

const read = (path: string): string => readFileSync(join(DIST, path), 'utf8');

/** Scripts that run before the first of `entries` does: the entries and what they import statically. */
export function staticImports(entries: readonly string[]): string[] {
  const queue = [...entries];
  const seen = new Set<string>();
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const match of read(path).matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+\.js)["'`]/g))
      queue.push(`assets/${match[1] ?? ''}`);
  }
  return [...seen];
}

/** Everything the page names and what its scripts need, as paths in the build. */
export function firstPaintFiles(): string[] {
  const named = [...read('index.html').matchAll(/(?:src|href)="(?:\.?\/)?(assets\/[^"]+\.(?:js|css))"/g)].map(
    (match) => match[1] ?? '',
  );
  const scripts = named.filter((path) => path.endsWith('.js'));
  const styles = named.filter((path) => path.endsWith('.css'));
  return ['index.html', ...styles, ...staticImports(scripts)];
}
