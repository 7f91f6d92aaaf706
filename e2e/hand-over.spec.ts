// The ways in and out besides the file picker: dropping files, folders and zips, pasting, cancelling, downloads,
// playing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { expect, test } from './app-test.ts';
import { drag, DROP } from './drag.ts';
import { BatchTable } from './pages/batch-table.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound } from './recordings.ts';

test('a dropped folder is heard with all its folders, and what is no sound is named', async ({
  page,
}, testInfo) => {
  const folder = testInfo.outputPath('ward');
  mkdirSync(join(folder, 'first', 'deep'), { recursive: true });
  writeFileSync(join(folder, 'first', 'deep', 'b.wav'), heartSound('', 2).buffer);
  writeFileSync(join(folder, 'a.wav'), heartSound('', 1).buffer);
  writeFileSync(join(folder, 'notes.txt'), 'no sound');
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await drag(page, [folder], ['dragEnter', 'dragOver']);
  await expect(page.getByText('Drop it: it will be listened to')).toBeVisible();
  await drag(page, [folder], ['drop']);
  const table = new BatchTable(page);
  await table.done(2);
  await expect(page.getByText('Drop it: it will be listened to')).toBeHidden();
  expect(await table.names()).toEqual(['ward/a.wav', 'ward/first/deep/b.wav']);
  await expect(page.getByText('One file was left out')).toBeVisible();
});

test('what hovers over the page and goes away without a word is not waited for', async ({
  page,
}, testInfo) => {
  const path = testInfo.outputPath('heart.wav');
  writeFileSync(path, heartSound().buffer);
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  const words = page.getByText('Drop it: it will be listened to');
  await drag(page, [path], ['dragEnter', 'dragOver']);
  await expect(words).toBeVisible();
  await expect(words).toBeHidden();
  await drag(page, [path], DROP);
  expect((await predict.result()).error).toBeNull();
  await expect(words).toBeHidden();
});

test('several files dropped on another page are heard', async ({ page }, testInfo) => {
  const paths = [1, 2, 3].map((seed) => testInfo.outputPath(`heart-${String(seed)}.wav`));
  paths.forEach((path, index) => writeFileSync(path, heartSound('', index + 1).buffer));
  await page.goto('/?backend=wasm#/settings');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await drag(page, paths, DROP);
  await expect(page.getByRole('heading', { level: 1, name: 'Predict' })).toBeVisible();
  await new BatchTable(page).done(3);
});

test('a dropped zip is unpacked, folders in it too', async ({ page }, testInfo) => {
  const path = testInfo.outputPath('hearts.zip');
  const sound = new Uint8Array(heartSound().buffer);
  writeFileSync(path, zipSync({ 'a.wav': sound, in: { 'b.wav': sound, 'read.me': strToU8('hello') } }));
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await drag(page, [path], DROP);
  const table = new BatchTable(page);
  await table.done(2);
  expect(await table.names()).toEqual(['hearts.zip/a.wav', 'hearts.zip/in/b.wav']);
});

test('a zip without a sound in it says so', async ({ page }, testInfo) => {
  const path = testInfo.outputPath('letters.zip');
  writeFileSync(path, zipSync({ 'a.txt': strToU8('hello') }));
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await drag(page, [path], DROP);
  await expect(page.getByText('There is no sound file in this zip.')).toBeVisible();
});

test('a pasted file is heard', async ({ page }) => {
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  const bytes = heartSound().buffer.toString('base64');
  await page.evaluate((base64) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], 'pasted.wav'));
    document.body.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }),
    );
  }, bytes);
  expect((await predict.result()).fileName).toBe('pasted.wav');
});

test('a long batch is cancelled in its middle: what was answered stays, and the rest can be heard later', async ({
  page,
}) => {
  const predict = new PredictPage(page);
  const table = new BatchTable(page);
  await predict.open('backend=wasm');
  const sounds = [1, 2, 3].map((seed) => heartSound('', seed));
  const total = 300;
  const files = Array.from({ length: total }, (_, i) => ({
    ...(sounds[i % 3] ?? heartSound()),
    name: `n-${String(i)}.wav`,
  }));
  await predict.choose(files);
  // Any number from 3 on: a fast machine is past the first few before anybody looks.
  await expect(table.count).toHaveText(/^([3-9]|\d{2,}) of 300/);
  await table.cancelButton.click();
  await expect(table.cancelButton).toBeHidden();
  const done = Number(/\d+/.exec((await table.count.textContent()) ?? '')?.[0]);
  expect(done).toBeGreaterThan(2);
  expect(done).toBeLessThan(total);
  // Only the rows around the visible ones are drawn: the last of all was never heard.
  expect(await table.rows.count()).toBeLessThan(total / 4);
  await table.scrollToEnd();
  await expect(table.row('n-299.wav')).toContainText('not heard');
  await table.filter('Status', 'answered');
  await expect(table.shown).toContainText(`of ${String(total)} shown`);
  await page.getByRole('button', { name: 'Hear the rest' }).click();
  await table.done(total);
  expect((await table.downloadResults()).length).toBe(total);
  await predict.choose(heartSound('next.wav'));
  expect((await predict.result()).fileName).toBe('next.wav');
});

test('what is downloaded is what is shown', async ({ page }) => {
  const predict = new PredictPage(page);
  const table = new BatchTable(page);
  await predict.open('backend=wasm');
  await predict.choose([heartSound('=one.wav', 1), heartSound('two.wav', 2)]);
  await table.done(2);
  const results = await table.downloadResults();
  expect(results.map((result) => result.fileName)).toEqual(['=one.wav', 'two.wav']);
  const [header, first, second, ...more] = (await table.download('CSV')).trimEnd().split('\r\n');
  expect(header).toMatch(/^\uFEFF?file_name,status,predicted_class,confidence,probability_normal,/);
  // A spreadsheet would take a name that begins with = for a formula.
  expect(first).toMatch(/^"?'=one\.wav/);
  expect(second).toContain(String(results[1]?.probabilities['abnormal']));
  expect(more).toEqual([]);
  await table.find('two');
  await expect(table.shown).toContainText('1 of 2 shown');
  expect((await table.downloadResults()).map((result) => result.fileName)).toEqual(['two.wav']);
});

test('a 2 kHz recording is played, and the cursor goes along', async ({ page }) => {
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await predict.choose(heartSound());
  await predict.result();
  const position = page.getByRole('slider', { name: 'Position in the recording' });
  const at = async (): Promise<number> => Number(await position.getAttribute('aria-valuenow'));
  const play = page.getByRole('button', { name: 'Play' });
  await expect(play).toBeEnabled();
  expect(await at()).toBe(0);
  await play.click();
  await expect.poll(at).toBeGreaterThan(1);
  await page.getByRole('button', { name: 'Pause' }).click();
  const paused = await at();
  await page.keyboard.press('ArrowRight');
  expect(await at()).toBeCloseTo(paused + 1, 1);
});
