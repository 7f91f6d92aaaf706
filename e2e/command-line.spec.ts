// The command line gives the page's numbers, its contract of files and exit codes, and never a crash.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResultsDocument } from '../src/core/report/results-json.ts';
import { strToU8, zipSync } from 'fflate';
import { expect, test } from './app-test.ts';
import { PredictPage } from './pages/predict-page.ts';
import { badFiles, heartSound, lockedZip } from './recordings.ts';
import { writeTinyModel } from './tiny-model.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Run {
  code: number | null;
  out: string;
  err: string;
}

type Command = 'predict' | 'evaluate' | 'train';

/** `npm run COMMAND -- ...args` without npm's own start-up. */
function start(command: Command, ...args: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', join(ROOT, `src/cli/${command}.ts`), ...args], {
    cwd: ROOT,
  });
}

function ended(child: ChildProcessWithoutNullStreams): Promise<Run> {
  return new Promise((resolve) => {
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => {
      resolve({ code, out, err });
    });
  });
}

const predict = (...args: string[]): Promise<Run> => ended(start('predict', ...args));

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

/** Rows of a table that has no line break in a cell, by file name, without what two runs never share. */
function rowsOf(csv: string): Record<string, string>[] {
  const [header = [], ...rows] = readFileSync(csv, 'utf8')
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/));
  const kept = header.filter((name) => name !== 'timestamp' && name !== 'processing_ms');
  return rows
    .map((row) => Object.fromEntries(kept.map((name) => [name, row[header.indexOf(name)] ?? ''])))
    .sort(byName);
}

const byName = (a: Record<string, string>, b: Record<string, string>): number =>
  (a['file_name'] ?? '') < (b['file_name'] ?? '') ? -1 : 1;

/** Two folders, a zip with a bad file in it, a bad file beside it, and something that is no sound. */
function mixedArchive(): { archive: string; nRecordings: number } {
  const archive = join(folder, 'in');
  mkdirSync(join(archive, 'b', 'deep'), { recursive: true });
  for (let seed = 1; seed <= 5; seed++)
    writeFileSync(join(archive, seed % 2 ? 'b' : '', `s${String(seed)}.wav`), heartSound('', seed).buffer);
  const corrupt = strToU8('RIFF, and then nothing of the kind');
  writeFileSync(join(archive, 'b', 'deep', 'corrupt.wav'), corrupt);
  writeFileSync(join(archive, 'notes.txt'), 'nothing to hear');
  const entries = {
    'z/1.wav': heartSound('', 6).buffer,
    'z/bad.wav': corrupt,
    'z/2.wav': heartSound('', 7).buffer,
  };
  writeFileSync(join(archive, 'more.zip'), zipSync(entries));
  return { archive, nRecordings: 9 };
}

test('two shards side by side are together what one run is', async () => {
  const { archive, nRecordings } = mixedArchive();
  const runInto = (name: string, ...args: string[]) => {
    const [csv, json] = [join(folder, `${name}.csv`), join(folder, `${name}.json`)];
    return predict(archive, '--csv', csv, '--json', json, '--backend', 'wasm', ...args);
  };
  const [first, second] = await Promise.all([runInto('1', '--shard', '1/2'), runInto('2', '--shard', '2/2')]);
  const whole = await runInto('whole');
  // Each has one of the two bad files: the first and the sixth of the list.
  expect([first.code, second.code], first.err + second.err).toEqual([1, 1]);
  expect(whole.code, whole.err).toBe(1);

  const shards = ['1', '2'].map((name) => rowsOf(join(folder, `${name}.csv`)));
  expect(shards.map((rows) => rows.length)).toEqual([5, 4]);
  const wholeRows = rowsOf(join(folder, 'whole.csv'));
  expect(wholeRows).toHaveLength(nRecordings);
  expect(wholeRows.filter((row) => row['status'] === 'error')).toHaveLength(2);
  expect(shards.flat().sort(byName)).toEqual(wholeRows);

  const [one, two, all] = ['1', '2', 'whole'].map((name) => document(join(folder, `${name}.json`)));
  expect([...(one?.skipped ?? []), ...(two?.skipped ?? [])]).toEqual(all?.skipped);
  // Recordings K, K + N, K + 2N … of the whole's order.
  const names = all?.results.map((result) => result.fileName) ?? [];
  expect(one?.results.map((result) => result.fileName)).toEqual(names.filter((_, i) => i % 2 === 0));
  expect(two?.results.map((result) => result.fileName)).toEqual(names.filter((_, i) => i % 2 === 1));
});

test('the limit counts in the shard, and a shard without recordings is a table without rows', async () => {
  const { archive } = mixedArchive();
  const limited = await predict(archive, '--shard', '2/3', '--limit', '1');
  expect(
    limited.out
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[0]),
  ).toEqual(['b/s1.wav']);
  const csv = join(folder, 'none.csv');
  const empty = await predict(archive, '--shard', '40/40', '--csv', csv);
  expect(empty.code, empty.err).toBe(0);
  expect(rowsOf(csv)).toEqual([]);
});

test('Ctrl+C keeps what is done, in whole documents', async () => {
  mkdirSync(join(folder, 'many'));
  writeFileSync(join(folder, 'one.wav'), heartSound().buffer);
  const total = 3000;
  for (let i = 0; i < total; i++)
    symlinkSync(join(folder, 'one.wav'), join(folder, 'many', `${String(i).padStart(4, '0')}.wav`));
  const [csv, json] = [join(folder, 'out.csv'), join(folder, 'out.json')];
  const child = start('predict', join(folder, 'many'), '--csv', csv, '--json', json, '--backend', 'wasm');
  const run = ended(child);
  await expect
    .poll(() => {
      const partial = readdirSync(folder).find((name) => /^out\.csv\..*partial$/.test(name));
      return partial === undefined ? 0 : readFileSync(join(folder, partial), 'utf8').split('\r\n').length;
    })
    .toBeGreaterThan(10);
  child.kill('SIGINT');
  const { code, err } = await run;
  expect(code, err).toBe(130);
  // What starts the command may end a little before the command itself.
  await expect.poll(() => existsSync(csv) && existsSync(json)).toBe(true);
  const names = rowsOf(csv).map((row) => row['file_name']);
  expect(names.length).toBeGreaterThan(8);
  expect(names.length).toBeLessThan(total);
  expect(document(json).results.map((result) => result.fileName)).toEqual(names);
  expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
});

test('a reader that goes away ends the run with one clear line', async () => {
  writeFileSync(join(folder, 'a.wav'), heartSound().buffer);
  const child = start('predict', folder, '--backend', 'wasm');
  const run = ended(child);
  child.stdout.destroy();
  const { code, err } = await run;
  expect(code, err).toBe(3);
  expect(err).toMatch(/^Standard output could not be written \(.*\)\.$/m);
});

/** Folders named by class, each with recordings of its own patients. */
function classFolders(name: string, kinds: Record<string, 'normal' | 'murmur'>, n: number): string {
  Object.entries(kinds).forEach(([label, kind], at) => {
    mkdirSync(join(folder, name, label), { recursive: true });
    for (let i = 0; i < n; i++)
      writeFileSync(join(folder, name, label, `${String(i)}.wav`), heartSound('', 100 * at + i, kind).buffer);
  });
  return join(folder, name);
}

test('a model goes on to other labels, carries what it was made from, and a verdict says what it forgot', async () => {
  const parent = join(folder, 'tiny');
  mkdirSync(parent);
  await writeTinyModel(parent);
  const train = (...args: string[]): Promise<Run> =>
    ended(start('train', ...args, '--from', parent, '--backend', 'wasm'));

  const known = classFolders('known', { normal: 'normal', abnormal: 'murmur' }, 6);
  const made = await train(known, '--replay-only');
  expect(made.code, made.err).toBe(0);
  expect(made.out).toMatch(/^replay\.bin: 12 windows/);

  const fresh = classFolders('fresh', { normal: 'normal', murmur: 'murmur', extrastole: 'murmur' }, 6);
  const planned = await train(fresh, '--dry-run');
  expect(planned.code, planned.err).toBe(0);
  expect(planned.out).toMatch(/\d windows that tiny was trained on are replayed/);
  expect(planned.out).toContain('Dry run');

  const child = join(folder, 'child');
  const run = await train(fresh, '--way', 'head', '--epochs', '2', '--out', child);
  expect(run.code, run.err).toBe(0);
  expect(run.out).toContain('Verdict:');
  const read = (name: string): unknown => JSON.parse(readFileSync(join(child, name), 'utf8'));
  expect(read('manifest.json')).toMatchObject({ id: 'child', labels: ['normal', 'extrastole', 'murmur'] });
  expect(readFileSync(join(child, 'replay.bin'))).toEqual(readFileSync(join(parent, 'replay.bin')));
  expect(read('verdict.json')).toMatchObject({
    schema: 'heartbeat-verdict/1',
    comparison: { labels: ['normal', 'not normal'] },
    forgetting: { nWindows: 4 },
  });
});

for (const [command, flags] of [
  ['predict', ['csv', 'json', 'model', 'shard', 'limit', 'backend']],
  ['evaluate', ['labels', 'model', 'json', 'limit', 'backend']],
  ['train', ['from', 'way', 'no-replay', 'patience', 'cross-validate', 'out', 'dry-run', 'backend']],
] as const)
  test(`${command} --help has a line for each flag`, async () => {
    const run = await ended(start(command, '--help'));
    expect(run).toMatchObject({ code: 0, err: '' });
    for (const flag of flags) expect(run.out).toMatch(new RegExp(`^  --${flag}\\b.* {2}\\S`, 'm'));
  });

// What is wrong with the line itself: args.test and collect.test.
for (const [what, args, sentence] of [
  ['a path that is not there', ['/nowhere/at/all'], /There is no file or folder/],
  ['a model folder that is none', ['.', '--model', '/tmp'], /not a model folder/],
  ['one file for two formats', ['.', '--csv', 'x.out', '--json', './x.out'], /--csv and --json both name/],
  ['a place that cannot be written to', ['.', '--csv', '/nowhere/at/all.csv'], /cannot be written/],
] as const)
  test(`${what} is one clear line and exit code 2`, async () => {
    const run = await predict(...args);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toMatch(sentence);
    expect(run.err.trimEnd().split('\n')).toHaveLength(1);
  });
