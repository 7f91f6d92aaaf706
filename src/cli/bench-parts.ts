// The parts of the signal path, each by itself in a worker, and beside what else could do its work: onnxruntime-web for
// the network, tf.signal for the log-mel. They are built into a page of their own, so that the app carries none of it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, JSHandle, Page } from 'playwright';
import type { OpenBench } from '../bench/bench-page.ts';
import { STAGES } from '../bench/stage-names.ts';
import { AppError } from '../core/errors.ts';
import type { BackendName } from '../core/types.ts';
import { figure, type Figure } from './bench-figures.ts';
import type { BenchPlan } from './bench-plan.ts';
import { startServer, type RunningServer } from './server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How far results of two programs may differ: logits, and log10 of power. */
const MAX_LOGIT_DIFFERENCE = 1e-3;
const MAX_LOG_MEL_DIFFERENCE = 1e-3;

const PREFIX = '/recordings/';

export class PartsBench {
  readonly #page: Page;
  readonly #server: RunningServer;
  readonly #paths: readonly string[];

  private constructor(page: Page, server: RunningServer, paths: readonly string[]) {
    this.#page = page;
    this.#server = server;
    this.#paths = paths;
  }

  /**
   * Builds the bench's page below `folder` and opens it.
   * @param paths recordings within its reach
   */
  static async open(browser: Browser, folder: string, paths: readonly string[]): Promise<PartsBench> {
    const outDir = join(folder, 'page');
    await buildPage(outDir);
    const extra = (path: string): (() => Promise<Uint8Array>) | null => {
      const file = path.startsWith(PREFIX) ? paths[Number(path.slice(PREFIX.length))] : undefined;
      return file === undefined ? null : () => readFile(file);
    };
    const server = await startServer({ dist: outDir, port: 0, extra });
    const page = await browser.newPage();
    await page.goto(server.origin);
    await page.waitForFunction(() => globalThis.heartbeatBench !== undefined);
    return new PartsBench(page, server, paths);
  }

  /** Every stage of the signal path, on wasm. */
  async stages({ stages: { recordings, rounds } }: BenchPlan): Promise<Figure[]> {
    const urls = this.#paths.slice(0, recordings).map((_, i) => PREFIX + String(i));
    const costs = await this.#with('wasm', (bench) =>
      bench.evaluate(({ parts }, [list, n]) => parts.stages(list, n), [urls, rounds] as const),
    );
    return STAGES.map((stage) =>
      figure(`stage.${stage.replaceAll(' ', '-')}`, `stage: ${stage}`, costs[stage], 'ms per s of sound', [
        rounds,
        `rounds of ${String(urls.length)} recordings`,
      ]),
    );
  }

  /** Our network beside onnxruntime-web's. @throws AppError where they do not agree */
  async networks(provider: 'wasm' | 'webgpu', { networks: { sizes, rounds } }: BenchPlan): Promise<Figure[]> {
    const request: [number[], number] = [[...sizes], rounds];
    const comparisons = await this.#with(provider, (bench) =>
      bench.evaluate(({ parts }, [list, n]) => parts.networks(list, n), request),
    );
    return comparisons.map(({ nWindows, ours, theirs, worst }) => {
      if (!(worst <= MAX_LOGIT_DIFFERENCE))
        throw new AppError('internal', `onnxruntime-web answers otherwise: by ${String(worst)}`);
      return figure(
        `network.${provider}.${String(nWindows)}`,
        `network, ${provider}, ${String(nWindows)} windows a call`,
        ours,
        'ms a window',
        [rounds, 'rounds'],
        { name: 'onnxruntime-web', value: theirs },
      );
    });
  }

  /** Our log-mel beside tf.signal's. @throws AppError where they do not agree */
  async logMels({ logMelRounds }: BenchPlan): Promise<Figure[]> {
    const { ours, theirs, worst } = await this.#with('wasm', (bench) =>
      bench.evaluate(({ parts }, [url, n]) => parts.logMels(url, n), [`${PREFIX}0`, logMelRounds] as const),
    );
    if (!(worst <= MAX_LOG_MEL_DIFFERENCE))
      throw new AppError('internal', `tf.signal answers otherwise: by ${String(worst)}`);
    const peer = { name: 'tf.signal on cpu', value: theirs };
    return [figure('log-mel', 'log-mel', ours, 'ms per s of sound', [logMelRounds, 'rounds'], peer)];
  }

  async close(): Promise<void> {
    await this.#page.context().close();
    await this.#server.close();
  }

  /** A fresh worker on a backend. @throws AppError where the browser has another in its place */
  async #with<T>(backend: BackendName, work: (bench: JSHandle<OpenBench>) => Promise<T>): Promise<T> {
    const bench = await this.#page.evaluateHandle(async (name) => {
      if (!globalThis.heartbeatBench) throw new Error('The page of the bench is not ready.');
      return globalThis.heartbeatBench(name);
    }, backend);
    const got = await bench.evaluate((opened) => opened.backend);
    if (got !== backend)
      throw new AppError('backend-unavailable', `This browser has ${got} where ${backend} was asked for`);
    return work(bench);
  }
}

async function buildPage(outDir: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    root: join(ROOT, 'src', 'bench'),
    configFile: join(ROOT, 'vite.config.ts'),
    mode: 'bench',
    publicDir: false,
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  });
}
