// `npm run soak`: a day of use in some minutes. Everything that people do with the program is done again and again in one
// page, whose clock is moved on in between; each round ends with nothing kept, and what is then still held is measured.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright';
import packageJson from '../../package.json' with { type: 'json' };
import { serveApp } from './app-session.ts';
import { EXIT, readCommandLine, runCommand, UsageError } from './args.ts';
import { ensureBrowser, launchProfile } from './browser.ts';
import { writeFrugalBrowser } from './frugal-browser.ts';
import { interruption } from './interruption.ts';
import { checkWritable, writeWhole } from './output.ts';
import { writeSoakFiles, type SoakFiles } from './soak-files.ts';
import { countObjectUrls, readGauges } from './soak-gauges.ts';
import { SoakPage } from './soak-page.ts';
import { judgeRounds, roundTable, verdictTable, type SoakDocument, type SoakRound } from './soak-report.ts';
import { SOAK_STEPS } from './soak-round.ts';

const SOAK = {
  call: 'npm run soak --',
  about:
    'Uses the program for a simulated day: predicts, batches, trains, deletes, goes between pages, and looks whether memory, workers, storage and the page end where they were. Exit code 1 says that something has grown.',
  flags: {
    minutes: ['number', 'N', 'how long it takes, in real minutes (default: 20)'],
    json: ['text', 'FILE', 'writes every reading and verdict'],
  },
} as const;

const DEFAULT_MINUTES = 20;
const DAY_HOURS = 24;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The part of the time, and the rounds at least, in which code is compiled and optimised and everything is made that is made once. */
const WARMING_UP = 0.25;
const WARM_UP_ROUNDS = 4;
/** Rounds without a reload that a slope takes. */
const ROUNDS_FOR_A_SLOPE = 8;
/** The part of the time at its end in which the page is reloaded before every round: before, leaks add up. */
const RELOADING = 0.1;

interface Soak {
  app: SoakPage;
  files: SoakFiles;
  interrupted: AbortSignal;
  minutes: number;
  startedMs: number;
  /** Milliseconds by which the clock of the page is ahead. */
  aheadMs: number;
  actions: Record<string, number>;
}

async function main(argv: string[]): Promise<number> {
  const { paths, flags } = readCommandLine(argv, SOAK.flags);
  if (paths.length > 0) throw new UsageError('It takes no files: what it hands over it makes itself');
  const { minutes = DEFAULT_MINUTES, json } = flags;
  if (minutes <= 0) throw new UsageError('--minutes takes a number above 0');
  if (json !== undefined) await checkWritable(json);
  const interrupted = interruption();
  const temporary = await mkdtemp(join(tmpdir(), 'heartbeat-soak-'));
  try {
    const document = await soak(temporary, minutes, interrupted);
    if (json !== undefined) await writeWhole(json, `${JSON.stringify(document, null, 2)}\n`);
    return report(document);
  } catch (error) {
    // Whatever was under way has failed with its browser.
    if (interrupted.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function soak(temporary: string, minutes: number, interrupted: AbortSignal): Promise<SoakDocument> {
  const log = (line: string): void => console.error(line);
  const startedAt = new Date().toISOString();
  const filesFolder = join(temporary, 'files');
  await mkdir(filesFolder);
  const files = await writeSoakFiles(filesFolder);
  const { server } = await serveApp(log);
  try {
    const executablePath = await frugalBrowser(temporary, log);
    const profile = join(temporary, 'profile');
    const context = await launchProfile(profile, { microphone: true, executablePath }, log);
    interrupted.addEventListener('abort', () => void context.close(), { once: true });
    try {
      const incidents = collectIncidents(context);
      await countObjectUrls(context);
      await context.clock.install();
      const app = await SoakPage.open(context, server.origin);
      // What the browser began with has a process of its own.
      for (const page of context.pages()) if (page !== app.page) await page.close();
      const actions: Record<string, number> = {};
      const startedMs = Date.now();
      const rounds = await goRound({ app, files, interrupted, minutes, startedMs, aheadMs: 0, actions }, log);
      return {
        schema: 'heartbeat-soak/1',
        appVersion: packageJson.version,
        startedAt,
        minutes: (Date.now() - startedMs) / MINUTE_MS,
        simulatedHours: rounds.at(-1)?.hour ?? 0,
        userAgent: await app.page.evaluate(() => navigator.userAgent),
        rounds,
        actions,
        incidents,
        verdicts: judgeRounds(rounds),
      };
    } finally {
      await context.close();
    }
  } finally {
    await server.close();
  }
}

/** The program to launch where the memory of processes is read, and nobody may keep what they need not. */
async function frugalBrowser(temporary: string, log: (line: string) => void): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const path = join(temporary, 'browser');
  await writeFrugalBrowser(ensureBrowser(log), path);
  return path;
}

/** Errors of every page of the context. */
function collectIncidents(context: BrowserContext): string[] {
  const incidents: string[] = [];
  context.on('weberror', (error) => incidents.push(`page error: ${error.error().message}`));
  context.on('console', (message) => {
    if (message.type() === 'error') incidents.push(`console: ${message.text()}`);
  });
  return incidents;
}

/** Round after round until the time is over. */
async function goRound(soaking: Soak, log: (line: string) => void): Promise<SoakRound[]> {
  const rounds: SoakRound[] = [];
  while (hoursOf(soaking) < DAY_HOURS) {
    const round = rounds.length + 1;
    const stage = stageOf(round, hoursOf(soaking) / DAY_HOURS);
    if (stage === 'reloaded') await soaking.app.reload();
    const actions = await takeRound(soaking, round);
    const hour = hoursOf(soaking);
    const reading = await readGauges(soaking.app);
    rounds.push({ round, hour, stage, actions, reading });
    log(roundTable(rounds.slice(-1)).split('\n').slice(0, 2).join('\n'));
  }
  return rounds;
}

/** @param passed of the time, 0..1 */
function stageOf(round: number, passed: number): SoakRound['stage'] {
  if (round <= WARM_UP_ROUNDS || passed < WARMING_UP) return 'warm-up';
  return passed > 1 - RELOADING ? 'reloaded' : 'without a reload';
}

/** @returns how many things were done */
async function takeRound(soaking: Soak, round: number): Promise<number> {
  const { app, files, interrupted, actions } = soaking;
  let done = 0;
  for (const { what, do: act } of SOAK_STEPS) {
    interrupted.throwIfAborted();
    try {
      await act(app, files, round);
    } catch (error) {
      const why = error instanceof Error ? error.message : '';
      throw new Error(`Round ${String(round)}, ${what}: ${why}${await seen(app)}`, { cause: error });
    }
    actions[what] = (actions[what] ?? 0) + 1;
    done++;
    await moveClock(soaking);
  }
  return done;
}

/** What the page says, to know where somebody got stuck. */
async function seen(app: SoakPage): Promise<string> {
  const words = await app.page.evaluate(() => document.body.innerText).catch(() => '');
  return `\n\nOn the page:\n${words}`;
}

/** Of the day that the minutes stand for. */
function hoursOf({ minutes, startedMs }: Soak): number {
  return Math.min(DAY_HOURS, ((Date.now() - startedMs) / (minutes * MINUTE_MS)) * DAY_HOURS);
}

/** To where the day is by now: timers that are due in between fire once. */
async function moveClock(soaking: Soak): Promise<void> {
  const passedMs = Date.now() - soaking.startedMs;
  const wantedMs = hoursOf(soaking) * HOUR_MS;
  const leapMs = wantedMs - passedMs - soaking.aheadMs;
  if (leapMs <= 0) return;
  await soaking.app.page.clock.fastForward(leapMs);
  soaking.aheadMs += leapMs;
}

/** @returns the exit code */
function report(document: SoakDocument): number {
  const { rounds, verdicts, actions, incidents, minutes, simulatedHours, userAgent } = document;
  const nActions = Object.values(actions).reduce((sum, count) => sum + count, 0);
  const nJudged = rounds.filter(({ stage }) => stage === 'without a reload').length;
  console.log(`${roundTable(rounds)}\n\n${verdictTable(verdicts, rounds)}\n`);
  for (const [what, count] of Object.entries(actions)) console.log(`${String(count).padStart(5)}  ${what}`);
  console.log(
    `\n${String(rounds.length)} rounds (${String(nJudged)} after the warm-up and before the reloads), ${String(nActions)} actions, ${simulatedHours.toFixed(1)} simulated hours in ${minutes.toFixed(1)} minutes; ${userAgent}`,
  );
  const faults = verdicts.flatMap(({ what, fault }) => (fault === null ? [] : [`${what} ${fault}`]));
  faults.push(...new Set(incidents));
  if (nJudged < ROUNDS_FOR_A_SLOPE) faults.push('too few rounds for a slope: give it more --minutes');
  for (const fault of faults) console.log(`Not as it was: ${fault}.`);
  if (faults.length === 0) console.log('Everything ends where it was.');
  return faults.length === 0 ? EXIT.done : EXIT.incomplete;
}

await runCommand(SOAK, main);
