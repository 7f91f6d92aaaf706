// Command lines: a command and its flags are declared as data, which `--help` prints; a mistake is one clear line
// and exit code 2. Imports Node only.

import { parseArgs } from 'node:util';

/** A mistake of whoever typed the command: shown as one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** One part of a whole that is cut in several. */
export interface Shard {
  /** Which: 1 to `parts`. */
  part: number;
  parts: number;
}

/** What a flag takes: text, a whole number above 0, any number, K/N, one of some words, or nothing at all. */
type FlagKind = 'text' | 'count' | 'number' | 'shard' | 'switch' | readonly string[];

/** What it takes, what stands for that in the usage (nothing for a switch), and its line of `--help`. */
type Flag = readonly [takes: FlagKind, value: string, says: string];

type Flags = Readonly<Record<string, Flag>>;

/** A command as `--help` shows it. */
export interface Command {
  /** How it is called, without flags. */
  call: string;
  /** What it does, in sentences. */
  about: string;
  flags: Flags;
}

/** The flag of every command that computes. */
export const BACKEND_FLAG = [
  ['auto', 'webgpu', 'webgl', 'wasm', 'cpu'],
  'NAME',
  'where to compute: auto (the default: the fastest there is), webgpu, webgl, wasm or cpu',
] as const satisfies Flag;

type FlagValue<Kind extends FlagKind> = Kind extends 'text'
  ? string
  : Kind extends 'count' | 'number'
    ? number
    : Kind extends 'shard'
      ? Shard
      : Kind extends 'switch'
        ? boolean
        : Kind extends readonly (infer Word)[]
          ? Word
          : never;

export interface CommandLine<Known extends Flags> {
  /** What was given besides flags, in order. */
  paths: string[];
  /** Only the flags that were given. */
  flags: { [Name in keyof Known]?: FlagValue<Known[Name][0]> };
}

/**
 * Exit codes of every command. A scheduler may try `brokenOff` again; `incomplete` would come out the same: a
 * recording that cannot be read has its row.
 */
export const EXIT = { done: 0, incomplete: 1, usage: 2, brokenOff: 3, interrupted: 130 } as const;

/**
 * Reads a command line: `--name value`, `--name=value`, `--switch`, and paths in between.
 * @throws UsageError for an unknown flag, a missing or a bad value
 */
export function readCommandLine<const Known extends Flags>(
  argv: readonly string[],
  known: Known,
): CommandLine<Known> {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, [takes]]) => [
      name,
      { type: takes === 'switch' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { values, positionals } = parseOrExplain(argv, options);
  const flags: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(values)) {
    const flag = known[name];
    if (flag !== undefined && given !== undefined) flags[name] = readValue(name, flag[0], given);
  }
  return { paths: positionals, flags: flags as CommandLine<Known>['flags'] };
}

function parseOrExplain(
  argv: readonly string[],
  options: Record<string, { type: 'boolean' | 'string' }>,
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    // Node explains well; its hint about positionals that begin with a dash is dropped.
    const text = error instanceof Error ? error.message : String(error);
    throw new UsageError((text.split(/\. To specify a positional|\n/)[0] ?? text).replace(/\.$/, ''));
  }
}

function readValue(name: string, kind: FlagKind, given: string | boolean): string | number | boolean | Shard {
  if (typeof given === 'boolean') return given;
  if (kind === 'count' || kind === 'number') return readNumber(name, kind, given);
  if (kind === 'shard') return readShard(name, given);
  if (typeof kind !== 'string' && !kind.includes(given))
    throw new UsageError(`--${name} takes one of ${kind.join(', ')}, not "${given}"`);
  if (given === '') throw new UsageError(`--${name} needs a value`);
  return given;
}

function readNumber(name: string, kind: 'count' | 'number', given: string): number {
  const number = Number(given);
  const fits = kind === 'count' ? Number.isSafeInteger(number) && number > 0 : Number.isFinite(number);
  if (given.trim() !== '' && fits) return number;
  const wanted = kind === 'count' ? 'a whole number above 0' : 'a number';
  throw new UsageError(`--${name} takes ${wanted}, not "${given}"`);
}

function readShard(name: string, given: string): Shard {
  const [, part = NaN, parts = NaN] = (/^(\d+)\/(\d+)$/.exec(given) ?? []).map(Number);
  if (Number.isSafeInteger(parts) && part >= 1 && part <= parts) return { part, parts };
  throw new UsageError(`--${name} takes K/N with K from 1 to N, such as 3/16, not "${given}"`);
}

/** The one line that says how a command is called. */
export function usageLine({ call, flags }: Command): string {
  return [call, ...Object.entries(flags).map((entry) => `[${written(entry)}]`)].join(' ');
}

/** What `--help` prints: the usage, what the command does, and a line for each flag. */
export function helpText(command: Command): string {
  const flags = Object.entries(command.flags);
  const width = Math.max(...flags.map((entry) => written(entry).length));
  const lines = flags.map((entry) => `  ${written(entry).padEnd(width)}  ${entry[1][2]}`);
  return [`${command.call} [FLAG]...`, '', command.about, '', ...lines].join('\n');
}

const written = ([name, [, value]]: [string, Flag]): string => `--${name} ${value}`.trimEnd();

/**
 * Runs a command to its exit code: the code `main` resolves with, 2 and one line for a UsageError, 3 and
 * one line for any other failure.
 */
export async function runCommand(command: Command, main: (argv: string[]) => Promise<number>): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    console.log(helpText(command));
    return;
  }
  try {
    process.exitCode = await main(argv);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof UsageError) {
      console.error(`${text}. Usage: ${usageLine(command)}`);
      process.exitCode = EXIT.usage;
    } else {
      console.error(text);
      if (process.env['DEBUG']) console.error(error);
      process.exitCode = EXIT.brokenOff;
    }
  }
}
