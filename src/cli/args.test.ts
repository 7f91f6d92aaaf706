import { describe, expect, it } from 'vitest';
import { helpText, readCommandLine, usageLine, UsageError } from './args.ts';

const FLAGS = {
  limit: ['count', 'N', 'only the first N'],
  csv: ['text', 'FILE', 'writes a table'],
  rate: ['number', 'X', 'of change'],
  shard: ['shard', 'K/N', 'one part'],
  backend: [['wasm', 'cpu'], 'NAME', 'where to compute'],
  force: ['switch', '', 'whatever is there'],
} as const;
const read = (...argv: string[]) => readCommandLine(argv, FLAGS);
const COMMAND = { call: 'npm run listen -- PATH', about: 'Listens.', flags: FLAGS };

describe('a command line', () => {
  it('gives paths and typed flags, wherever they stand', () => {
    expect(
      read('a.wav', '--limit', '50', 'b', '--csv=out.csv', '--rate=-0.5', '--backend', 'cpu', '--force'),
    ).toEqual({
      paths: ['a.wav', 'b'],
      flags: { limit: 50, csv: 'out.csv', rate: -0.5, backend: 'cpu', force: true },
    });
  });

  it('knows only the flags that were given', () => {
    expect(read('a.wav').flags).toEqual({});
  });

  it.each([
    ['1/1', 1, 1],
    ['3/16', 3, 16],
    ['016/16', 16, 16],
  ])('reads the shard %s', (text, part, parts) => {
    expect(read('--shard', text).flags.shard).toEqual({ part, parts });
  });

  it.each([
    '0/4',
    '5/4',
    '4',
    '/4',
    '4/',
    '-1/4',
    '1.5/4',
    '1/0',
    '1 / 4',
    'one/4',
    '',
    '1/99999999999999999999',
  ])('refuses the shard "%s"', (text) => {
    expect(() => read(`--shard=${text}`)).toThrow(UsageError);
    expect(() => read(`--shard=${text}`)).toThrow(
      `--shard takes K/N with K from 1 to N, such as 3/16, not "${text}"`,
    );
  });

  it.each([
    ['an unknown flag', ['--lmit', '5'], /--lmit/],
    ['a value that is missing', ['--csv'], /--csv/],
    ['no whole number', ['--limit', '1.5'], /--limit takes a whole number above 0, not "1.5"/],
    ['zero', ['--limit', '0'], /above 0/],
    ['a word for a number', ['--limit', 'ten'], /not "ten"/],
    ['an empty number', ['--limit', ''], /whole number/],
    ['a word that is none of the choices', ['--backend', 'cuda'], /one of wasm, cpu, not "cuda"/],
    ['an empty text', ['--csv='], /--csv needs a value/],
  ])('refuses %s in one line', (_, argv, sentence) => {
    expect(() => read(...argv)).toThrow(UsageError);
    expect(() => read(...argv)).toThrow(sentence);
    try {
      read(...argv);
    } catch (error) {
      expect((error as Error).message).not.toContain('\n');
    }
  });
});

describe('what a command says of itself', () => {
  it('is one line of usage with every flag', () => {
    expect(usageLine(COMMAND)).toBe(
      'npm run listen -- PATH [--limit N] [--csv FILE] [--rate X] [--shard K/N] [--backend NAME] [--force]',
    );
  });

  it('is a help with one aligned line a flag', () => {
    expect(helpText(COMMAND).split('\n').slice(-6)).toEqual([
      '  --limit N       only the first N',
      '  --csv FILE      writes a table',
      '  --rate X        of change',
      '  --shard K/N     one part',
      '  --backend NAME  where to compute',
      '  --force         whatever is there',
    ]);
    expect(helpText(COMMAND)).toMatch(/^npm run listen -- PATH \[FLAG\]\.\.\.\n\nListens\.\n\n/);
  });
});
