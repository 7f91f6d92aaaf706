// `npm run fuzz`: every reader of bytes and foreign text is given thousands of altered inputs, each in bounded time and
// memory, and may answer with a value or with a sentence. Anything else is a finding: it is minimised, written to a
// file, and ends the run with exit code 1. The same seed gives the same inputs.

import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EXIT, readCommandLine, runCommand, UsageError } from '../cli/args.ts';
import { Inputs } from './inputs.ts';
import { readerOf, type ReaderGroup } from './readers.ts';
import type { Assignment, Finding, ReaderReport } from './report.ts';

const FUZZ = {
  call: 'npm run fuzz --',
  about:
    'Gives every reader of files and foreign text altered inputs: each must be read or refused in a sentence, in bounded time and memory. Without --seed the inputs are others each time.',
  flags: {
    inputs: ['count', 'N', 'inputs for each reader (default: 10000)'],
    seed: ['number', 'N', 'gives the same inputs again'],
    reader: ['text', 'NAME', 'only this reader'],
    file: ['text', 'FILE', 'only this input, given to the reader of --reader'],
    patience: ['count', 'SECONDS', 'after which an input hangs its reader (default: 10)'],
    readers: ['text', 'FILE', 'a module with other readers'],
  },
} as const;

const DEFAULT_INPUTS = 10_000;
/** An input that takes longer hangs the reader: a small one takes some milliseconds, on a busy machine a second. */
const HANG_SECONDS = 10;
const WATCH_MS = 250;
/** Before the first input a process has to come up. */
const NOT_YET = -1;
const START_MS = 60_000;
/** Objects and texts; typed arrays are counted one by one. */
const HEAP_MB = 384;
/** A process that has grown so large was not bounded. */
const MAX_RSS_BYTES = 1.5 * 2 ** 30;
/** What some thousand inputs may leave behind: compiled code, caches. */
const MAX_GROWN_BYTES = 32 * 2 ** 20;
const SMALLEST_MB = 2 ** 20;

const FOLDER = fileURLToPath(new URL('../../.cache/fuzz/', import.meta.url));
const CHILD = fileURLToPath(new URL('./fuzz-child.ts', import.meta.url));

interface Run {
  reader: string;
  report: ReaderReport | null;
  findings: Finding[];
}

async function main(argv: string[]): Promise<number> {
  const { paths, flags } = readCommandLine(argv, FUZZ.flags);
  if (paths.length > 0) throw new UsageError('Name an input with --file FILE');
  const module =
    flags.readers === undefined ? new URL('./readers.ts', import.meta.url) : pathToFileURL(flags.readers);
  const { READERS } = (await import(module.href)) as { READERS: Record<string, ReaderGroup> };
  const readers = Object.keys(READERS).filter((name) => flags.reader === undefined || name === flags.reader);
  if (readers.length === 0)
    throw new UsageError(
      `There is no reader "${flags.reader ?? ''}"; there are ${Object.keys(READERS).join(', ')}`,
    );
  if (flags.file !== undefined && readers.length > 1)
    throw new UsageError('Say with --reader who reads the file');
  const seed = flags.seed ?? Math.floor(Math.random() * 2 ** 31);
  const inputs = flags.inputs ?? DEFAULT_INPUTS;
  mkdirSync(FOLDER, { recursive: true });
  console.error(`seed ${String(seed)}, ${String(inputs)} inputs a reader`);
  const only = flags.file === undefined ? {} : { only: readFileSync(flags.file).toString('base64') };
  const runs = await inTurn(readers, (reader) =>
    examine(READERS, {
      hangMs: 1000 * (flags.patience ?? HANG_SECONDS),

      readers: module.href,
      reader,
      seed,
      inputs,
      progress: `${FOLDER}${reader}.at`,
      ...only,
    }),
  );
  console.log(table(runs));
  for (const { reader, findings } of runs) for (const finding of findings) tell(reader, seed, finding);
  return runs.every(({ findings }) => findings.length === 0) ? EXIT.done : EXIT.incomplete;
}

/** As many at a time as there are cores, in their order. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const takeNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, takeNext));
  return results;
}

async function examine(groups: Record<string, ReaderGroup>, assignment: Assignment): Promise<Run> {
  const { reader, seed, only } = assignment;
  const { report, why, index, output } = await runChild(assignment);
  if (report) return { reader, report, findings: [...report.findings, ...unbounded(report)] };
  const made = async (): Promise<Uint8Array> =>
    (await Inputs.of(await readerOf(groups, reader), seed)).at(index);
  const input = only ?? Buffer.from(await made()).toString('base64');
  return { reader, report, findings: [{ signature: why, detail: output, index, input }] };
}

interface Ended {
  report: ReaderReport | null;
  /** Why there is none. */
  why: string;
  index: number;
  output: string;
}

/** The child's report, or how it ended without one. */
function runChild(assignment: Assignment): Promise<Ended> {
  writeFileSync(assignment.progress, Buffer.from(Float64Array.of(NOT_YET).buffer));
  const child = fork(CHILD, [JSON.stringify(assignment)], {
    execArgv: ['--import', 'tsx', '--expose-gc', `--max-old-space-size=${String(HEAP_MB)}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-4000)));
  return new Promise((resolve) => {
    let report: ReaderReport | null = null;
    let [last, since, isHung] = [NOT_YET, performance.now(), false];
    const index = (): number =>
      new Float64Array(Uint8Array.from(readFileSync(assignment.progress)).buffer)[0] ?? NOT_YET;
    const watchdog = setInterval(() => {
      const now = index();
      if (now !== last) [last, since] = [now, performance.now()];
      if (performance.now() - since < (now === NOT_YET ? START_MS : assignment.hangMs)) return;
      isHung = true;
      child.kill('SIGKILL');
    }, WATCH_MS);
    child.on('message', (message) => (report = message as ReaderReport));
    child.on('close', (code, signal) => {
      clearInterval(watchdog);
      const why = isHung
        ? `no answer within ${String(assignment.hangMs / 1000)} s`
        : wayOfEnding(code, signal, output);
      const ended = { report, why, index: index(), output };
      rmSync(assignment.progress, { force: true });
      resolve(ended);
    });
  });
}

function wayOfEnding(code: number | null, signal: string | null, output: string): string {
  if (/heap out of memory/.test(output)) return `more than ${String(HEAP_MB)} MB of objects`;
  // Node's own code for a top-level await of a promise that nothing will settle.
  if (code === 13) return 'a promise that is never settled';
  return `the process ended with ${signal ?? `code ${String(code)}`}`;
}

function unbounded({ peakRssBytes, grownBytes, longestIndex }: ReaderReport): Finding[] {
  const found = (signature: string): Finding => ({ signature, detail: '', index: longestIndex, input: '' });
  return [
    ...(peakRssBytes > MAX_RSS_BYTES ? [found(`the process grew to ${megabytes(peakRssBytes)} MB`)] : []),
    ...(grownBytes > MAX_GROWN_BYTES ? [found(`${megabytes(grownBytes)} MB were left behind`)] : []),
  ];
}

function megabytes(bytes: number): string {
  return (bytes / SMALLEST_MB).toFixed(bytes < 10 * SMALLEST_MB ? 1 : 0);
}

function table(runs: readonly Run[]): string {
  const rows = runs.map(({ reader, report, findings }) => [
    reader,
    report ? String(report.accepted + report.refused.reduce((sum, [, n]) => sum + n, 0)) : '',
    String(report?.accepted ?? ''),
    String(findings.length),
    report?.longestMs.toFixed(0) ?? '',
    report ? megabytes(report.peakInputBytes) : '',
    report ? megabytes(report.peakRssBytes) : '',
    report?.refused.map(([code, n]) => `${code} ${String(n)}`).join(', ') ?? '',
  ]);
  const all = [
    ['reader', 'answered', 'accepted', 'findings', 'longest ms', 'MB an input', 'MB in all', 'refused'],
    ...rows,
  ];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function tell(reader: string, seed: number, { signature, detail, index, input }: Finding): void {
  const path = `${FOLDER}${reader}-${String(seed)}-${String(index)}.bin`;
  if (input !== '') writeFileSync(path, Buffer.from(input, 'base64'));
  console.log(`\n${reader}: ${signature} (seed ${String(seed)}, input ${String(index)})\n${detail}`);
  if (input !== '') console.log(`again: npm run fuzz -- --reader ${reader} --file ${path}`);
}

await runCommand(FUZZ, main);
