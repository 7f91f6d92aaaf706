// The fuzzer finds what it is there to find: each kind of fault, planted in a reader of its own, ends the run with
// exit code 1, a word for it, and a short input that shows it again.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Inputs } from './inputs.ts';
import type { Reader } from './reader.ts';
import { READERS, readerOf } from './readers.ts';

const PLANTED = fileURLToPath(new URL('./fixtures/planted-readers.ts', import.meta.url));

/** One run over all of them. */
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [
    '--import',
    'tsx',
    'src/fuzz/fuzz.ts',
    '--readers',
    PLANTED,
    '--inputs',
    '60',
    '--seed',
    '4',
    '--patience',
    '2',
  ],
  { encoding: 'utf8' },
);

describe('a planted fault is found:', () => {
  it.each([
    ['throws', /TypeError/],
    ['mumbles', /without a sentence/],
    ['lies', /BrokenPromise: a number holds NaN/],
    ['hangs', /no answer within 2 s/],
    ['forgets', /a promise that is never settled/],
    ['strays', /a rejection that nobody awaited/],
    ['swells', /more memory than the budget/],
    ['hoards', /left behind|MB of objects/],
    ['dies', /the process ended with code 7/],
  ])('%s', (reader, told) => {
    const findings = stdout.split('\n').filter((line) => line.startsWith(`${reader}: `));
    expect(findings, stderr).toHaveLength(1);
    expect(findings[0]).toMatch(told);
    expect(status).toBe(1);
  });

  it('and is written down as short as it can be', () => {
    const path = /--reader throws --file (\S+)/.exec(stdout)?.[1] ?? '';
    expect([...readFileSync(path)]).toEqual([0x21]);
  });
});

it('a reader that keeps its promise passes', () => {
  expect(stdout).toMatch(/behaves +60 +60 +0/);
});

describe('inputs', () => {
  it.each(Object.keys(READERS))(
    'of %s begin with files that are whole, and follow from the seed',
    async (name) => {
      const reader: Reader = await readerOf(READERS, name);
      const [one, again, other] = await Promise.all([3, 3, 4].map((seed) => Inputs.of(reader, seed)));
      const numbers = Array.from({ length: 60 }, (_, i) => i);
      const texts = [one, again, other].map((inputs) =>
        numbers.map((i) => Buffer.from(inputs!.at(i)).toString('base64')),
      );
      expect(texts[0]).toEqual(texts[1]);
      expect(texts[0]).not.toEqual(texts[2]);
      expect(new Set(texts[0]).size).toBeGreaterThan(40);
      await reader.read(one!.at(0));
    },
  );
});
