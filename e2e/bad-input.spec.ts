// Nothing that a person can hand over hangs the app: it gets its sentence and code, and the next file works.
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { PredictPage } from './pages/predict-page.ts';
import {
  badFiles,
  eightChannels,
  heartSound,
  lockedZip,
  lyingHeader,
  notANumber,
  silence,
  truncated,
} from './recordings.ts';

let folder: string;
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
});
test.afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function opened(page: Page): Promise<PredictPage> {
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  return predict;
}

/** Whatever came before, a good recording gets its answer. */
async function expectNextFileWorks(predict: PredictPage): Promise<void> {
  await predict.choose(heartSound('next.wav'));
  expect(await predict.result()).toMatchObject({ fileName: 'next.wav', error: null });
}

test('a recording that gives no answer says why, and the next one works', async ({ page }) => {
  const predict = await opened(page);
  for (const { file, code } of badFiles())
    await test.step(file.name, async () => {
      await predict.choose(file);
      await expect(predict.problem).toContainText(file.name);
      expect(await predict.problemCode()).toBe(code);
    });
  await expectNextFileWorks(predict);
});

test('a damaged recording is heard as far as it goes', async ({ page }) => {
  const predict = await opened(page);
  for (const [file, durationSec] of [
    [truncated(), 10],
    [lyingHeader(), 10],
    [eightChannels(), 10],
    [notANumber(), 10],
  ] as const)
    await test.step(file.name, async () => {
      await predict.choose(file);
      await expect(page.getByText(file.name).first()).toBeVisible();
      const result = await predict.result();
      expect(result.fileName).toBe(file.name);
      expect(result.durationSec).toBeCloseTo(durationSec, 1);
      expect(result.error).toBeNull();
      const probabilities = Object.values(result.probabilities);
      expect(probabilities).toHaveLength(2);
      for (const probability of probabilities) expect(probability).toBeGreaterThanOrEqual(0);
    });
  await expectNextFileWorks(predict);
});

test('silence is inconclusive', async ({ page }) => {
  const predict = await opened(page);
  await predict.choose(silence());
  const result = await predict.result();
  expect(result.status).toBe('inconclusive');
  expect(result.quality?.reasons).toContain('silent');
  await expectNextFileWorks(predict);
});

test('a zip with a password is left out, and says so', async ({ page }) => {
  const predict = await opened(page);
  await predict.choose(lockedZip());
  await expect(page.getByText(/password/).first()).toBeVisible();
  await expectNextFileWorks(predict);
});

test('a folder without a sound in it says so', async ({ page }) => {
  const predict = await opened(page);
  const empty = mkdtempSync(join(folder, 'empty-'));
  for (const name of ['notes.txt', 'more.txt']) writeFileSync(join(empty, name), 'no sound');
  await predict.chooseFolder(empty);
  await expect(page.getByText('Nothing in it could be listened to.')).toBeVisible();
  await expectNextFileWorks(predict);
});

test('a file that vanishes before it is read says so', async ({ page }) => {
  // The model's weights are held back, so that the file is chosen and gone before it is its turn.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(/weights.*\.bin$/, async (route) => {
    await held;
    await route.continue();
  });
  const predict = await opened(page);
  const path = join(folder, 'vanishing.wav');
  writeFileSync(path, heartSound().buffer);
  await predict.choose(path);
  unlinkSync(path);
  release();
  expect(await predict.problemCode()).toBe('file-unreadable');
  await expectNextFileWorks(predict);
});
