// The rules about words, asked about code with and without words in it.

import { Linter } from 'eslint';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import words from './words.js';

const config = [
  { files: ['**/*.ts'], languageOptions: { parser: ts.parser } },
  ...svelte.configs.base,
  {
    files: ['**/*.ts', '**/*.svelte'],
    plugins: { words },
    rules: {
      'words/phrases': ['error', { captions: true }],
      'words/errors': 'error',
      'words/markup': 'error',
    },
  },
];

/** Rules that the code breaks, by their names without the plugin's. */
function broken(code, fileName) {
  const found = new Linter({ configType: 'flat' }).verify(code, config, fileName);
  return found.map(({ ruleId, message }) => ruleId?.replace('words/', '') ?? message);
}

describe('words', () => {
  it.each([
    ["throw invalid('it is cut short');", ['phrases']],
    ['note(`Left out ${name}`);', ['phrases']],
    ['const size = `${n} min`;', ['phrases']],
    ["note('Cancelled.');", ['phrases']],
    ["const page = { label: 'Predict' };", ['phrases']],
    ["throw new Error('There is no canvas.');", ['phrases']],
    ["throw new AppError('internal', 'gone');", ['errors']],
    ["throw new AppError('internal', isGone ? 'gone' : texts.there, { cause });", ['errors']],
    ['throw new AppError(code, why + `: ${n}`, { cause });', []],
  ])('are found in %s', (code, rules) => {
    expect(broken(code, 'some.ts')).toEqual(rules);
  });

  it.each([
    ["import a from './two words.ts';"],
    ["type Way = 'last blocks' | 'all layers';"],
    ["throw new RangeError('Two classes expected');"],
    ["console.warn('it is slow here');"],
    ["if (event.key === 'Escape' || list.includes('Files')) stop();"],
    ["throw new AppError('internal', texts.damaged('a-name'));"],
    ["const kind = { 'two words': 1, kind: 'training', code: 'UTF-8', name: 'AbortError' };"],
  ])('are not seen in %s', (code) => {
    expect(broken(code, 'some.ts')).toEqual([]);
  });

  it.each([
    ['<p>Hello</p>', 1],
    ['{#if a}<b>{n}</b> files{/if}', 1],
    ["<p>{n === 1 ? 'file' : 'files'}</p>", 2],
    ['<p>{`${n} s`}</p>', 1],
    ['<button aria-label="close"></button>', 1],
    ["<button title={isOpen ? 'close' : texts.open}></button>", 1],
    ['<Notice kind="bad" words="Try again" />', 1],
    ['<img alt="heart" />', 1],
  ])('are found in the markup %s', (code, count) => {
    expect(broken(code, 'Some.svelte').filter((rule) => rule === 'markup')).toHaveLength(count);
  });

  it.each([
    ['<p class="row is open" style="top: 0">{texts.hello} · {n}</p>'],
    ['<style>p { color: red }</style>'],
    ['<script>const a = 1;</script>'],
    ['<Chart {label} title={texts.title(n)} kind="line" d="M 0 L 1" />'],
    ["<p class={isOpen ? 'open' : 'shut'}>{format(n, 'digits')}</p>"],
  ])('are not seen in the markup %s', (code) => {
    expect(broken(code, 'Some.svelte')).toEqual([]);
  });
});
