// What a visitor downloads: little before the first paint, no tensor library in the page, a small model.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'playwright/test';
import { DIST } from '../src/cli/build.ts';
import { firstPaintFiles, staticImports } from '../src/cli/first-paint.ts';

/** Bytes that a browser needs before it can paint. */
const FIRST_PAINT_LIMIT = 100_000;
const MODEL_LIMIT = 1_000_000;

/** A sentence that only tfjs-core says. */
const TFJS_MARK = 'Tensor is disposed';

const read = (path: string): string => readFileSync(join(DIST, path), 'utf8');

test('the first paint needs less than 100 KB, and no tensors', () => {
  const files = firstPaintFiles();
  expect(files.length, files.join(' ')).toBeGreaterThan(1);
  const bytes = files.map((path) => gzipSync(readFileSync(join(DIST, path))).length);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_PAINT_LIMIT);
  for (const path of files) expect(read(path).includes(TFJS_MARK), path).toBe(false);
});

test('the tensor library is found where it belongs, in a worker', () => {
  const workers = readdirSync(join(DIST, 'assets')).filter((name) => /^compute\.worker-.*\.js$/.test(name));
  expect(workers).toHaveLength(1);
  const scripts = staticImports(workers.map((name) => `assets/${name}`));
  expect(scripts.some((path) => read(path).includes(TFJS_MARK))).toBe(true);
});

test('a model is at most 1 MB to download', () => {
  const weights = readdirSync(join(DIST, 'assets')).filter((name) => /^weights-.*\.bin$/.test(name));
  expect(weights.length).toBeGreaterThan(0);
  for (const name of weights)
    expect(statSync(join(DIST, 'assets', name)).size).toBeLessThanOrEqual(MODEL_LIMIT);
});
