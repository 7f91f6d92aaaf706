// Command lines: flags are declared as data, a mistake is one clear line and exit code 2.
// Imports Node only.

import { parseArgs } from 'node:util';

/** A mistake of whoever typed the command: shown as one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a flag takes: text, a whole number above 0, any number, one of some words, or nothing at all. */
export type FlagKind = 'text' | 'count' | 'number' | 'switch' | readonly string[];

export type FlagKinds = Readonly<Record<string, FlagKind>>;

type FlagValue<Kind extends FlagKind> = Kind extends 'text'
  ? string
  : Kind extends 'count' | 'number'
    ? number
    : Kind extends 'switch'
      ? boolean
      : Kind extends readonly (infer Word)[]
        ? Word
        : never;

export interface CommandLine<Kinds extends FlagKinds> {
  /** What was given besides flags, in order. */
  paths: string[];
  /** Only the flags that were given. */
  flags: { [Name in keyof Kinds]?: FlagValue<Kinds[Name]> };
}

/** Exit codes of every command. */
export const EXIT = { done: 0, incomplete: 1, usage: 2, interrupted: 130 } as const;

/**
 * Reads a command line: `--name value`, `--name=value`, `--switch`, and paths in between.
 * @throws UsageError for an unknown flag, a missing or a bad value
 */
export function readCommandLine<const Kinds extends FlagKinds>(
  argv: readonly string[],
  kinds: Kinds,
): CommandLine<Kinds> {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      { type: kind === 'switch' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { values, positionals } = parseOrExplain(argv, options);
  const flags: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(values)) {
    const kind = kinds[name];
    if (kind !== undefined && given !== undefined) flags[name] = readValue(name, kind, given);
  }
  return { paths: positionals, flags: flags as CommandLine<Kinds>['flags'] };
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

function readValue(name: string, kind: FlagKind, given: string | boolean): string | number | boolean {
  if (typeof given === 'boolean') return given;
  if (kind === 'count' || kind === 'number') {
    const number = Number(given);
    const fits = kind === 'count' ? Number.isSafeInteger(number) && number > 0 : Number.isFinite(number);
    if (given.trim() === '' || !fits)
      throw new UsageError(
        `--${name} takes a ${kind === 'count' ? 'whole number above 0' : 'number'}, not "${given}"`,
      );
    return number;
  }
  if (typeof kind !== 'string' && !kind.includes(given))
    throw new UsageError(`--${name} takes one of ${kind.join(', ')}, not "${given}"`);
  if (given === '') throw new UsageError(`--${name} needs a value`);
  return given;
}

/**
 * Runs a command to its exit code: the code `main` resolves with, 2 and one line for a UsageError, 1 and
 * one line for any other failure.
 */
export async function runCommand(usage: string, main: (argv: string[]) => Promise<number>): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    console.log(usage);
    return;
  }
  try {
    process.exitCode = await main(argv);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof UsageError) {
      console.error(`${text}. Usage: ${usage}`);
      process.exitCode = EXIT.usage;
    } else {
      console.error(text);
      if (process.env['DEBUG']) console.error(error);
      process.exitCode = EXIT.incomplete;
    }
  }
}
