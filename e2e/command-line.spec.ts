// The command line gives the page's numbers, its contract of files and exit codes, and never a crash.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResultsDocument } from '../src/core/report/results-json.ts';
import { expect, test } from './app-test.ts';
import { PredictPage } from './pages/predict-page.ts';
import { badFiles, heartSound, lockedZip } from './recordings.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSX = join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');

interface Run {
  code: number | null;
  out: string;
  err: string;
}

/** `npm run predict -- ...args` without npm's own start-up. */
function predict(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [TSX, join(ROOT, 'src/cli/predict.ts'), ...args], { cwd: ROOT });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => {
      resolve({ code, out, err });
    });
  });
}

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-line-'));
});
test.afterEach(() => {
  rmSync(folder, { recursive: true });
});

const document = (path: string): ResultsDocument => JSON.parse(readFileSync(path, 'utf8')) as ResultsDocument;

test('page and command line give the same numbers for the same file', async ({ page }) => {
  const files = [1, 2].map((seed) => heartSound(`heart-${String(seed)}.wav`, seed));
  for (const { name, buffer } of files) writeFileSync(join(folder, name), buffer);
  const json = join(folder, 'out.json');
  const run = await predict(folder, '--json', json, '--backend', 'wasm');
  expect(run, run.err).toMatchObject({ code: 0, out: '' });
  const { schema, results } = document(json);
  expect(schema).toBe('heartbeat-results/1');
  expect(results.map((result) => result.fileName)).toEqual(files.map((file) => file.name));

  const screen = new PredictPage(page);
  await screen.open('backend=wasm');
  for (const [index, file] of files.entries()) {
    const told = results[index];
    await screen.choose(file);
    await expect(page.getByText(file.name).first()).toBeVisible();
    const seen = await screen.result();
    expect(seen).toMatchObject({
      fileName: told?.fileName,
      sha256: told?.sha256,
      status: told?.status,
      predictedClass: told?.predictedClass,
      threshold: told?.threshold,
      model: told?.model,
      backend: 'wasm',
    });
    for (const [label, probability] of Object.entries(seen.probabilities))
      expect(Math.abs(probability - (told?.probabilities[label] ?? NaN)), label).toBeLessThan(1e-4);
  }
});

test('a bad file is a row with its code, the others are answered, and the exit code says that one failed', async () => {
  const bad = badFiles();
  mkdirSync(join(folder, 'in'));
  for (const { file } of bad) writeFileSync(join(folder, 'in', file.name), file.buffer);
  writeFileSync(join(folder, 'in', 'z-good.wav'), heartSound().buffer);
  writeFileSync(join(folder, 'in', 'locked.zip'), lockedZip().buffer);
  const [csv, json] = [join(folder, 'out.csv'), join(folder, 'out.json')];
  const run = await predict(join(folder, 'in'), '--csv', csv, '--json', json);
  expect(run, run.err).toMatchObject({ code: 1, out: '' });
  const { results, skipped } = document(json);
  const codes = Object.fromEntries(results.map((result) => [result.fileName, result.error?.code ?? null]));
  expect(codes).toEqual({
    ...Object.fromEntries(bad.map(({ file, code }) => [file.name, code])),
    'z-good.wav': null,
  });
  expect(skipped.map((file) => file.fileName)).toEqual(['locked.zip']);
  expect(readFileSync(csv, 'utf8').trimEnd().split('\r\n')).toHaveLength(1 + results.length);
});

test('without a file to write to, the table goes to standard output and the progress does not', async () => {
  writeFileSync(join(folder, 'a.wav'), heartSound().buffer);
  writeFileSync(join(folder, 'b.wav'), heartSound('', 2).buffer);
  const run = await predict(folder, '--limit', '1');
  expect(run.code, run.err).toBe(0);
  const lines = run.out.trimEnd().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^file_name,status,predicted_class,confidence,probability_/);
  expect(lines[1]).toMatch(/^a\.wav,/);
  expect(run.err).toContain('1 of 1 recordings');
});

for (const [what, args, sentence] of [
  ['no path', [], /Name a recording/],
  ['a path that is not there', ['/nowhere/at/all'], /There is no file or folder/],
  ['an unknown flag', ['.', '--lmit', '3'], /Unknown option '--lmit'/],
  ['a bad value', ['.', '--limit', 'many'], /--limit takes a whole number/],
  ['a model folder that is none', ['.', '--model', '/tmp'], /not a model folder/],
  ['a place that cannot be written to', ['.', '--csv', '/nowhere/at/all.csv'], /cannot be written/],
] as const)
  test(`${what} is one clear line and exit code 2`, async () => {
    const run = await predict(...args);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toMatch(sentence);
    expect(run.err.trimEnd().split('\n')).toHaveLength(1);
  });
