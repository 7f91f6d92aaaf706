// All that is kept goes into one file and comes back from it, into a profile that has nothing and into one that has
// things of its own; what is no backup, or no whole one, changes nothing and says why.
import AxeBuilder from '@axe-core/playwright';
import { strToU8, unzipSync, zipSync } from 'fflate';
import type { Page } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { keepRuns, keptRun } from './kept-runs.ts';
import { BackupPanel } from './pages/backup-panel.ts';
import { HistoryPage } from './pages/history-page.ts';
import { PredictPage } from './pages/predict-page.ts';
import { TrainPage } from './pages/train-page.ts';
import { heartSound, type TestFile } from './recordings.ts';

const zipFile = (files: Record<string, Uint8Array>): TestFile => ({
  name: 'backup.zip',
  mimeType: 'application/zip',
  buffer: Buffer.from(zipSync(files, { level: 0 })),
});

test('a backup is restored into an empty profile, and into one that has things of its own', async ({
  page,
  browser,
  baseURL,
}) => {
  const [train, predict, panel] = [new TrainPage(page), new PredictPage(page), new BackupPanel(page)];
  await predict.open('backend=wasm');
  await predict.choose([heartSound('one.wav', 1), heartSound('two.wav', 2)]);
  await expect(page.getByText('2 of 2').first()).toBeVisible();
  await train.open();
  await train.addFiles([heartSound('a.wav', 3), heartSound('b.wav', 4)]);
  await train.confirm();
  await keepRuns(page, [keptRun('run-1')]);
  await panel.visit();
  await page.getByRole('radio', { name: 'Dark' }).check();

  const backup = await panel.makeAsDownload();
  const asFile = await panel.makeAsFile();
  const files = unzipSync(backup.buffer);
  expect(Object.keys(unzipSync(asFile.buffer))).toEqual(Object.keys(files));
  await expect(page.getByText(/^Last backup: /)).toBeVisible();

  const context = await browser.newContext({ baseURL: baseURL ?? '', reducedMotion: 'reduce' });
  const elsewhere = await context.newPage();
  await elsewhere.goto('/?backend=wasm#/settings');
  const there = new BackupPanel(elsewhere);
  await there.open(backup);
  expect(await there.counts('Recordings')).toEqual(['0', '2']);
  expect(await there.counts('Results')).toEqual(['0', '2']);
  expect(await there.counts('Training runs')).toEqual(['0', '1']);
  const { violations } = await new AxeBuilder({ page: elsewhere }).analyze();
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => [id, target]))).toEqual([]);
  await there.restore('Replace everything here');
  await expect(elsewhere.locator('html')).toHaveAttribute('data-theme', 'dark');
  const history = new HistoryPage(elsewhere);
  await history.visit();
  await history.openEntry('one.wav + 1');
  await expect(elsewhere.getByRole('row', { name: /two\.wav/ })).toBeVisible();

  // Another tab of the same profile hears of what is restored in this one, settings included.
  await there.visit();
  await elsewhere.getByRole('radio', { name: 'Light' }).check();
  const second = await context.newPage();
  await second.goto('/?backend=wasm#/train');
  const trainThere = new TrainPage(second);
  await expect(trainThere.rows).toHaveCount(2);
  await trainThere.addFiles(heartSound('c.wav', 5));
  await trainThere.confirm();
  await expect(second.locator('html')).toHaveAttribute('data-theme', 'light');
  await there.open(backup);
  expect(await there.counts('Recordings')).toEqual(['3', '2']);
  await expect(there.offer).toContainText('Removes 1 recording that it does not have');
  await there.restore('Add what is missing');
  await expect(trainThere.rows).toHaveCount(3);
  await there.open(backup);
  await there.restore('Replace everything here');
  await expect(trainThere.rows).toHaveCount(2);
  await expect(second.locator('html')).toHaveAttribute('data-theme', 'dark');
  await context.close();
});

test('what is no whole backup of this program is refused with a sentence, and changes nothing', async ({
  page,
}) => {
  const [train, panel] = [new TrainPage(page), new BackupPanel(page)];
  await train.open();
  await train.addFiles(heartSound('a.wav'));
  await train.confirm();
  await panel.visit();
  const backup = await panel.makeAsDownload();
  const files = unzipSync(backup.buffer);
  const manifest = new TextDecoder().decode(files['manifest.json']);
  const sound = Object.keys(files).find((path) => path.startsWith('sounds/')) ?? '';
  const cut = { ...backup, buffer: backup.buffer.subarray(0, backup.buffer.length / 2) };
  const refusals: [TestFile, RegExp][] = [
    [zipFile({ 'letter.txt': strToU8('Dear diary') }), /no backup of this program/],
    [heartSound('a.zip'), /no zip/],
    [cut, /no zip|damaged/],
    [
      zipFile({ ...files, 'manifest.json': strToU8(manifest.replace('backup/1', 'backup/2')) }),
      /newer version/,
    ],
    [zipFile({ ...files, [sound]: new Uint8Array(files[sound]?.length ?? 0) }), /SHA-256 differs/],
    [zipFile({ ...files, '../evil.json': strToU8('[]') }), /leads out/],
    [zipFile({ ...files, 'more.json': strToU8('[]') }), /not in its list/],
  ];
  for (const [file, why] of refusals) {
    await panel.open(file);
    await expect(panel.refusal).toHaveText(why);
    await page.getByRole('alert').getByRole('button', { name: 'Close' }).click();
  }
  await panel.open(zipFile(files));
  await expect(panel.offer).toBeVisible();
  expect(await panel.counts('Recordings')).toEqual(['1', '1']);
});

test('nothing is restored while a recording is under way', async ({ page, context }) => {
  const panel = new BackupPanel(page);
  await page.goto('/?backend=wasm#/settings');
  const backup = await panel.makeAsDownload();
  await panel.open(backup);
  await expect(panel.offer).toBeVisible();
  const other = await context.newPage();
  await other.goto('/');
  // As a tab does that answers, trains or records.
  await other.evaluate(() => {
    void navigator.locks.request('heartbeat.busy', { mode: 'shared' }, () => new Promise(() => undefined));
  });
  await panel.offer.getByRole('button', { name: 'Restore' }).click();
  await expect(panel.refusal).toHaveText(/under way in another tab/);
  await expect(page.getByText('Something is under way')).toBeVisible();
});

test('while one tab restores nothing begins in another, which then shows what was restored', async ({
  page,
  context,
}) => {
  const [predict, panel] = [new PredictPage(page), new BackupPanel(page)];
  await predict.open('backend=wasm');
  await predict.choose(heartSound('one.wav', 1));
  await expect(predict.answer).toBeVisible();
  await panel.visit();
  const backup = await panel.makeAsDownload();
  const other = await context.newPage();
  const there = new PredictPage(other);
  await there.open('backend=wasm');
  const dialog = other.getByRole('dialog', { name: 'Another tab is at work' });
  const held = async (): Promise<() => Promise<void>> => {
    await panel.open(backup);
    await expect(panel.offer).toBeVisible();
    const letGo = await holdReads(page);
    await panel.begin('Replace everything here');
    await expect(dialog).toBeVisible();
    return letGo;
  };

  // A file that was being picked there all the same: what comes of it stays, and nothing is restored.
  const giveUp = await held();
  await there.choose([heartSound('two.wav', 2), heartSound('three.wav', 3)]);
  await expect(other.getByText('2 of 2').first()).toBeAttached();
  await giveUp();
  await expect(panel.refusal).toHaveText(/under way in another tab/);
  await expect(dialog).toBeHidden();
  await expect(other.getByText('2 of 2').first()).toBeVisible();
  await page.getByRole('alert').getByRole('button', { name: 'Close' }).click();

  const restore = await held();
  for (let i = 0; i < 2; i++) await other.keyboard.press('Escape');
  await expect(dialog).toBeVisible();
  const picker = other.getByRole('button', { name: 'Open another' });
  await expect(picker.click({ timeout: 500 })).rejects.toThrow(/intercepts pointer events/);
  const late = await context.newPage();
  await late.goto('/?backend=wasm#/history');
  await expect(late.getByRole('dialog', { name: 'Another tab is at work' })).toBeVisible();
  await restore();
  await expect(panel.news).toBeVisible();
  for (const tab of [other, late]) await expect(tab.getByRole('dialog')).toHaveCount(0);
  await expect(other.getByText('2 of 2')).toHaveCount(0);
  await expect(new HistoryPage(late).entries).toHaveCount(1);
});

/** Nothing is read from files any more until the returned function is called. */
async function holdReads(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => {
    const letGo = new Promise<void>((resolve) => Object.assign(window, { letGo: resolve }));
    const read: unknown = Reflect.get(Blob.prototype, 'arrayBuffer');
    Blob.prototype.arrayBuffer = async function (this: Blob) {
      await letGo;
      return await (read as Blob['arrayBuffer']).call(this);
    };
  });
  return () => page.evaluate(() => (window as unknown as { letGo: () => void }).letGo());
}
