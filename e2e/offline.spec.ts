// After the first visit the network is not needed any more: not to open the program, to answer, to train, or to take
// all of it to another device.
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BrowserContext, Page, TestInfo } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { BackupPanel } from './pages/backup-panel.ts';
import { HistoryPage } from './pages/history-page.ts';
import { ModelsPage } from './pages/models-page.ts';
import { PredictPage } from './pages/predict-page.ts';
import { RunPage } from './pages/run-page.ts';
import { TrainPage } from './pages/train-page.ts';
import { heartSound, type TestFile } from './recordings.ts';

test.use({ serviceWorkers: 'allow' });

const N_PER_CLASS = 6;
/** Sound as a phone records it; the browser decodes it. */
const REAL_FORMAT: TestFile = {
  name: 'phone.m4a',
  mimeType: 'audio/mp4',
  buffer: readFileSync(join(import.meta.dirname, 'fixtures/sound.m4a')),
};

/** Opens the program once and waits until it is kept; from then on there is no network. */
async function visitOnce(page: Page, context: BrowserContext): Promise<void> {
  await page.goto('/?backend=wasm#/settings');
  await expect(page.getByText('Ready: the program is kept on this device')).toBeVisible();
  await context.setOffline(true);
}

async function wardFolder(info: TestInfo): Promise<string> {
  const folder = info.outputPath('ward');
  for (const kind of ['normal', 'murmur'] as const)
    for (let seed = 1; seed <= N_PER_CLASS; seed++) {
      const path = join(folder, kind, `${kind}-${String(seed)}.wav`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, heartSound('', kind === 'normal' ? seed : 100 + seed, kind).buffer);
    }
  return folder;
}

/** What the model in use says of a new patient. */
async function askModel(page: Page): Promise<{ model: string; probabilities: Record<string, number> }> {
  const predict = new PredictPage(page);
  await page.getByRole('link', { name: 'Predict' }).click();
  await page.getByRole('main').hover();
  await predict.choose(heartSound('new-patient.wav', 999, 'murmur'));
  const { model, probabilities } = await predict.result();
  return { model: model.id, probabilities };
}

test('without a network after the first visit: opened, answered, trained, backed up, and all of it found on another device', async ({
  page,
  context,
  browser,
  baseURL,
}, info) => {
  const [train, run, predict] = [new TrainPage(page), new RunPage(page), new PredictPage(page)];
  await visitOnce(page, context);
  await page.reload();
  await page.getByRole('link', { name: 'Predict' }).click();
  await page.getByRole('main').hover();
  await predict.choose(REAL_FORMAT);
  expect(await predict.result()).toMatchObject({
    backend: 'wasm',
    sampleRateHz: expect.any(Number),
    error: null,
  });

  await train.open();
  await train.addFolder(await wardFolder(info));
  await train.confirm();
  await run.plan();
  await run.choose('New last layer', 3);
  await run.start();
  await run.judged();
  await run.promote();
  const answer = await askModel(page);
  expect(Object.keys(answer.probabilities)).toEqual(['normal', 'murmur']);

  const panel = new BackupPanel(page);
  await panel.visit();
  await page.getByRole('radio', { name: 'Dark' }).check();
  const backup = await panel.makeAsDownload();

  const other = await browser.newContext({ baseURL: baseURL ?? '', reducedMotion: 'reduce' });
  const there = await other.newPage();
  await visitOnce(there, other);
  const restored = new BackupPanel(there);
  await restored.open(backup);
  expect(await restored.counts('Recordings')).toEqual(['0', String(2 * N_PER_CLASS)]);
  expect(await restored.counts('Models')).toEqual(['0', '1']);
  expect(await restored.counts('Training runs')).toEqual(['0', '1']);
  await restored.restore('Replace everything here');

  await expect(there.locator('html')).toHaveAttribute('data-theme', 'dark');
  const again = await askModel(there);
  expect(again).toEqual(answer);
  const history = new HistoryPage(there);
  await history.visit();
  await expect(history.entry('phone.m4a')).toBeVisible();
  const models = new ModelsPage(there);
  await models.visit();
  await expect(models.rows).toHaveCount(2);
  const pages = there.getByRole('navigation', { name: 'Pages' });
  await pages.getByRole('link', { name: 'Train' }).click();
  await there.getByRole('main').hover();
  const collection = new TrainPage(there);
  await expect(collection.rows).toHaveCount(2 * N_PER_CLASS);
  await collection.row('murmur-1.wav').getByRole('rowheader').click();
  // Its sound came along: it is drawn and can be heard.
  await expect(
    there
      .getByRole('region', { name: /murmur-1\.wav/ })
      .locator('canvas')
      .first(),
  ).toBeVisible();
  await pages.getByRole('link', { name: 'Monitor' }).click();
  await there.getByRole('main').hover();
  await expect(there.getByRole('link', { name: /New last layer/ }).first()).toBeVisible();
  await other.close();
});
