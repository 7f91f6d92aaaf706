// A visit: what is downloaded, and how long it takes from the address to the first answer, for the first time and again.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Browser, BrowserContext } from 'playwright';
import { median } from '../bench/interleaved.ts';
import { drop } from './bench-app-page.ts';
import { figure, type Figure } from './bench-figures.ts';
import type { BenchPlan } from './bench-plan.ts';
import { DIST } from './build.ts';
import { firstPaintFiles } from './first-paint.ts';

/** Brotli at its best: what a server has that compresses once and for all. */
const BEST_BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

const KB = 1_000;

interface Visit {
  /** Milliseconds from the start of the navigation. */
  firstPaintMs: number;
  firstAnswerMs: number;
  /** Everything that was asked for, as paths in the build. */
  requested: string[];
}

/** @param recording path of the one that is dropped as soon as the page is there */
export async function measureVisits(
  browser: Browser,
  origin: string,
  recording: string,
  { visits }: BenchPlan,
): Promise<Figure[]> {
  const first: Visit[] = [];
  const again: Visit[] = [];
  for (let i = 0; i < visits; i++) {
    const context = await browser.newContext({ locale: 'en-GB' });
    try {
      first.push(await visit(context, origin, recording));
      again.push(await visit(context, origin, recording));
    } finally {
      await context.close();
    }
  }
  const n = [visits, 'visits'] as const;
  const ms = (id: string, what: string, of: (visit: Visit) => number): Figure =>
    figure(`start.${id}`, what, median(again.map(of)), 'ms', n, {
      name: 'nothing cached',
      value: median(first.map(of)),
    });
  return [
    ms('paint', 'address to first paint, cached', ({ firstPaintMs }) => firstPaintMs),
    ms('answer', 'address to first answer, cached', ({ firstAnswerMs }) => firstAnswerMs),
    ...first.slice(0, 1).flatMap(downloads),
  ];
}

async function visit(context: BrowserContext, origin: string, recording: string): Promise<Visit> {
  const page = await context.newPage();
  const requested = new Set<string>();
  const note = (request: { url(): string }): void => {
    const { pathname } = new URL(request.url());
    // A blob of the page has its origin, too, and is no download.
    if (request.url().startsWith(`${origin}/`))
      requested.add(pathname === '/' ? 'index.html' : pathname.slice(1));
  };
  context.on('request', note);
  try {
    await page.addInitScript(noteFirstAnswer);
    await page.goto(`${origin}/?backend=wasm`);
    await page.locator('h1').waitFor();
    await drop(await context.newCDPSession(page), [recording]);
    const noted = await page.waitForFunction(() => globalThis.heartbeatFirstAnswerMs);
    const firstAnswerMs = (await noted.jsonValue()) ?? NaN;
    return { firstPaintMs: await page.evaluate(firstPaintMs), firstAnswerMs, requested: [...requested] };
  } finally {
    context.off('request', note);
    await page.close();
  }
}

declare global {
  /** Milliseconds from the start of the navigation until an answer was on the page. */
  var heartbeatFirstAnswerMs: number | undefined;
}

function noteFirstAnswer(): void {
  new MutationObserver((_, observer) => {
    if (!document.querySelector('section.answer')) return;
    observer.disconnect();
    globalThis.heartbeatFirstAnswerMs = performance.now();
  }).observe(document, { subtree: true, childList: true });
}

function firstPaintMs(): number {
  return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN;
}

/** What the parts of the program weigh on their way: brotli, and gzip beside it. */
function downloads({ requested }: Visit): Figure[] {
  const isModel = (path: string): boolean => /\/(weights|model)-[^/]*\.(bin|js|json)$/.test(path);
  const isWasm = (path: string): boolean => path.endsWith('.wasm');
  const parts: [id: string, what: string, paths: string[]][] = [
    ['first-paint', 'before the first paint', firstPaintFiles()],
    ['app', 'program until the first answer', requested.filter((path) => !isModel(path) && !isWasm(path))],
    ['model', 'the model', requested.filter(isModel)],
    ['wasm', 'the WASM binary', requested.filter(isWasm)],
    ['all', 'everything until the first answer', requested],
  ];
  const sizes = new Map<string, { brotli: number; gzip: number }>();
  for (const path of new Set(parts.flatMap(([, , paths]) => paths))) {
    const bytes = readFileSync(join(DIST, path));
    sizes.set(path, {
      brotli: brotliCompressSync(bytes, BEST_BROTLI).length / KB,
      gzip: gzipSync(bytes).length / KB,
    });
  }
  return parts.map(([id, what, paths]) => {
    const total = (by: 'brotli' | 'gzip'): number =>
      paths.reduce((sum, path) => sum + (sizes.get(path)?.[by] ?? NaN), 0);
    const gzip = { name: 'gzip', value: total('gzip') };
    return figure(
      `download.${id}`,
      `download: ${what}, brotli`,
      total('brotli'),
      'KB',
      [paths.length, 'files'],
      gzip,
    );
  });
}
