// `npm run bench`: how fast the program is on this machine, end to end and part by part, beside what else could do the
// work. Every figure is measured in this run; nothing is copied from elsewhere.

import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import type { BackendName } from '../core/types.ts';
import { AppSession, serveApp, type ServedApp } from './app-session.ts';
import { EXIT, readCommandLine, runCommand, UsageError, type CommandLine } from './args.ts';
import { measureBackup } from './bench-backup.ts';
import { figureTable, type BenchDocument, type Figure, type Machine } from './bench-figures.ts';
import { PartsBench } from './bench-parts.ts';
import { FULL_PLAN, QUICK_PLAN, type BenchPlan } from './bench-plan.ts';
import { measureLinearity, measureThroughput, PoolBench } from './bench-pool.ts';
import { findRecordings, writeClips, type BenchRecordings } from './bench-recordings.ts';
import { measureCancel, measureLoad } from './bench-responsiveness.ts';
import { measureVisits } from './bench-visits.ts';
import { launchBrowser } from './browser.ts';
import { interruption } from './interruption.ts';
import { checkWritable, writeWhole } from './output.ts';

const BENCH = {
  call: 'npm run bench --',
  about:
    'Measures how fast the program is on this machine: end to end, part by part, and beside other programs. Some minutes; the table goes to standard output.',
  flags: {
    json: ['text', 'FILE', 'writes every figure with its peer and the machine it belongs to'],
    data: [
      'text',
      'DIR',
      'a folder of recordings to measure with (default: .cache/data/physionet2016, or simulated ones)',
    ],
    backup: ['switch', '', 'measures a backup of a full device, and nothing else'],
    quick: ['switch', '', 'few rounds: every figure, but rough'],
  },
} as const;

type Flags = CommandLine<typeof BENCH.flags>['flags'];

/** Beside the data, so that thousands of names need no copies. */
const TEMPORARY = fileURLToPath(new URL(`../../.cache/bench-${String(process.pid)}`, import.meta.url));

/** What a backup is measured with comes from nowhere. */
const NOTHING: BenchRecordings = { paths: [], about: '' };

interface Bench {
  app: ServedApp;
  plan: BenchPlan;
  paths: readonly string[];
  interrupted: AbortSignal;
  log: (line: string) => void;
  figures: Figure[];
}

async function main(argv: string[]): Promise<number> {
  const { paths: extra, flags } = readCommandLine(argv, BENCH.flags);
  if (extra.length > 0) throw new UsageError('Name recordings with --data DIR');
  if (flags.json !== undefined) await checkWritable(flags.json);
  const interrupted = interruption();
  let document: BenchDocument;
  await mkdir(TEMPORARY, { recursive: true });
  try {
    document = await measure(flags, interrupted);
  } catch (error) {
    // Whatever was under way has failed with its browser.
    if (interrupted.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    await rm(TEMPORARY, { recursive: true, force: true });
  }
  if (flags.json !== undefined) await writeWhole(flags.json, `${JSON.stringify(document, null, 2)}\n`);
  console.log(`${figureTable(document.figures)}\n\n${describe(document.machine)}`);
  return EXIT.done;
}

async function measure(flags: Flags, interrupted: AbortSignal): Promise<BenchDocument> {
  const log = (line: string): void => console.error(line);
  const startedAt = new Date().toISOString();
  const isBackup = flags.backup === true;
  const { paths, about } = isBackup ? NOTHING : await findRecordings(flags.data, TEMPORARY);
  if (!isBackup) log(`Measuring with ${String(paths.length)} ${about}.`);
  const app = await serveApp(log);
  const isQuick = flags.quick === true;
  const figures: Figure[] = [];
  const bench = { app, plan: isQuick ? QUICK_PLAN : FULL_PLAN, paths, interrupted, log, figures };
  try {
    const machine = isBackup ? await measureBackups(bench) : await measurePool(bench);
    if (!isBackup) await measureRest(bench, machine.backend === 'webgpu');
    const { version: appVersion } = packageJson;
    return { schema: 'heartbeat-bench/1', appVersion, startedAt, isQuick, machine, figures };
  } finally {
    await app.server.close();
  }
}

/** Many recordings through the pool, on WASM and, where the browser chooses it by itself, on WebGPU. */
async function measurePool({ app, plan, paths, interrupted, log, figures }: Bench): Promise<Machine> {
  const session = await AppSession.open({ webgpu: true, log, app });
  endWith(interrupted, () => session.close());
  const start = (backend: BackendName | 'auto'): Promise<{ report: { name: BackendName } }> =>
    session.call('start', { model: null, backend });
  try {
    const backend = (await start('auto')).report.name;
    const machine: Machine = {
      cores: availableParallelism(),
      userAgent: await session.page.evaluate(() => navigator.userAgent),
      backend,
    };
    await start('wasm');
    const bench = await PoolBench.open(session, paths);
    log('Throughput on wasm…');
    figures.push(...(await measureThroughput(session, bench, 'wasm', paths, plan)));
    const clips = await writeClips(TEMPORARY, plan.costs.counts.at(-1) ?? 0);
    log(`Up to ${String(clips.length)} clips…`);
    figures.push(...(await measureLinearity(bench, clips, plan)));
    if (backend === 'webgpu') {
      log('Throughput on webgpu…');
      await start('webgpu');
      figures.push(...(await measureThroughput(session, bench, 'webgpu', paths, plan)));
    }
    return machine;
  } finally {
    await session.close();
  }
}

async function measureBackups({ app, plan, interrupted, log, figures }: Bench): Promise<Machine> {
  const browser = await launchBrowser({}, log);
  endWith(interrupted, () => browser.close());
  try {
    const page = await browser.newPage();
    const userAgent = await page.evaluate(() => navigator.userAgent);
    figures.push(...(await measureBackup(browser, app.server.origin, plan, log)));
    return { cores: availableParallelism(), userAgent, backend: 'wasm' };
  } finally {
    await browser.close();
  }
}

/** The real page, its visits, and the parts. */
async function measureRest(bench: Bench, hasWebGpu: boolean): Promise<void> {
  const { app, plan, paths, interrupted, log, figures } = bench;
  const { origin } = app.server;
  const browser = await launchBrowser({ webgpu: true }, log);
  endWith(interrupted, () => browser.close());
  try {
    log(`The page, with ${String(plan.memory.many)} recordings dropped on it…`);
    figures.push(...(await measureLoad(browser, origin, paths, TEMPORARY, plan)));
    figures.push(...(await measureCancel(browser, origin, paths, TEMPORARY, plan)));
    log('Visits…');
    figures.push(...(await measureVisits(browser, origin, paths[0] ?? '', plan)));
    log('The parts of the signal path…');
    const parts = await PartsBench.open(browser, TEMPORARY, paths);
    figures.push(...(await parts.stages(plan)), ...(await parts.networks('wasm', plan)));
    if (hasWebGpu) figures.push(...(await parts.networks('webgpu', plan)));
    figures.push(...(await parts.logMels(plan)));
    await parts.close();
  } finally {
    await browser.close();
  }
}

/** A browser that is closed answers whatever is under way in it with an error: the run ends at once. */
function endWith(interrupted: AbortSignal, close: () => Promise<void>): void {
  interrupted.throwIfAborted();
  interrupted.addEventListener('abort', () => void close(), { once: true });
}

function describe({ cores, userAgent, backend }: Machine): string {
  return `${String(cores)} cores; ${userAgent}; by itself the browser takes ${backend}. A ratio is the figure over its peer.`;
}

await runCommand(BENCH, main);
