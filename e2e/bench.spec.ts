// `npm run bench` in its quick form: every figure is there, whatever the machine; how large they are is not tested.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchDocument } from '../src/cli/bench-figures.ts';
import { expect, test } from './app-test.ts';
import { heartSound } from './recordings.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Builds a page, opens three browsers and compares with two other programs: half a minute on two quiet cores. */
const PATIENCE_MS = 300_000;

/** The same on every machine; a browser with WebGPU hardware has more. */
const FIGURES = [
  ...['recordings', 'sound', 'workers', 'tensors'].map((name) => `throughput.wasm.${name}`),
  ...['2', '4', '8', '16', 'exponent', 'exponent.large'].map((name) => `cost.${name}`),
  ...['recordings', 'longest-task', 'frame-gap.p95', 'frame-gap.max', 'memory'].map((name) => `page.${name}`),
  ...['median', 'max'].map((name) => `page.cancel.${name}`),
  ...['paint', 'answer'].map((name) => `start.${name}`),
  ...['first-paint', 'app', 'model', 'wasm', 'all'].map((name) => `download.${name}`),
  ...['hash', 'decode', 'resample-from-4-kHz', 'resample-from-44.1-kHz'].map((name) => `stage.${name}`),
  ...['quality-and-heart-rate', 'log-mel', 'features', 'network'].map((name) => `stage.${name}`),
  ...['1', '16'].map((nWindows) => `network.wasm.${nWindows}`),
  'log-mel',
];

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-'));
});
test.afterEach(() => {
  rmSync(folder, { recursive: true });
});

const bench = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', join(ROOT, 'src/cli/bench.ts'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  });

test('a quick bench has every figure, in the table and as JSON, and leaves nothing behind', () => {
  test.setTimeout(PATIENCE_MS);
  for (const seed of [1, 2]) {
    const { name, buffer } = heartSound(`heart-${String(seed)}.wav`, seed);
    writeFileSync(join(folder, name), buffer);
  }
  const json = join(folder, 'bench.json');
  const run = bench('--quick', '--data', folder, '--json', json);
  expect(run, run.stderr).toMatchObject({ status: 0 });
  const { schema, isQuick, machine, figures } = JSON.parse(readFileSync(json, 'utf8')) as BenchDocument;
  expect({ schema, isQuick }).toEqual({ schema: 'heartbeat-bench/1', isQuick: true });
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.userAgent).toContain('Chrome');
  expect(figures.map(({ id }) => id)).toEqual(expect.arrayContaining(FIGURES));
  const lines = run.stdout.split('\n');
  for (const { id, what, value, n, peer, ratio } of figures) {
    // A slope over so few clips may come out on either side of zero.
    const isInRange = id.startsWith('cost.exponent') ? Number.isFinite(value) : value > 0 && value < Infinity;
    expect(isInRange && n > 0, `${id} is a figure: ${String(value)}`).toBe(true);
    expect(
      lines.some((line) => line.startsWith(what)),
      `${id} is in the table`,
    ).toBe(true);
    if (peer === null) expect(ratio, id).toBeNull();
    else expect(ratio, id).toBeCloseTo(value / peer.value, 12);
  }
  // The names it gave to the recordings were its own: these are as they were.
  expect(readdirSync(folder).sort()).toEqual(['bench.json', 'heart-1.wav', 'heart-2.wav']);
  expect(readFileSync(join(folder, 'heart-1.wav'))).toEqual(heartSound('', 1).buffer);
});

test('mistakes in the command are one line and exit code 2', () => {
  for (const [mistake, args] of [
    ['--data', [folder]],
    ['no sound file', ['--data', folder]],
    ['is a folder', ['--json', folder]],
  ] as const) {
    const run = bench(...args);
    expect(run, run.stderr).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toContain(mistake);
  }
});

test('Ctrl+C ends it at once, without figures', async () => {
  writeFileSync(join(folder, 'heart.wav'), heartSound().buffer);
  const json = join(folder, 'bench.json');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'src/cli/bench.ts'), '--quick', '--data', folder, '--json', json],
    { cwd: ROOT },
  );
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const code = new Promise((resolve) => child.on('close', resolve));
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('Throughput')) resolve();
    });
  });
  child.kill('SIGINT');
  expect({ code: await code, out }).toEqual({ code: 130, out: '' });
  expect(readdirSync(folder)).toEqual(['heart.wav']);
});
