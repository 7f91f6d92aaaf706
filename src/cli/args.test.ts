import { describe, expect, it } from 'vitest';
import { readCommandLine, UsageError } from './args.ts';

const KINDS = {
  limit: 'count',
  csv: 'text',
  rate: 'number',
  backend: ['wasm', 'cpu'],
  force: 'switch',
} as const;
const read = (...argv: string[]) => readCommandLine(argv, KINDS);

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
